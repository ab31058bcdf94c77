package scenarios

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
)

// Machine plays a scenario on top of its provider's default. It is immutable and safe for concurrent use.
type Machine struct {
	Scenario *Scenario
	Edition  int     // edition of its library
	rules    []*Rule // the scenario's, then the base's
	own      int     // number of the scenario's rules
	base     string  // the base's file
	vars     *template.Node
	order    []template.Member // of vars
	outcomes *outcome.Table
	listens  bool  // a rule matches ends of deliveries
	fixed    []int // by rule, the first step from which on no step has an expression
}

// NewMachine returns the machine of a scenario. The base, which may be nil, plays inputs that match no rule of s.
func NewMachine(s, base *Scenario) *Machine {
	m := &Machine{Scenario: s, rules: s.Rules, own: len(s.Rules), vars: s.Vars, outcomes: s.outcomes}
	if base != nil && base != s {
		m.rules, m.base = append(m.rules[:m.own:m.own], base.Rules...), base.File
		m.vars = base.Vars.Merge(s.Vars)
	}
	m.order = ordered(m.vars)
	for _, r := range m.rules {
		m.fixed = append(m.fixed, fixedFrom(r.steps))
		for _, on := range r.On {
			kind, _ := cutTrigger(on)
			m.listens = m.listens || kind == delivered || kind == exhausted
		}
	}
	return m
}

// Has reports whether a rule of the scenario itself, not of its base, matches this operation or trigger.
func (m *Machine) Has(on string) bool {
	for _, r := range m.rules[:m.own] {
		if r.Matches(on) {
			return true
		}
	}
	return false
}

// Rules returns the number of rules, including the base's.
func (m *Machine) Rules() int { return len(m.rules) }

// Rule returns a rule by its index.
func (m *Machine) Rule(i int) *Rule { return m.rules[i] }

// File returns the file of a rule.
func (m *Machine) File(i int) string {
	if i < m.own {
		return m.Scenario.File
	}
	return m.base
}

// IsFixed reports whether a timeline continues at a step without a scope, because neither the scenario nor a step from
// there on has an expression.
func (m *Machine) IsFixed(t Timer) bool {
	return m.vars == nil && t.Rule >= 0 && t.Rule < len(m.fixed) && t.Step >= m.fixed[t.Rule]
}

// Sends returns the events that a timeline sends from a due step to its end; not ok if it does anything else: evaluate an
// expression, expect something, apply a fault, or wait again.
func (m *Machine) Sends(t Timer) (events []string, ok bool) {
	if !m.IsFixed(t) || t.Step >= len(m.rules[t.Rule].steps) {
		return nil, false
	}
	steps := m.rules[t.Rule].steps
	for n := t.Step; n != never; n = steps[n].next {
		if n != t.Step && steps[n].After > 0 {
			return nil, false
		}
		if steps[n].Send != "" {
			events = append(events, steps[n].Send)
		}
	}
	return events, true
}

// fixedFrom returns the first step from which on no step has an expression.
func fixedFrom(steps []*TimelineStep) int {
	for i, s := range slices.Backward(steps) {
		// Keys that are not listed here may have expressions.
		fixed := TimelineStep{After: s.After, Send: s.Send, Invalid: s.Invalid, Line: s.Line, next: s.next, other: s.other}
		if !reflect.DeepEqual(*s, fixed) {
			return i + 1
		}
	}
	return 0
}

// Choose returns the number of the rule that Step would play for an operation or trigger. The error is [ErrNoRule], or a
// condition that could not be evaluated.
func (m *Machine) Choose(in Input) (int, error) {
	if err := m.fill(in.Scope); err != nil {
		return -1, err
	}
	for i, r := range m.rules {
		if !r.Matches(in.On) {
			continue
		}
		if r.When != nil {
			ok, err := r.When.True(in.Scope)
			if err != nil {
				return -1, m.at(i, r.Line, err)
			}
			if !ok {
				continue
			}
		}
		return i, nil
	}
	return -1, ErrNoRule
}

// fill adds the scenario's vars to a scope.
func (m *Machine) fill(s *template.Scope) error {
	if m.vars == nil {
		return nil
	}
	s.Vars = make(map[string]any, len(m.order))
	for _, v := range m.order {
		value, err := v.Value.Value(s)
		if err != nil {
			return fmt.Errorf("%s: vars: %s: %w", m.Scenario.File, v.Key, err)
		}
		s.Vars[v.Key] = value
	}
	return nil
}

// ordered lists vars, each after those that it reads.
func ordered(vars *template.Node) []template.Member {
	var order []template.Member
	placed := map[string]bool{}
	var place func(m template.Member)
	place = func(m template.Member) {
		if placed[m.Key] {
			return
		}
		placed[m.Key] = true
		for _, name := range varsOf(m.Value) {
			if value := vars.Lookup(name); value != nil {
				place(template.Member{Key: name, Value: value})
			}
		}
		order = append(order, m)
	}
	for _, m := range vars.Members() {
		place(m)
	}
	return order
}
