// Package outcome holds a provider's outcomes: everything that a run can come to, and the variables that it remembers.
//
// It is the one table from which state, responses, polls and events follow. Reading it from provider.yaml and rendering
// belong to package openapi, playing it to package scenarios.
package outcome

import (
	"fmt"
	"maps"
	"slices"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/internal/template"
)

// Key is the run variable with the name of the outcome. Scenarios change it by outcome, not by set.
const Key = "outcome"

// Verdict is the meaning of an outcome to an application.
type Verdict string

// The verdicts.
const (
	Granted    Verdict = "granted"
	NotGranted Verdict = "not-granted"
	Pending    Verdict = "pending"
)

// Verdicts lists the verdicts.
func Verdicts() []Verdict { return []Verdict{Granted, NotGranted, Pending} }

// Outcome is a result of a run.
type Outcome struct {
	Name    string
	Label   string // for people
	About   string // one sentence
	Verdict Verdict
	On      []string                  // operations whose runs can have it, with wildcards; empty: all
	State   *template.Node            // the run variables that it sets; may have expressions
	Reply   Choices                   // examples with which operations that start a run respond
	Poll    Choices                   // examples with which operations about a run that exists respond
	Events  map[string]*template.Node // data for the body of each event
	Sandbox map[string][]Values       // by operation, with wildcards: what a request in the sandbox must have to come to this
	Others  bool                      // requests in the sandbox come to this with other values than those that are listed

	literal  map[string]any // the part of State without expressions
	identity map[string]any // the part of literal by which a state is recognized: variables with a list of values
}

// Values are members of a request with the values that select an outcome in the sandbox.
type Values map[string]any

// holds reports whether a body has all these values; 214 equals "214".
func (v Values) holds(body map[string]any) bool {
	for key, value := range v {
		if actual, ok := body[key]; !ok || !equal(actual, value) {
			return false
		}
	}
	return true
}

// Choices are examples for patterns of operations. The first pattern that matches an operation decides.
type Choices []Choice

// Choice names examples for the operations that match a pattern.
type Choice struct {
	On       string
	Examples []*template.Node // texts, which may have expressions
}

// For returns the first example for an operation that it documents, or an empty string. The scope may be nil: examples with
// expressions are then skipped.
func (c Choices) For(operation string, documented []string, s *template.Scope) string {
	for _, choice := range c {
		if !glob.Match(choice.On, operation) {
			continue
		}
		for _, n := range choice.Examples {
			v, fixed := n.Fixed()
			if !fixed && s != nil {
				v, _ = n.Value(s)
			}
			if name := fmt.Sprint(v); slices.Contains(documented, name) {
				return name
			}
		}
		return ""
	}
	return ""
}

// Applies reports whether a run that an operation started can have the outcome. An empty operation matches all.
func (o *Outcome) Applies(operation string) bool {
	return len(o.On) == 0 || operation == "" || slices.ContainsFunc(o.On, func(pattern string) bool { return glob.Match(pattern, operation) })
}

// Literal returns the variables that the outcome always sets to the same value. Do not modify them.
func (o *Outcome) Literal() map[string]any { return o.literal }

// lists reports whether the sandbox has values of the outcome for an operation, and whether a body has one of them.
func (o *Outcome) lists(operation string, body map[string]any) (listed, held bool) {
	for pattern, all := range o.Sandbox {
		if glob.Match(pattern, operation) {
			listed = true
			held = held || slices.ContainsFunc(all, func(v Values) bool { return v.holds(body) })
		}
	}
	return listed, held
}

// Decides reports whether the outcome gives a variable its value, so that set must not.
func (o *Outcome) Decides(variable string) bool { _, ok := o.identity[variable]; return ok }

// Values evaluates the state and adds the name of the outcome.
func (o *Outcome) Values(s *template.Scope) (map[string]any, error) {
	values := map[string]any{}
	for _, m := range o.State.Members() {
		v, err := m.Value.Value(s)
		if err == nil {
			v, err = template.Settle(v)
		}
		if err != nil {
			return nil, fmt.Errorf("outcome %s: %s: %w", o.Name, m.Key, err)
		}
		values[m.Key] = v
	}
	values[Key] = o.Name
	return values, nil
}

// Table is the outcomes of a provider in the order of its file, and the declared run variables. A nil table is empty.
type Table struct {
	all       []*Outcome
	byName    map[string]*Outcome
	variables map[string]Variable
}

// New returns a table.
func New(all []*Outcome, variables []Variable) *Table {
	t := &Table{all: all, byName: map[string]*Outcome{}, variables: map[string]Variable{}}
	for _, v := range variables {
		t.variables[v.Name] = v
	}
	for _, o := range all {
		o.literal, o.identity = map[string]any{}, map[string]any{}
		fixed, _ := o.State.Known()
		for _, m := range fixed.Members() {
			v, err := m.Value.Value(nil)
			if err != nil {
				continue // impossible: the value has no expressions
			}
			o.literal[m.Key] = v
			if len(t.variables[m.Key].Values) > 0 {
				o.identity[m.Key] = v
			}
		}
		t.byName[o.Name] = o
	}
	return t
}

// All returns the outcomes. Do not modify the list.
func (t *Table) All() []*Outcome {
	if t == nil {
		return nil
	}
	return t.all
}

// Names lists the outcomes.
func (t *Table) Names() []string {
	var names []string
	for _, o := range t.All() {
		names = append(names, o.Name)
	}
	return names
}

// Find returns an outcome by its name, or nil.
func (t *Table) Find(name string) *Outcome {
	if t == nil {
		return nil
	}
	return t.byName[name]
}

// Sandbox returns the name of the outcome of a request in the sandbox: the first that lists a value of its body, or the one of
// other values. It is empty if no value is listed for the operation.
func (t *Table) Sandbox(operation string, body map[string]any) string {
	known, others := false, ""
	for _, o := range t.All() {
		listed, held := o.lists(operation, body)
		if held {
			return o.Name
		}
		known = known || listed
		if o.Others {
			others = o.Name
		}
	}
	if known {
		return others
	}
	return ""
}

// SandboxNames lists the outcomes that requests in the sandbox can have by their values.
func (t *Table) SandboxNames() []string {
	var names []string
	for _, o := range t.All() {
		if len(o.Sandbox) > 0 || o.Others {
			names = append(names, o.Name)
		}
	}
	return names
}

// Variable returns a declared run variable.
func (t *Table) Variable(name string) (v Variable, ok bool) {
	if t == nil {
		return v, false
	}
	v, ok = t.variables[name]
	return v, ok
}

// Variables lists the declared run variables by name.
func (t *Table) Variables() []string {
	if t == nil {
		return nil
	}
	return slices.Sorted(maps.Keys(t.variables))
}

// With returns the table with more variables.
func (t *Table) With(more []Variable) *Table {
	if len(more) == 0 && t != nil {
		return t
	}
	next := &Table{variables: map[string]Variable{}}
	if t != nil {
		next.all, next.byName = t.all, t.byName
		maps.Copy(next.variables, t.variables)
	}
	for _, v := range more {
		next.variables[v.Name] = v
	}
	return next
}

// Of returns the outcome of a run: the one that it names or else, for a run whose variables were set one by one, the
// outcome whose state has most in common with it and contradicts it nowhere. It is nil if there is none.
func (t *Table) Of(run map[string]any) *Outcome {
	if t == nil || len(t.all) == 0 {
		return nil
	}
	if name, ok := run[Key].(string); ok && t.byName[name] != nil {
		return t.byName[name]
	}
	operation, _ := run["operation"].(string)
	var best *Outcome
	most := 0
	for _, o := range t.all {
		if n := o.shared(run); n > most && o.Applies(operation) {
			best, most = o, n
		}
	}
	return best
}

// shared counts the variables of the state that a run has as well. It is -1 if one has another value.
func (o *Outcome) shared(run map[string]any) int {
	n := 0
	for key, want := range o.identity {
		have := run[key]
		switch {
		case have == nil:
		case want == nil || !equal(have, want):
			return -1
		default:
			n++
		}
	}
	return n
}

// Contradicts reports whether a run has another state than the outcome.
func (o *Outcome) Contradicts(run map[string]any) bool {
	for key, want := range o.identity {
		if !equal(run[key], want) {
			return true
		}
	}
	return false
}

// equal compares values of scenarios. Numbers have different types before and after a run was stored.
func equal(a, b any) bool { return fmt.Sprint(a) == fmt.Sprint(b) }
