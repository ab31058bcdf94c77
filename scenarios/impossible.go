package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
	"github.com/idmock/idmock/scenarios/internal/wording"
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
				p.At(n, "this chain %s%s: add after, or a when that ends it", what, strings.Join(append(way, step.Send), " sends "))
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

// base returns what the scenario has from the provider's default.
func (p *parsing) base() *Base {
	if p.based == nil && p.provider != "" {
		p.based = p.names.Base(p.provider)
	}
	if p.based == nil {
		p.based = &Base{}
	}
	return p.based
}

// withoutRun reports a rule that is only for requests which neither start a run nor concern one: it can do no more than reply.
func (p checker) withoutRun(n ast.Node, r *Rule) {
	values, _ := source.Values(n)
	if p.provider == "" || len(r.On) == 0 {
		return
	}
	for _, on := range r.On {
		operations := p.operations(on)
		if !isCall(on) || len(operations) == 0 {
			return
		}
		for _, id := range operations {
			if starts, finds := p.names.Runs(p.provider, id); starts || finds {
				return
			}
		}
	}
	for _, v := range values {
		if key := template.KeyText(v.Key); key == "outcome" || key == "set" || key == "then" {
			p.At(v.Key, "%s has no effect: requests to %s start no run and are about none; move it to a rule of an operation that does, such as %s", key, strings.Join(r.On, ", "), p.starting())
			return
		}
	}
}

// firstReplyOnly reports a list of replies to requests that each start a run of their own, and so all get the first reply.
func (p checker) firstReplyOnly(n ast.Node, r *Rule) {
	if len(r.Reply) < 2 || p.provider == "" {
		return
	}
	for _, on := range r.On {
		for _, id := range p.operations(on) {
			if starts, finds := p.names.Runs(p.provider, id); !starts || finds {
				return
			}
		}
		if !isCall(on) {
			return
		}
	}
	p.At(source.First(n), "each request to %s starts a run and gets the first reply: to fail first and then succeed, write reply: {fault: {name: server-error, status: 503, times: %d}}", strings.Join(r.On, ", "), len(r.Reply)-1)
}

// starting names an operation that starts runs.
func (p checker) starting() string {
	for _, id := range p.names.Operations(p.provider) {
		if starts, _ := p.names.Runs(p.provider, id); starts {
			return id
		}
	}
	return Start
}

// replyBody reports a response whose parts exclude each other, or that says another outcome than its rule.
func (p checker) replyBody(n ast.Node, reply *ReplyRule, r *Rule) {
	values, _ := source.Values(n)
	at := map[string]ast.Node{}
	for _, v := range values {
		at[template.KeyText(v.Key)] = v.Value
	}
	for _, key := range []string{"example", "status", "headers", "body", "delay"} {
		if reply.Hang && at[key] != nil {
			p.At(source.First(at[key]), "hang never responds, so %s has no effect: remove one of them", key)
		}
	}
	if bodyless := reply.Status == 204 || reply.Status == 304 || reply.Status > 0 && reply.Status < 200; bodyless && at["body"] != nil {
		p.At(source.First(at["body"]), "a response with status %d has no body: remove one of them", reply.Status)
	}
	if p.provider == "" || reply.Body == nil || p.outcomes.Find(p.reported) == nil || reply.Status >= 400 {
		return
	}
	for _, on := range r.On {
		for _, id := range p.operations(on) {
			if path, other := p.names.ReplyContradiction(p.provider, id, reply.Body, p.reported); path != "" {
				p.At(source.Member(at["body"], strings.Split(path, ".")), "%s is that of the outcome %s, but the outcome is %s: use outcome: %s, or remove it from body", path, other, p.reported, other)
				return
			}
		}
	}
}

// unsent reports rules for the end of events that nothing sends.
func (p checker) unsent(s *Scenario) {
	sent := slices.Clone(p.base().Sends)
	for _, r := range s.Rules {
		for _, step := range r.Steps() {
			if step.Send != "" && !slices.ContainsFunc(step.Faults, p.drops) {
				sent = append(sent, step.Send)
			}
		}
	}
	for _, r := range s.Rules {
		for _, on := range r.On {
			kind, pattern := cutTrigger(on)
			if !isEnd(on) || strings.ContainsAny(pattern, "*?") || slices.ContainsFunc(p.expand(on), func(full string) bool { _, name := cutTrigger(full); return slices.Contains(sent, name) }) {
				continue
			}
			if n := p.ends[r]; n != nil && len(p.expand(on)) > 0 {
				slices.Sort(sent)
				p.AtText(n, pattern, "this rule never plays: neither this scenario nor default sends %s%s", pattern, sentInstead(kind, slices.Compact(slices.Clone(sent))))
			}
		}
	}
}

func sentInstead(kind string, sent []string) string {
	if len(sent) == 0 {
		return ": add a step with send"
	}
	return ": add a step that sends it, or use " + kind + ": " + strings.Join(sent, " or ")
}

func (p checker) drops(f Fault) bool {
	return slices.ContainsFunc(p.names.Faults(InDelivery), func(k FaultKind) bool { return k.Name == f.Name && k.Drops })
}

// unread reports vars that no expression reads and that are no vars of the default scenario: misspelt ones.
func (p checker) unread(s *Scenario) {
	for _, m := range s.Vars.Members() {
		known := slices.Concat(p.base().Vars, p.readVars())
		if slices.Contains(known, m.Key) || slices.Contains(known, "*") || s.Name == Default {
			continue
		}
		p.AtText(p.varsNode, m.Key, "no expression reads vars.%s%s; remove it, or read it", m.Key, meant(m.Key, known))
	}
}

// readVars lists the vars that expressions read; * if one reads all.
func (p checker) readVars() []string {
	var names []string
	for _, u := range p.uses {
		for _, path := range u.Reads {
			switch {
			case path[0] != "vars":
			case len(path) > 1:
				names = append(names, path[1])
			default:
				names = append(names, "*")
			}
		}
	}
	return names
}

// deliveryBounds reports comparisons with numbers and names that the end of a delivery of the rule cannot have.
func (p checker) deliveryBounds(u used) {
	if u.rule == nil || u.sent {
		return
	}
	var events []string
	kinds := map[string]bool{}
	for _, on := range u.rule.On {
		if !isEnd(on) {
			return
		}
		kind, _ := cutTrigger(on)
		kinds[kind] = true
		for _, full := range p.expand(on) {
			_, name := cutTrigger(full)
			events = append(events, name)
		}
	}
	for _, c := range u.Compares {
		for _, v := range c.Values {
			if len(c.Path) != 2 || c.Path[0] != "delivery" || c.Not {
				continue
			}
			switch n, isInt := v.(int); {
			case c.Path[1] == "attempts" && isInt:
				p.attempts(u, events, "==", n)
			case c.Path[1] == "status" && isInt && len(kinds) == 1:
				p.status(u, events, kinds[delivered], n)
			case c.Path[1] == "event" && !slices.Contains(events, fmt.Sprint(v)):
				p.AtText(u.node, fmt.Sprint(v), "delivery.event is never %q in this rule%s", v, meantAll(fmt.Sprint(v), events))
			}
		}
	}
	for _, o := range u.Orders {
		if len(o.Path) == 2 && o.Path[0] == "delivery" && o.Path[1] == "attempts" {
			p.attempts(u, events, o.Operator, o.Value)
		}
	}
}

// attempts reports a comparison with a number of attempts that is never reached.
func (p checker) attempts(u used, events []string, operator string, n int) {
	most := 0
	for _, event := range events {
		attempts, _ := p.names.Deliveries(p.provider, event)
		most = max(most, attempts)
	}
	never := map[string]bool{"==": n > most || n < 1, ">": n >= most, ">=": n > most, "<": n <= 1, "<=": n < 1}[operator]
	if never {
		p.AtText(u.node, "delivery.attempts", "delivery.attempts %s %d is never true: %s attempts an event %s", operator, n, p.provider, wording.Attempts(most))
	}
}

// status reports a comparison with a status that a delivery with such an end never has.
func (p checker) status(u used, events []string, taken bool, status int) {
	for _, event := range events {
		_, accepted := p.names.Deliveries(p.provider, event)
		if ever, always := accepted(status); taken && ever || !taken && !always {
			return
		}
	}
	kind, other := exhausted, delivered
	if taken {
		kind, other = delivered, exhausted
	}
	p.AtText(u.node, "delivery.status", "delivery.status is never %d in a rule for %s: that is for %s", status, kind, other)
}
