package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/widget"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

var (
	_ widget.Backend = (*SDK)(nil)
	_ widget.Samples = (*SDK)(nil)
)

// SDK serves the questions of providers' browser scripts.
type SDK struct{ *Engine }

// Offer tells a browser script the possible outcomes: those of the operations that it is about to request, the scenario
// that would play, and whether that decides by itself.
func (s SDK) Offer(ctx context.Context, name string, q widget.Question) (widget.Offer, error) {
	p := s.Library.Provider(name)
	if p == nil || len(q.Operations) == 0 {
		return widget.Offer{}, control.Invalidf("operation: required, one of %s", name)
	}
	owner := s.Accounts.OwnerOf(p.Provider, q.Credential)
	l, err := s.Library.Of(owner, p)
	if err != nil {
		return widget.Offer{}, err
	}
	m, chosen, err := s.likely(ctx, p, l, owner, q)
	if err != nil {
		return widget.Offer{}, err
	}
	offer := widget.Offer{Scenario: m.Scenario.Name, Description: m.Scenario.Description, Outcomes: []widget.Outcome{}, Magic: magicSubjects(l)}
	for i, id := range q.Operations {
		op, err := p.Operation(id)
		if err != nil {
			return widget.Offer{}, err
		}
		if op == nil {
			return widget.Offer{}, control.Invalidf("operation: unknown operation %q of %s", id, name)
		}
		asks, only := asksPage(m, p.Provider, op)
		if i == 0 { // earlier operations refuse by themselves, or let it happen
			offer.Decided = chosen && m.Has(id) && !asks && m.Scenario.Name != scenarios.Default
		}
		for _, example := range op.Outcomes() {
			known := func(o widget.Outcome) bool { return o.Name == example.Name }
			if !slices.ContainsFunc(offer.Outcomes, known) && (len(only) == 0 || only[example.Name]) {
				offer.Outcomes = append(offer.Outcomes, widget.Outcome{Name: example.Name, Operation: id, Summary: example.Summary,
					Response: json.RawMessage(example.Value), Sends: eventsAfter(m, p.Provider, op, example.Name)})
			}
		}
	}
	return offer, nil
}

// Limit starts a time-out on an account's clock, and returns a function that waits for it.
func (s SDK) Limit(ctx context.Context, name, credential string, d time.Duration) (func(context.Context) error, error) {
	p, err := s.Library.Find(name)
	if err != nil {
		return nil, err
	}
	a, err := s.Accounts.Open(ctx, s.Accounts.OwnerOf(p.Provider, credential))
	if err != nil {
		return nil, err
	}
	end := a.Now().Add(d)
	return func(ctx context.Context) error { return a.Clock().Wait(ctx, end) }, nil
}

// likely is the scenario that a request would play, and whether it was chosen. Nothing is counted.
func (s SDK) likely(ctx context.Context, p *library.Provider, l *scenarios.Library, owner string, q widget.Question) (*scenarios.Machine, bool, error) {
	if q.Scenario != "" {
		m, err := l.Machine(q.Scenario)
		return m, true, invalid(err)
	}
	if r, err := run.Find(ctx, s.Store, owner, p.Name, q.Run); err != nil {
		return nil, false, err
	} else if q.Run != "" && r != nil { // its scenario was chosen when it started
		m, err := l.Machine(r.Scenario)
		return m, true, err
	}
	a, err := s.Accounts.Open(ctx, owner)
	if err != nil {
		return nil, false, err
	}
	takes := func(name string) (bool, error) {
		m, err := l.Machine(name)
		return err == nil && slices.ContainsFunc(q.Operations, m.Has), err
	}
	pending, ok, err := s.Accounts.NextPending(ctx, a.Begin(a.Now()), a, account.Target{Provider: p.Name, Subject: q.Subject}, takes)
	if err != nil {
		return nil, false, err
	}
	if ok {
		m, err := l.Machine(pending.Scenario)
		return m, true, err
	}
	if m := l.Magic(&template.Scope{Subject: q.Subject, Body: map[string]any{}}); m != nil {
		return m, true, nil
	}
	m, err := l.Machine(scenarios.Default)
	return m, false, err
}

// pageOutcome is where a request says which outcome was picked on the page.
const pageOutcome = "body.outcome"

// asksPage reports whether a scenario lets the page pick the outcome, by reading pageOutcome in one of its own rules for
// the operation; and, where it responds with some outcomes only, with which.
func asksPage(m *scenarios.Machine, p *openapi.Provider, op *openapi.Operation) (asks bool, only map[string]bool) {
	only = map[string]bool{}
	open := false
	for i := range m.Rules() {
		rule := m.Rule(i)
		if m.File(i) != m.Scenario.File || !rule.Matches(op.ID) {
			continue
		}
		if rule.When != nil && strings.Contains(rule.When.String(), pageOutcome) {
			asks = true
		}
		names, others := examples(p, op, rule)
		open = open || others
		for _, name := range names {
			only[name] = true
		}
	}
	if open || !asks {
		return asks, nil
	}
	return asks, only
}

// examples lists the documented examples with which a rule responds to an operation. others reports that there may be more.
func examples(p *openapi.Provider, op *openapi.Operation, rule *scenarios.Rule) (names []string, others bool) {
	replies := rule.Reply
	if len(replies) == 0 && rule.Outcome != nil {
		replies = []*scenarios.ReplyRule{{}}
	}
	for _, reply := range replies {
		name, fixed := reply.Example.Fixed()
		if reply.Example == nil && reply.Body == nil {
			if outcome, ok := rule.Outcome.Fixed(); ok {
				name = op.OutcomeExample(p.Outcomes().Find(fmt.Sprint(outcome)), nil)
				fixed = name != ""
			}
		}
		if fixed {
			names = append(names, fmt.Sprint(name))
		} else {
			others = true
		}
	}
	return names, others
}

// eventsAfter lists the events that follow an outcome, by the first rule that responds with it.
func eventsAfter(m *scenarios.Machine, p *openapi.Provider, op *openapi.Operation, example string) []string {
	for i := range m.Rules() {
		rule := m.Rule(i)
		if !rule.Matches(op.ID) {
			continue
		}
		if names, _ := examples(p, op, rule); !slices.Contains(names, example) {
			continue
		}
		var events []string
		for _, step := range rule.Then {
			if step.Send != "" {
				events = append(events, step.Send)
			}
		}
		return events
	}
	return nil
}

// magicSubjects are the subjects that choose a scenario.
func magicSubjects(l *scenarios.Library) []widget.Magic {
	all := []widget.Magic{}
	for _, s := range l.All() {
		if s.Select == nil {
			continue
		}
		for _, value := range library.MagicValues(s.Select.String()) {
			all = append(all, widget.Magic{Subject: value, Scenario: s.Name, Description: s.Description})
		}
	}
	return all
}

// script returns the real address of the first script, without its scheme.
func script(sdk openapi.SDK) string {
	files, _ := sdk.Files() // a file that cannot be read fails at the start
	for _, f := range files {
		if strings.HasSuffix(f.At, ".js") && len(f.Hosts) > 0 {
			return f.Hosts[0] + f.At
		}
	}
	return "its script"
}

// Samples lists the sign-up pages of the providers that have one.
func (s SDK) Samples() []widget.SamplePage {
	var all []widget.SamplePage
	for _, name := range s.Library.Names() {
		if p := s.Library.Provider(name); p.SDK().HasSample() {
			all = append(all, widget.SamplePage{Provider: name, Title: p.Title, Script: script(p.SDK())})
		}
	}
	return all
}

// Sample is a provider's page with an account's keys; empty if it has none.
func (s SDK) Sample(ctx context.Context, provider, account, address string) (string, error) {
	p := s.Library.Provider(provider)
	if p == nil || !p.SDK().HasSample() {
		return "", nil
	}
	a, err := s.Accounts.Open(ctx, account)
	if err != nil {
		return "", err
	}
	credentials, err := a.Credentials(p.Provider)
	if err != nil {
		return "", err
	}
	return p.SDK().Sample(&template.Scope{Account: credentials, Vars: map[string]any{"base": address + p.Prefix}})
}
