package faults

import (
	"context"
	"fmt"
	"slices"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Faults lists the faults set for an account or for the default account.
func (f *Injector) Faults(ctx context.Context, name string) ([]control.Fault, error) {
	a, err := f.accounts.Find(name)
	if err != nil {
		return nil, err
	}
	set, err := f.accounts.Settings(ctx, a)
	if err != nil {
		return nil, err
	}
	all := []control.Fault{}
	for _, s := range set.Faults {
		all = append(all, control.Fault{ID: s.ID, Account: name, On: s.On, Fault: s.Name, Args: s.Args, Provider: s.Provider,
			Event: s.Event, Operation: s.Operation, Endpoint: s.Endpoint, Times: s.Left})
	}
	return all, nil
}

// FaultCatalogue lists every fault that can be set.
func (f *Injector) FaultCatalogue() []control.FaultKind {
	var all []control.FaultKind
	for _, v := range fault.Verbs() {
		verb := control.FaultKind{Name: v.Name, Where: v.Where, About: v.About}
		for _, a := range v.Args {
			verb.Args = append(verb.Args, control.FaultParameter(a))
		}
		all = append(all, verb)
	}
	return all
}

// Add sets a fault that Check accepted for an account, and returns it with its ID.
func (f *Injector) Add(ctx context.Context, want control.Fault) (control.Fault, error) {
	a, err := f.accounts.Open(ctx, want.Account)
	if err != nil {
		return want, err
	}
	f.accounts.HasFaults.Store(true)
	err = f.accounts.Change(ctx, a, func(s *account.Settings) (journal.Data, error) {
		want.ID = a.NextID("x")
		s.Faults = append(s.Faults, account.Fault{ID: want.ID, On: want.On, Name: want.Fault, Args: want.Args,
			Scope: account.Scope{Provider: want.Provider, Event: want.Event, Endpoint: want.Endpoint}, Operation: want.Operation, Left: want.Times})
		return Entry(want), nil
	})
	return want, err
}

// Entry is the journal entry of a fault that is set.
func Entry(f control.Fault) journal.Fault {
	return journal.Fault{ID: f.ID, On: f.On, Fault: f.Fault, Args: f.Args, Provider: f.Provider, Event: f.Event,
		Operation: f.Operation, Endpoint: f.Endpoint, Delivery: f.Delivery, Times: f.Times}
}

// RemoveFault removes a fault, or all of an account's with an empty ID.
func (f *Injector) RemoveFault(ctx context.Context, name, id string) error {
	a, err := f.accounts.Find(name)
	if err != nil {
		return err
	}
	return f.accounts.Change(ctx, a, func(s *account.Settings) (journal.Data, error) {
		if id == "" {
			s.Faults = nil
			return journal.Fault{Removed: true}, nil
		}
		i := slices.IndexFunc(s.Faults, func(have account.Fault) bool { return have.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("fault %q: %w", id, store.ErrNotFound)
		}
		removed := s.Faults[i]
		s.Faults = slices.Delete(s.Faults, i, i+1)
		return journal.Fault{ID: id, On: removed.On, Fault: removed.Name, Removed: true}, nil
	})
}

// Check returns an error for a fault that cannot be set, and fills in where it applies.
func (f *Injector) Check(want *control.Fault) error {
	places := map[string]bool{}
	for _, v := range fault.Verbs() {
		for _, where := range v.Where {
			places[where] = places[where] || v.Name == want.Fault
		}
	}
	delivery, reply := want.Event != "" || want.Endpoint != "" || want.Delivery != "", want.Operation != ""
	switch {
	case delivery && reply:
		return control.Invalidf("operation: a fault applies to a response or to a delivery, not both: leave out operation, or event, endpoint and delivery")
	case want.On != "" && want.On != scenarios.InDelivery && want.On != scenarios.InReply:
		return control.Invalidf("on: unknown place %q, use %s or %s", want.On, scenarios.InDelivery, scenarios.InReply)
	case delivery:
		want.On = scenarios.InDelivery
	case reply:
		want.On = scenarios.InReply
	case want.On == "" && places[scenarios.InDelivery] && places[scenarios.InReply]:
		return control.Invalidf("on: required, as fault %s applies to a %s or to a %s", want.Fault, scenarios.InDelivery, scenarios.InReply)
	case want.On == "" && places[scenarios.InReply]:
		want.On = scenarios.InReply
	case want.On == "":
		want.On = scenarios.InDelivery
	}
	if err := fault.Check(scenarios.Fault{Name: want.Fault, Args: want.Args}, want.On); err != nil {
		return control.Invalidf("fault: %w", err)
	}
	return CheckScope(f.providers, want.Provider, want.Event, want.Operation)
}

// CheckScope returns an error for a scope that nothing can match: where a provider is named, its events and operations
// are known.
func CheckScope(providers Providers, provider, event, operation string) error {
	if provider == "" {
		return nil
	}
	i := slices.Index(providers.Names(), provider)
	if i < 0 {
		return control.Invalidf("unknown provider %q, use one of %v", provider, providers.Names())
	}
	p := providers.Openapi()[i]
	if event != "" && !slices.ContainsFunc(p.Events(), func(e *openapi.Event) bool { return glob.Match(event, e.Name) }) {
		return control.Invalidf("event: unknown event %q of %s", event, provider)
	}
	if operation == "" {
		return nil
	}
	operations, err := p.Operations()
	if err == nil && !slices.ContainsFunc(operations, func(op *openapi.Operation) bool { return glob.Match(operation, op.ID) }) {
		err = control.Invalidf("operation: unknown operation %q of %s", operation, provider)
	}
	return err
}
