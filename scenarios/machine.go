package scenarios

import (
	"fmt"

	"github.com/idmock/idmock/internal/template"
)

// Machine plays a scenario over the ordinary life of its provider. It is immutable and safe for concurrent use.
type Machine struct {
	Scenario *Scenario
	Edition  int     // of the library it belongs to
	rules    []*Rule // the scenario's, then its base's
	own      int     // how many are the scenario's
	base     string  // the base's file
	vars     *template.Node
	listens  bool // some rule is for the end of a delivery
}

// NewMachine returns the machine of a scenario. Its base handles inputs without a rule here; base may be nil.
func NewMachine(s, base *Scenario) *Machine {
	m := &Machine{Scenario: s, rules: s.Rules, own: len(s.Rules), vars: s.Vars}
	if base != nil && base != s {
		m.rules, m.base = append(m.rules[:m.own:m.own], base.Rules...), base.File
		m.vars = base.Vars.Merge(s.Vars)
	}
	for _, r := range m.rules {
		for _, on := range r.On {
			kind, _ := cutTrigger(on)
			m.listens = m.listens || kind == delivered || kind == exhausted
		}
	}
	return m
}

// Has reports whether some rule of the scenario itself, not of its base, is for this trigger.
func (m *Machine) Has(on string) bool {
	for _, r := range m.rules[:m.own] {
		if r.Matches(on) {
			return true
		}
	}
	return false
}

// Rules counts the rules, the base's included.
func (m *Machine) Rules() int { return len(m.rules) }

// Rule returns a rule by its number.
func (m *Machine) Rule(i int) *Rule { return m.rules[i] }

// File returns the file of a rule.
func (m *Machine) File(i int) string {
	if i < m.own {
		return m.Scenario.File
	}
	return m.base
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

// fill puts the scenario's own values into a scope.
func (m *Machine) fill(s *template.Scope) error {
	if m.vars == nil {
		return nil
	}
	vars, err := m.vars.Value(s)
	if err != nil {
		return fmt.Errorf("%s: vars: %w", m.Scenario.File, err)
	}
	s.Vars, _ = vars.(map[string]any)
	return nil
}
