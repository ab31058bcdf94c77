package scenarios

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/glob"
)

// Start is the trigger of runs that begin on the command line or the page instead of with a call.
const Start = "start"

// Triggers besides calls and [Start]. In on, each is a mapping from its name to a pattern; elsewhere, one
// text that [Delivered], [Exhausted] and [Simulate] make.
const (
	delivered = "delivered"
	exhausted = "exhausted"
	simulate  = "simulate"
)

var triggers = []string{delivered, exhausted, simulate}

// Delivered is the trigger of a delivery that the receiver took.
func Delivered(event string) string { return delivered + " " + event }

// Exhausted is the trigger of a delivery that the receiver did not take on its last attempt.
func Exhausted(event string) string { return exhausted + " " + event }

// Simulate is the trigger of a button of the page or a request to the control API.
func Simulate(name string) string { return simulate + " " + name }

// cutTrigger takes a trigger apart; the kind is empty for an operation and for Start. An operation's id may well hold a
// space, but not begin with one of these words and one.
func cutTrigger(on string) (kind, name string) {
	kind, name, found := strings.Cut(on, " ")
	if found && slices.Contains(triggers, kind) {
		return kind, name
	}
	return "", on
}

// isCall reports whether the trigger of a rule expects a reply.
func isCall(on string) bool {
	kind, _ := cutTrigger(on)
	return kind == "" && on != Start
}

// Calls lists the calls of the rule: operations, as patterns, and Start.
func (r *Rule) Calls() []string {
	return slices.DeleteFunc(slices.Clone(r.On), func(on string) bool { return on != Start && !isCall(on) })
}

// Matches reports whether the rule is for this operation or trigger, its condition aside.
func (r *Rule) Matches(on string) bool {
	kind, name := cutTrigger(on)
	for _, pattern := range r.On {
		switch {
		case pattern == on:
			return true
		case kind != "":
			if of, pattern := cutTrigger(pattern); of == kind && glob.Match(pattern, name) {
				return true
			}
		case on != Start && glob.Match(pattern, name):
			return true
		}
	}
	return false
}

// Listens reports whether some rule, the base's included, may play when a delivery of this event ends.
func (m *Machine) Listens(event string) bool {
	return m.listens && (m.plays(Delivered(event)) || m.plays(Exhausted(event)))
}

// Simulates reports whether some rule, the base's included, is for this simulation.
func (m *Machine) Simulates(name string) bool { return m.plays(Simulate(name)) }

// Simulations lists those of these names that some rule, the base's included, is for.
func (m *Machine) Simulations(names []string) []string {
	var all []string
	for _, name := range names {
		if m.Simulates(name) {
			all = append(all, name)
		}
	}
	return all
}

func (m *Machine) plays(on string) bool {
	return slices.ContainsFunc(m.rules, func(r *Rule) bool { return r.Matches(on) })
}

// on reads one of the things that a rule is for.
func (p *parsing) on(n ast.Node) string {
	if _, isMapping := mappingValues(n); isMapping {
		return p.trigger(n)
	}
	name := p.name(n, "on")
	if name == "" || name == Start || p.provider == "" || len(p.operations(name)) > 0 {
		return name
	}
	p.at(n, "%s has no operation %q%s", p.provider, name, meant(name, slices.Concat(p.names.Operations(p.provider), []string{Start})))
	return name
}

// trigger reads {delivered: EVENT}, {exhausted: EVENT} or {simulate: NAME}.
func (p *parsing) trigger(n ast.Node) string {
	var on string
	read := func(kind string, known func(string) []string, what string) func(ast.Node) {
		return func(n ast.Node) {
			pattern := p.name(n, kind)
			if on != "" {
				p.at(n, "%s and %s in one mapping: make an item of the list of each", on, kind)
			}
			on = kind + " " + pattern
			if p.provider == "" || pattern == "" {
				return
			}
			names := known(p.provider)
			if !slices.ContainsFunc(names, func(name string) bool { return glob.Match(pattern, name) }) {
				p.at(n, "%s has no %s %q%s", p.provider, what, pattern, meant(pattern, names))
			}
		}
	}
	understood := p.mapping(n, "on", fields{
		delivered: read(delivered, p.names.Events, "event"),
		exhausted: read(exhausted, p.names.Events, "event"),
		simulate:  read(simulate, p.names.Simulations, "simulation"),
	})
	if on == "" && understood {
		p.at(n, "on is empty: want an operation, start, or one of delivered, exhausted, simulate with a name")
	}
	return on
}

// expand lists the matches of one of a rule's patterns, as operations and triggers without wildcards.
func (p *parsing) expand(pattern string) []string {
	kind, name := cutTrigger(pattern)
	known := p.names.Events
	switch {
	case pattern == Start:
		return append(p.operations(pattern), Start)
	case kind == "":
		return p.operations(pattern)
	case kind == simulate:
		known = p.names.Simulations
	}
	var all []string
	for _, one := range known(p.provider) {
		if glob.Match(name, one) {
			all = append(all, kind+" "+one)
		}
	}
	return all
}
