package openapi

import (
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/members"
)

// statements renders a sample of the event for each outcome that it can report, once.
func (e *Event) statements() outcome.Statements {
	e.stated.Do(func() {
		for _, o := range e.p.read().outcomes.All() {
			if e.Reporting(o.Name) {
				if values, err := e.sample(o); err == nil {
					e.states = append(e.states, outcome.Statement{Outcome: o, Values: values})
				}
			}
		}
		e.states.Decisive()
	})
	return e.states
}

// sample returns the texts, numbers and truth values of a sample body at the event's overlay.
func (e *Event) sample(o *outcome.Outcome) (map[string]string, error) {
	run := map[string]any{outcome.Key: o.Name}
	maps.Copy(run, o.Literal())
	s, err := e.p.sampleScope(run)
	if err != nil {
		return nil, err
	}
	body, err := e.p.Webhooks().Compose(e.Name, nil, s, time.Unix(1, 0))
	if err != nil {
		return nil, err
	}
	n, err := template.ParseData(body)
	if err != nil {
		return nil, err
	}
	return outcome.Scalars(n.Lookup(e.overlay...)), nil
}

// Contradiction returns the path in data by which an event reports another outcome than it should: one of another verdict.
// The path is empty if there is none.
func (w Webhooks) Contradiction(event string, data *template.Node, reported string) (path string, other *outcome.Outcome) {
	e := w.p.read().events[event]
	if e == nil {
		return "", nil
	}
	return e.statements().Contradiction(data, reported)
}

// ReplyContradiction returns the path in a response's body by which it says another outcome than it should: one of another
// verdict. The path is empty if there is none.
func ReplyContradiction(p *Provider, op *Operation, body *template.Node, name string) (path string, other *outcome.Outcome) {
	var all outcome.Statements
	for _, o := range p.read().outcomes.All() {
		example := op.OutcomeExample(o, nil)
		if example == "" || !o.Applies(op.ID) {
			continue
		}
		s, err := p.sampleScope(o.Literal())
		if err != nil {
			return "", nil
		}
		response, err := p.Reply(op, example, nil, s)
		if err != nil || response.Status >= 400 {
			continue
		}
		n, err := template.ParseData(response.Body)
		if err != nil {
			continue
		}
		all = append(all, outcome.Statement{Outcome: o, Values: outcome.Scalars(n)})
	}
	all.Decisive()
	return all.Contradiction(body, name)
}

// Implied returns the first outcome that says everything that data says about outcomes, or nil.
func (w Webhooks) Implied(event string, data *template.Node) *outcome.Outcome {
	e := w.p.read().events[event]
	if e == nil {
		return nil
	}
	return e.statements().Implied(data)
}

// DataMembers lists the members that data for an event can have at a path: those of its schema and of its samples. open
// reports that others are possible as well.
func (w Webhooks) DataMembers(event string, path []string) (names []string, open bool) {
	e := w.p.read().events[event]
	if e == nil {
		return nil, true
	}
	documented, err := e.documented()
	if err != nil {
		return nil, true
	}
	place := members.At(documented.Document(), documented.Schemas(), slices.Concat(e.overlay, path))
	names, open = slices.Clip(place.Names), place.Open
	s, err := w.p.sampleScope(nil)
	if err != nil {
		return names, true
	}
	body, err := w.Compose(event, nil, s, time.Unix(1, 0))
	if err != nil {
		return names, true
	}
	n, err := template.ParseData(body)
	if err != nil {
		return names, true
	}
	sample := n.Lookup(slices.Concat(e.overlay, path)...)
	for _, m := range sample.Members() {
		names = append(names, m.Key)
	}
	slices.Sort(names)
	// A record is described by its sample alone.
	return slices.Compact(names), len(names) == 0 || open && len(path) > 0
}
