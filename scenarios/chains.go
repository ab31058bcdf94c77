package scenarios

import (
	"slices"
	"strings"
)

// chains reports rules that keep a run busy without letting time pass: the delivery or the last failure of an event sends it
// again at once, perhaps by way of others. That a failed event is repeated before it fails for good does not end a chain.
func (p checker) chains(s *Scenario) {
	sends := map[string][]*TimelineStep{} // by the event whose end plays them
	failing := map[string]bool{}          // events whose failure plays steps
	for _, r := range s.Rules {
		if r.When != nil {
			continue // it may end the chain
		}
		for _, on := range r.On {
			kind, _ := cutTrigger(on)
			if kind != delivered && kind != exhausted {
				continue
			}
			for _, event := range p.expand(on) {
				_, name := cutTrigger(event)
				sends[name] = append(sends[name], atOnce(r.Then)...)
				failing[name] = failing[name] || kind == exhausted
			}
		}
	}
	next := map[string][]string{}
	for event, steps := range sends {
		for _, step := range steps {
			next[event] = append(next[event], step.Send)
		}
	}
	for _, r := range s.Rules {
		for _, step := range atOnce(r.Then) {
			way := cycleFrom(step.Send, next, nil)
			if n := p.sends[step]; n != nil && way != nil && slices.ContainsFunc(sends[way[len(way)-1]], func(s *TimelineStep) bool { return s == step }) {
				what := "never lets time pass: the delivery of "
				if slices.ContainsFunc(way, func(event string) bool { return failing[event] }) {
					what = "never ends: the failure of "
				}
				p.at(n, "this chain %s%s: add after, or a when that ends it", what, strings.Join(append(way, step.Send), " sends "))
			}
		}
	}
}

// atOnce returns the steps of a timeline that send before any time passes.
func atOnce(timeline []*TimelineStep) []*TimelineStep {
	var all []*TimelineStep
	for _, step := range timeline {
		if step.After > 0 || step.Call != nil {
			break
		}
		if step.Send != "" && step.When == nil {
			all = append(all, step)
		}
	}
	return all
}
