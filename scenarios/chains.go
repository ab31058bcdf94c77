package scenarios

import (
	"slices"
	"strings"
)

// chains reports rules that keep a run busy without letting time pass: the delivery of an event sends it again at once,
// perhaps by way of others.
func (p checker) chains(s *Scenario) {
	sends := map[string][]*TimelineStep{} // by the event whose delivery plays them
	for _, r := range s.Rules {
		if r.When != nil {
			continue // it may end the chain
		}
		for _, on := range r.On {
			if kind, _ := cutTrigger(on); kind != delivered {
				continue
			}
			for _, event := range p.expand(on) {
				_, name := cutTrigger(event)
				sends[name] = append(sends[name], atOnce(r.Then)...)
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
				p.at(n, "this chain never lets time pass: the delivery of %s: add after, or a when that ends it", strings.Join(append(way, step.Send), " sends "))
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
