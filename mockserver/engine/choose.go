package engine

import (
	"context"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// choice is the run and the scenario that a request plays.
type choice struct {
	run     *run.Run // nil where the request is about a run that does not exist
	machine *scenarios.Machine
	before  jsontext.Value // the run's state; nil for a new run
}

// choose finds the run that a request is about, or makes one. A request that is about no run gets one that is not kept.
func (q *request) choose(ctx context.Context) (choice, error) {
	l, err := q.engine.Library.Of(q.Account(), q.provider)
	if err != nil {
		return choice{}, err
	}
	if _, finds := q.call.Operation.Finds(); finds {
		return q.chooseForRun(ctx, l)
	}
	m, err := q.unpaid(l)
	if m == nil && err == nil {
		m, err = q.chosen(ctx, l, "")
	}
	if m == nil && err == nil {
		if m = l.Magic(q.scope); m == nil {
			m, err = q.defaultScenario(ctx, l)
		}
	}
	if err != nil {
		return choice{}, err
	}
	r := q.newRun(m, q.call.Operation.ID, q.call.Subject)
	if q.call.Operation.Starts() {
		if err := q.refer(ctx, q.call.Operation, r, q.scope); err != nil {
			return choice{}, err
		}
		if err := r.Remember(q.call.Body); err != nil {
			return choice{}, err
		}
	}
	q.show(r)
	if q.call.Operation.Starts() { // their expressions see the run
		r.Addresses = q.provider.Addresses(q.scope)
	}
	return choice{run: r, machine: m}, q.list(ctx)
}

// chooseForRun chooses for a request that names a run. The run's scenario plays, unless another was chosen that has a rule
// of its own for the operation. Such a scenario plays where there is no run, too, with one that is not kept; and where
// the provider has no response of its own for that, any scenario plays.
func (q *request) chooseForRun(ctx context.Context, l *scenarios.Library) (choice, error) {
	op := q.call.Operation
	r, err := run.FindFor(ctx, q, q.Account(), q.provider.Provider, q.call)
	if err != nil {
		return choice{}, err
	}
	if r != nil && r.Removed {
		return choice{}, &openapi.Error{Kind: openapi.NotFound, Message: "not found: it was deleted"}
	}
	own := ""
	if r != nil {
		own = r.Scenario
	}
	m, err := q.chosen(ctx, l, own)
	if err != nil {
		return choice{}, err
	}
	if r == nil {
		return q.chooseWithoutRun(ctx, l, m)
	}
	if m == nil || m.Scenario.Name == own || !m.Has(op.ID) { // it goes on as it began
		if m, err = q.machine(r, own); err != nil {
			return choice{}, err
		}
	}
	before, err := r.StateJSON()
	if err != nil {
		return choice{}, err
	}
	if q.scope.Resource, err = r.Change(op.Change(), q.call.Body); err != nil {
		return choice{}, err
	}
	q.show(r)
	return choice{r, m, before}, nil
}

func (q *request) chooseWithoutRun(ctx context.Context, l *scenarios.Library, m *scenarios.Machine) (choice, error) {
	op := q.call.Operation
	if m == nil {
		m = l.Magic(q.scope)
	}
	missing, _ := op.Finds()
	if missing == "" && m == nil {
		var err error
		if m, err = q.defaultScenario(ctx, l); err != nil {
			return choice{}, err
		}
	}
	if m == nil || missing != "" && !m.Has(op.ID) {
		return choice{}, nil
	}
	r := q.newRun(m, op.ID, q.call.Subject)
	if op.Change() != "" { // it exists from now on, or is gone
		var err error
		r.Reference = q.call.Reference
		if q.scope.Resource, err = r.Change(op.Change(), q.call.Body); err != nil {
			return choice{}, err
		}
	}
	q.scope.Named = q.call.Reference
	q.show(r)
	return choice{run: r, machine: m}, nil
}

// show has expressions see a run.
func (q *request) show(r *run.Run) {
	q.scope.Run, q.scope.Subject = r.Values(), r.Subject
	if r.Reference == "" && q.scope.Named != "" {
		named := *r
		named.Reference = q.scope.Named
		r = &named
	}
	q.scope.Fake, q.scope.Person = nil, r.Person(q.account, q.provider.Provider)
}

// maxListed is the number of runs that a response lists at most.
const maxListed = 100

// list has a response list the runs of the account that a listing is about, the latest first.
func (q *request) list(ctx context.Context) error {
	list := q.call.Operation.List()
	if list == "" {
		return nil
	}
	limit := maxListed
	for _, name := range []string{"limit", "page_size", "per_page", "pageSize", "perPage", "count"} {
		if n, err := strconv.Atoi(q.call.Query[name]); err == nil && n > 0 {
			limit = min(limit, n)
		}
	}
	runs, err := run.Listed(ctx, q.engine.Store, q.Account(), q.provider.Name, list, limit)
	if err != nil {
		return err
	}
	q.scope.Listed = []*template.Scope{}
	for _, r := range runs {
		scope, err := r.Scope(q.account, q.provider.Provider, q.Now)
		if err != nil {
			return err
		}
		q.scope.Listed = append(q.scope.Listed, scope)
	}
	return nil
}

// chosen returns the scenario that was chosen by name: the one the request names, or a pending one, which it counts. It is
// nil where there is none. own is the scenario of the run that the request is about; empty where there is no run yet.
func (q *request) chosen(ctx context.Context, l *scenarios.Library, own string) (*scenarios.Machine, error) {
	if q.in.Scenario != "" {
		m, err := l.Machine(q.in.Scenario)
		if err != nil {
			return nil, &openapi.Error{Kind: openapi.Invalid, Field: ScenarioHeader, Message: ScenarioHeader + ": " + err.Error()}
		}
		return m, nil
	}
	op := q.call.Operation
	// A pending scenario is for every request that starts a run, and for any other that it has a rule of its own for.
	takes := func(name string) (bool, error) {
		m, err := l.Machine(name)
		return err == nil && (op.Starts() || name != own && m.Has(op.ID)), err
	}
	target := account.Target{Provider: q.provider.Name, Subject: q.call.Subject}
	pending, ok, err := q.engine.Accounts.NextPending(ctx, q.Tx, q.account, target, takes)
	if err != nil || !ok {
		return nil, err
	}
	pending.Use(q.Tx)
	return l.Machine(pending.Scenario)
}

// defaultScenario returns the scenario that plays where nothing else was chosen: the account's default, the default
// account's, or the provider's own.
func (q *request) defaultScenario(ctx context.Context, l *scenarios.Library) (*scenarios.Machine, error) {
	layers, err := q.engine.Accounts.Layers(ctx, q.Tx, q.account)
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		if name := layer.Defaults[q.provider.Name]; name != "" {
			return l.Machine(name)
		}
	}
	return l.Machine(scenarios.Default)
}
