package openapi

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
)

// statement is the part of an event's body by which an outcome differs from others: values by path, such as data.status.
type statement struct {
	outcome *outcome.Outcome
	values  map[string]string
}

// statements renders a sample of the event for each outcome that it can report, once.
func (e *Event) statements() []statement {
	e.stated.Do(func() {
		for _, o := range e.p.read().outcomes.All() {
			if e.Reporting(o.Name) {
				if values, err := e.sample(o); err == nil {
					e.states = append(e.states, statement{o, values})
				}
			}
		}
		for _, s := range e.states {
			maps.DeleteFunc(s.values, func(path, value string) bool { return !decisive(e.states, path) })
		}
	})
	return e.states
}

// decisive reports whether outcomes of different verdicts have different values at a path.
func decisive(all []statement, path string) bool {
	verdicts := map[outcome.Verdict][]string{}
	for _, s := range all {
		if value, ok := s.values[path]; ok {
			verdicts[s.outcome.Verdict] = append(verdicts[s.outcome.Verdict], value)
		}
	}
	for verdict, values := range verdicts {
		for other, others := range verdicts {
			if verdict != other && !slices.ContainsFunc(values, func(v string) bool { return slices.Contains(others, v) }) {
				return true
			}
		}
	}
	return false
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
	values := map[string]string{}
	scalars(n.Lookup(e.overlay...), "", values)
	return values, nil
}

// scalars collects the leaves of objects by their path.
func scalars(n *template.Node, path string, into map[string]string) {
	for _, m := range n.Members() {
		at := strings.TrimPrefix(path+"."+m.Key, ".")
		if m.Value.IsObject() {
			scalars(m.Value, at, into)
		} else if v, ok := m.Value.Fixed(); ok && v != nil {
			into[at] = fmt.Sprint(v)
		}
	}
}

// Contradiction returns the path in data by which an event reports another outcome than it should: one of another verdict.
// The path is empty if there is none.
func (w Webhooks) Contradiction(event string, data *template.Node, reported string) (path string, other *outcome.Outcome) {
	e := w.p.read().events[event]
	if e == nil {
		return "", nil
	}
	return contradiction(e.statements(), data, reported)
}

// contradiction returns the path in data that says another outcome than the one of a name, of another verdict.
func contradiction(all []statement, data *template.Node, reported string) (path string, other *outcome.Outcome) {
	i := slices.IndexFunc(all, func(s statement) bool { return s.outcome.Name == reported })
	if i < 0 {
		return "", nil
	}
	given := map[string]string{}
	scalars(data, "", given)
	for _, path := range slices.Sorted(maps.Keys(given)) {
		own, ok := all[i].values[path]
		if !ok || own == given[path] {
			continue
		}
		var other *outcome.Outcome
		for _, s := range all {
			if s.outcome.Verdict != all[i].outcome.Verdict && s.values[path] == given[path] && (other == nil || other.Verdict == outcome.Pending) {
				other = s.outcome // rather a decision than that there is none
			}
		}
		if other != nil {
			return path, other
		}
	}
	return "", nil
}

// ReplyContradiction returns the path in a response's body by which it says another outcome than it should: one of another
// verdict. The path is empty if there is none.
func ReplyContradiction(p *Provider, op *Operation, body *template.Node, name string) (path string, other *outcome.Outcome) {
	var all []statement
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
		said := statement{o, map[string]string{}}
		scalars(n, "", said.values)
		all = append(all, said)
	}
	for _, s := range all {
		maps.DeleteFunc(s.values, func(path, value string) bool { return !decisive(all, path) })
	}
	return contradiction(all, body, name)
}

// Implied returns the first outcome that says everything that data says about outcomes, or nil.
func (w Webhooks) Implied(event string, data *template.Node) *outcome.Outcome {
	e := w.p.read().events[event]
	if e == nil {
		return nil
	}
	given := map[string]string{}
	scalars(data, "", given)
	for _, s := range e.statements() {
		said := 0
		for path, value := range given {
			if own, ok := s.values[path]; ok && own == value {
				said++
			} else if ok {
				said = -len(given)
			}
		}
		if said > 0 {
			return s.outcome
		}
	}
	return nil
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
	names, open = documented.Members(slices.Concat(e.overlay, path))
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
