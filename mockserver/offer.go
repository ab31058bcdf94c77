package mockserver

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/widget"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

var _ widget.Backend = (*Engine)(nil)

// newWidget returns what serves a provider's browser scripts, nil where it has none.
func newWidget(p *openapi.Provider, version string, e *Engine) (*widget.Widget, error) {
	found, err := p.SDK()
	if err != nil || len(found) == 0 {
		return nil, err
	}
	var files []widget.File
	for _, f := range found {
		files = append(files, widget.File{At: f.At, Hosts: f.Hosts, Parts: f.Parts})
	}
	return widget.New(p.Name, p.Title, p.Prefix, version, files, e), nil
}

// Offer tells a browser script what may happen: what the operations that it is about to call can answer, which scenario
// would play, and whether that decides by itself.
func (e *Engine) Offer(ctx context.Context, name string, q widget.Question) (widget.Offer, error) {
	p := e.providers.of(name)
	if p == nil || len(q.Operations) == 0 {
		return widget.Offer{}, control.Invalidf("operation: name one of the provider %s", name)
	}
	a, err := e.account(ctx, e.owners.of(p, q.Credential))
	if err != nil {
		return widget.Offer{}, err
	}
	library, err := p.library(a)
	if err != nil {
		return widget.Offer{}, err
	}
	m, chosen, err := e.likely(ctx, p, library, q)
	if err != nil {
		return widget.Offer{}, err
	}
	offer := widget.Offer{Scenario: m.Scenario.Name, Description: m.Scenario.Description, Outcomes: []widget.Outcome{}, Magic: magicSubjects(library)}
	for i, id := range q.Operations {
		op, err := p.Operation(id)
		if err != nil {
			return widget.Offer{}, err
		}
		if op == nil {
			return widget.Offer{}, control.Invalidf("operation: %s has none called %q", name, id)
		}
		asks, only := asking(m, id)
		if i == 0 { // what comes before it refuses by itself, or lets it happen
			offer.Decided = chosen && m.Has(id) && !asks && m.Scenario.Name != scenarios.Default
		}
		for _, example := range op.Outcomes() {
			known := func(o widget.Outcome) bool { return o.Name == example.Name }
			if !contains(offer.Outcomes, known) && (len(only) == 0 || only[example.Name]) {
				offer.Outcomes = append(offer.Outcomes, widget.Outcome{Name: example.Name, Operation: id, Summary: example.Summary,
					Answer: json.RawMessage(example.Value), Sends: sends(m, id, example.Name)})
			}
		}
	}
	return offer, nil
}

func contains[T any](all []T, is func(T) bool) bool {
	for _, one := range all {
		if is(one) {
			return true
		}
	}
	return false
}

// Limit begins to measure a time on an account's clock.
func (e *Engine) Limit(ctx context.Context, name, credential string, d time.Duration) (func(context.Context) error, error) {
	p := e.providers.of(name)
	if p == nil {
		return nil, control.Invalidf("no provider is called %q", name)
	}
	a, err := e.account(ctx, e.owners.of(p, credential))
	if err != nil {
		return nil, err
	}
	end := a.clock.Now().Add(d)
	return func(ctx context.Context) error { return a.clock.Wait(ctx, end) }, nil
}

// likely is the scenario that a call would play, and whether somebody chose it. Nothing is counted down.
func (e *Engine) likely(ctx context.Context, p *provider, library *scenarios.Library, q widget.Question) (*scenarios.Machine, bool, error) {
	if q.Scenario != "" {
		m, err := library.Machine(q.Scenario)
		if err != nil {
			return nil, false, control.Invalidf("scenario: %w", err)
		}
		return m, true, nil
	}
	owner := e.owners.of(p, q.Credential)
	if r, err := e.findRun(ctx, runKey(owner, p.Name, q.Run)); err != nil {
		return nil, false, err
	} else if q.Run != "" && r != nil { // what it plays was chosen when it began
		m, err := library.Machine(r.Scenario)
		return m, true, err
	}
	a, err := e.account(ctx, owner)
	if err != nil {
		return nil, false, err
	}
	owners, err := e.own(ctx, a)
	if err != nil {
		return nil, false, err
	}
	if m, _, err := e.armedFor(ctx, owners, library, whom{p.Name, q.Subject}, func(m *scenarios.Machine) bool { return hasAny(m, q.Operations) }); err != nil || m != nil {
		return m, m != nil, err
	}
	if m := library.Magic(&template.Scope{Subject: q.Subject, Body: map[string]any{}}); m != nil {
		return m, true, nil
	}
	m, err := library.Machine(scenarios.Default)
	return m, false, err
}

func hasAny(m *scenarios.Machine, operations []string) bool {
	return contains(operations, m.Has)
}

// wish is where a call says what whoever tests wants to happen.
const wish = "body.outcome"

// asking reports whether a scenario lets the page say what is to happen, by looking at the wish in one of its own rules
// for the operation; and, where it answers some outcomes only, which.
func asking(m *scenarios.Machine, operation string) (asks bool, only map[string]bool) {
	only = map[string]bool{}
	open := false
	for i := range m.Rules() {
		rule := m.Rule(i)
		if m.File(i) != m.Scenario.File || !rule.Matches(operation) {
			continue
		}
		if rule.When != nil && strings.Contains(rule.When.String(), wish) {
			asks = true
		}
		for _, reply := range rule.Reply {
			if name, fixed := reply.Example.Fixed(); fixed {
				only[fmt.Sprint(name)] = true
			} else {
				open = true
			}
		}
	}
	if open || !asks {
		return asks, nil
	}
	return asks, only
}

// sends lists the events that follow the outcome, by the first rule that answers with it.
func sends(m *scenarios.Machine, operation, example string) []string {
	for i := range m.Rules() {
		rule := m.Rule(i)
		if !rule.Matches(operation) {
			continue
		}
		for _, reply := range rule.Reply {
			if name, fixed := reply.Example.Fixed(); fixed && name == example {
				var events []string
				for _, step := range rule.Then {
					if step.Send != "" {
						events = append(events, step.Send)
					}
				}
				return events
			}
		}
	}
	return nil
}

// magicSubjects are the subjects that choose a scenario.
func magicSubjects(library *scenarios.Library) []widget.Magic {
	all := []widget.Magic{}
	for _, s := range library.All() {
		if s.Select == nil {
			continue
		}
		for _, value := range magic(s.Select.String()) {
			all = append(all, widget.Magic{Subject: value, Scenario: s.Name, Description: s.Description})
		}
	}
	return all
}
