package scenarios

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/scenarios/internal/source"
)

// Start is the name in on for rules that play from the command line or the page, without a request.
const Start = "start"

// The kinds of triggers. In on, a trigger is a mapping from its kind to a pattern; elsewhere it is a string that
// [Delivered], [Exhausted] and [Simulate] format.
const (
	delivered = "delivered"
	exhausted = "exhausted"
	simulate  = "simulate"
)

var triggers = []string{delivered, exhausted, simulate}

// Delivered is the trigger for an accepted delivery.
func Delivered(event string) string { return delivered + " " + event }

// Exhausted is the trigger for a delivery whose last attempt failed.
func Exhausted(event string) string { return exhausted + " " + event }

// Simulate is the trigger for a simulation, requested by a button or over the control API.
func Simulate(name string) string { return simulate + " " + name }

// cutTrigger splits a trigger; the kind is empty for an operation and for Start. An operation ID may contain a space, but
// does not begin with a kind and a space.
func cutTrigger(on string) (kind, name string) {
	kind, name, found := strings.Cut(on, " ")
	if found && slices.Contains(triggers, kind) {
		return kind, name
	}
	return "", on
}

// isCall reports whether on matches requests, which have replies.
func isCall(on string) bool {
	kind, _ := cutTrigger(on)
	return kind == "" && on != Start
}

// isEnd reports whether on matches ends of deliveries.
func isEnd(on string) bool {
	kind, _ := cutTrigger(on)
	return kind == delivered || kind == exhausted
}

// Calls lists the patterns of operations that the rule matches, and Start, but no triggers.
func (r *Rule) Calls() []string {
	return slices.DeleteFunc(slices.Clone(r.On), func(on string) bool { return on != Start && !isCall(on) })
}

// Matches reports whether the rule matches this operation or trigger, regardless of its condition.
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

// Listens reports whether a rule, the base's included, may play when a delivery of this event ends.
func (m *Machine) Listens(event string) bool {
	return m.listens && (m.plays(Delivered(event)) || m.plays(Exhausted(event)))
}

// Simulates reports whether a rule, the base's included, matches this simulation.
func (m *Machine) Simulates(name string) bool { return m.plays(Simulate(name)) }

// Simulations lists the names that a rule, the base's included, matches.
func (m *Machine) Simulations(names []string) []string {
	var matched []string
	for _, name := range names {
		if m.Simulates(name) {
			matched = append(matched, name)
		}
	}
	return matched
}

func (m *Machine) plays(on string) bool {
	return slices.ContainsFunc(m.rules, func(r *Rule) bool { return r.Matches(on) })
}

// on reads an operation, Start or a trigger.
func (p *parsing) on(n ast.Node) string {
	if _, isMapping := source.Values(n); isMapping {
		return p.trigger(n)
	}
	name := p.name(n, "on")
	if name == "" || name == Start || p.provider == "" || len(p.operations(name)) > 0 {
		return name
	}
	p.At(n, "%s has no operation %q%s", p.provider, name, meant(name, slices.Concat(p.names.Operations(p.provider), []string{Start})))
	return name
}

// trigger reads {delivered: EVENT}, {exhausted: EVENT} or {simulate: NAME}.
func (p *parsing) trigger(n ast.Node) string {
	var on string
	read := func(kind string, known func(string) []string, what string) func(ast.Node) {
		return func(n ast.Node) {
			pattern := p.name(n, kind)
			if on != "" {
				p.At(n, "%s and %s in one mapping: use one list item for each", on, kind)
			}
			on = kind + " " + pattern
			if p.provider == "" || pattern == "" {
				return
			}
			names := known(p.provider)
			if !slices.ContainsFunc(names, func(name string) bool { return glob.Match(pattern, name) }) {
				p.At(n, "%s has no %s %q%s", p.provider, what, pattern, meant(pattern, names))
			}
		}
	}
	understood := p.Mapping(n, "on", source.Fields{
		delivered: read(delivered, p.names.Events, "event"),
		exhausted: read(exhausted, p.names.Events, "event"),
		simulate:  read(simulate, p.names.Simulations, "simulation"),
	})
	if on == "" && understood {
		p.At(n, "on is empty: use an operation, start, or one of delivered, exhausted, simulate with a name")
	}
	return on
}

// expand lists the operations and triggers that a pattern matches.
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
	var matched []string
	for _, full := range known(p.provider) {
		if glob.Match(name, full) {
			matched = append(matched, kind+" "+full)
		}
	}
	return matched
}
