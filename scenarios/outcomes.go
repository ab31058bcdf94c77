package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
)

// Outcomes returns the outcomes of the scenario's provider, and the variables of its runs.
func (s *Scenario) Outcomes() *outcome.Table { return s.outcomes }

// outcome reads the name of an outcome, or an expression that yields one.
func (p *parsing) outcome(target **template.Node) func(ast.Node) {
	return func(n ast.Node) {
		name := p.name(n, "outcome")
		if name == "" {
			return
		}
		p.tree(target)(n)
		if !strings.Contains(name, "${") {
			p.knownOutcome(n, name)
			return
		}
		for _, u := range (*target).Uses() {
			for _, result := range u.Results {
				if p.outcomes.Find(result) == nil {
					p.AtText(n, result, "%s has no outcome %q%s", p.provider, result, meantAll(result, p.outcomes.Names()))
				}
			}
		}
	}
}

func (p *parsing) knownOutcome(n ast.Node, name string) {
	if p.provider == "" || p.outcomes.Find(name) != nil {
		return
	}
	if names := p.outcomes.Names(); len(names) == 0 {
		p.At(n, "%s has no outcomes: declare them in provider.yaml", p.provider)
	} else {
		p.At(n, "%s has no outcome %q%s", p.provider, name, meantAll(name, names))
	}
}

// meantAll is meant for a list that is worth showing as a whole.
func meantAll(written string, names []string) string {
	if hint := meant(written, names); hint != "" {
		return hint
	}
	return ", want one of " + strings.Join(names, ", ")
}

// send reads an event, or a mapping of the event, the outcome that it reports and whether it needs an endpoint that lists it.
func (p *parsing) send(n ast.Node, step *TimelineStep) {
	if _, mapping := source.Values(n); !mapping {
		step.Send = p.name(n, "send")
		p.knownEvent(n, step.Send)
		return
	}
	p.Mapping(n, "send", source.Fields{
		"event":  func(n ast.Node) { step.Send = p.name(n, "event"); p.knownEvent(n, step.Send) },
		"as":     p.outcome(&step.As),
		"opt_in": p.Truth(&step.OptIn, "opt_in"),
	}, "event")
}

// variables reads the run variables that the scenario has beside the provider's.
func (p *parsing) variables(n ast.Node) {
	values, ok := source.Values(n)
	if !ok {
		p.Wrong(n, "variables must be a mapping (name: type), not %s", source.Kind(n))
		return
	}
	for _, m := range values {
		v := outcome.Variable{Name: template.KeyText(m.Key)}
		if _, list := m.Value.(*ast.SequenceNode); list {
			p.List(m.Value, v.Name, func(n ast.Node) { v.Values = append(v.Values, source.Scalar(n)) })
		} else if v.Type = p.name(m.Value, v.Name); v.Type != "" && !slices.Contains(outcome.Types(), v.Type) {
			p.At(m.Value, "unknown type %q of variable %s%s, or a list of values", v.Type, v.Name, meantAll(v.Type, outcome.Types()))
		}
		if slices.Contains(reservedVariables, v.Name) {
			p.At(m.Key, "every run has %s: choose another name", v.Name)
		}
		p.declared = append(p.declared, v)
	}
}

// reservedVariables are the members of run that set cannot change.
var reservedVariables = []string{outcome.Key, "id", "reference", "scenario", "operation", "subject", "started"}

// outcome gives the run an outcome and its state.
func (p *play) outcome(n *template.Node) error {
	if n == nil {
		return nil
	}
	values, err := p.outcomeValues(n)
	if err != nil {
		return err
	}
	p.keep(values)
	return nil
}

// outcomeValues evaluates the name of an outcome, and returns its state.
func (p *play) outcomeValues(n *template.Node) (map[string]any, error) {
	v, err := n.Value(p.scope)
	if err != nil {
		return nil, err
	}
	name := fmt.Sprint(v)
	o := p.machine.outcomes.Find(name)
	if o == nil {
		return nil, fmt.Errorf("unknown outcome %q%s", name, meantAll(name, p.machine.outcomes.Names()))
	}
	return o.Values(p.scope)
}

// settle checks values, and forgets an outcome that they contradict: the provider finds that of the new state.
func (p *play) settle(changed map[string]any) error {
	table := p.machine.outcomes
	for key, value := range changed {
		if v, ok := table.Variable(key); ok {
			if err := v.Check(value); err != nil {
				return fmt.Errorf("set %w", err)
			}
		}
	}
	if o := table.Find(fmt.Sprint(p.state.Set[outcome.Key])); o != nil && !o.Contradicts(p.state.Set) {
		return nil
	}
	delete(p.state.Set, outcome.Key)
	if p.scope.Run != nil {
		delete(p.scope.Run, outcome.Key)
	}
	return nil
}
