package scenarios

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
	"github.com/idmock/idmock/scenarios/internal/wording"
)

// step reads a step of a timeline.
func (p *parsing) step(n ast.Node) *TimelineStep {
	step := &TimelineStep{Line: n.GetToken().Position.Line}
	values := map[string]ast.Node{}
	var otherwise ast.Node
	note := func(key string, read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) { values[key] = n; read(n) }
	}
	understood := p.Mapping(n, "a step of then", source.Fields{
		"after":   p.Duration(&step.After, "after"),
		"when":    p.expression(&step.When),
		"set":     note("set", p.set(&step.Set)),
		"outcome": note("outcome", p.outcome(&step.Outcome)),
		"send":    note("send", func(n ast.Node) { p.send(n, step) }),
		"data":    note("data", p.object(&step.Data, "data")),
		"expect":  note("expect", func(n ast.Node) { step.Expect, step.Call = p.expect(n) }),
		"invalid": note("invalid", p.Truth(&step.Invalid, "invalid")),
		"fault":   note("fault", p.faults(&step.Faults, InDelivery)),
		"else":    note("else", func(n ast.Node) { otherwise = n }),
	})
	if understood {
		p.combination(n, step, values)
		p.impossible(step, values)
	}
	p.waited = p.waited || step.After > 0 || step.Call != nil
	p.moved(step.Set, step.Outcome)
	if to := values["outcome"]; to != nil && p.provider != "" {
		checker{p}.contradicts(to, step.Set)
	}
	if step.Send != "" {
		p.sends[step] = values["send"]
		checker{p}.reports(values["send"], values["data"], step)
	}
	if otherwise != nil {
		p.otherwise(otherwise, step)
	}
	if step.When != nil && step.Set != nil || step.When != nil && step.Outcome != nil {
		p.reported = "" // only if the condition holds
	}
	if step.Send != "" && step.Data != nil && !step.Invalid && p.provider != "" && (checker{p}).knownData(values["data"], step.Send, nil) {
		for _, issue := range p.names.SchemaIssues(p.provider, step.Send, p.run, step.Data) {
			p.At(source.Member(values["data"], issue.Path), "data violates the schema of %s: %s; fix it, or set invalid: true if that is intended", step.Send, issue.Message)
		}
	}
	return step
}

// sets records the literal values that the run has from here on.
func (p *parsing) sets(n *template.Node) {
	fixed, _ := n.Known()
	for _, m := range fixed.Members() {
		value, err := m.Value.Value(nil)
		if err != nil {
			continue // impossible: the value has no expressions
		}
		next := maps.Clone(p.run) // else starts with the values of the step before it
		if next == nil {
			next = map[string]any{}
		}
		next[m.Key] = value
		p.run = next
	}
}

// combination reports keys of a step that exclude or require each other.
func (p *parsing) combination(n ast.Node, step *TimelineStep, values map[string]ast.Node) {
	has := func(key string) bool { return values[key] != nil }
	if step.Call != nil {
		for _, key := range []string{"set", "outcome", "send", "data", "invalid", "fault"} {
			if has(key) {
				p.At(source.First(values[key]), "a step that expects a call only waits: move %s to another step", key)
			}
		}
		return
	}
	if has("send") {
		return
	}
	for _, key := range []string{"data", "invalid", "expect", "fault"} {
		if has(key) {
			p.At(source.First(values[key]), "%s requires send in the same step", key)
		}
	}
	if has("else") && !has("expect") {
		p.At(source.First(values["else"]), "else requires send or expect in the same step")
	}
	if len(values) == 0 {
		p.At(source.First(n), "this step does nothing: add send, outcome, set or expect")
	}
}

func (p *parsing) knownEvent(n ast.Node, name string) {
	if p.provider == "" || name == "" {
		return
	}
	if events := p.names.Events(p.provider); !slices.Contains(events, name) {
		p.At(n, "%s has no event %q%s", p.provider, name, meant(name, events))
	}
}

// expect reads an expectation of a receiver or, with the key call, of the application.
func (p *parsing) expect(n ast.Node) (*Expect, *ExpectedRequest) {
	e := &Expect{}
	var call *ExpectedRequest
	var status, within ast.Node
	understood := p.Mapping(n, "expect", source.Fields{
		"status": func(n ast.Node) {
			status = n
			p.OneOrMore(n, "status", func(n ast.Node) {
				status := source.Scalar(n)
				if !validStatus(status) {
					p.Wrong(n, "status %s: want a status such as 200, or a class such as 2xx", status)
				}
				e.Status = append(e.Status, status)
			})
		},
		"within": func(n ast.Node) { within = n; p.Duration(&e.Within, "within")(n) },
		"call": func(n ast.Node) {
			call = &ExpectedRequest{Operation: p.name(n, "call")}
			p.knownOperation(n, call.Operation)
		},
	})
	if call == nil {
		if values, _ := source.Values(n); understood && len(values) == 0 {
			p.At(n, "expect requires status or within, or call and within")
		}
		return e, nil
	}
	if status != nil {
		p.At(source.First(status), "status applies to webhooks, not to call")
	}
	if call.Within = e.Within; within == nil {
		p.At(source.First(n), "call requires within, the time to wait for the request")
	} else if understood && e.Within == 0 {
		p.At(within, "within must be greater than 0")
	}
	return nil, call
}

func (p *parsing) knownOperation(n ast.Node, name string) {
	if p.provider == "" || name == "" || len(p.operations(name)) > 0 {
		return
	}
	p.At(n, "%s has no operation %q%s", p.provider, name, meant(name, p.names.Operations(p.provider)))
}

// otherwise reads the steps of else, which do not change what the steps after this one start with.
func (p *parsing) otherwise(n ast.Node, step *TimelineStep) {
	run, reported, waited, inElse := p.run, p.reported, p.waited, p.inElse
	p.waited, p.inElse = true, p.inElse || step.Send != ""
	p.OneOrMore(n, "else", func(n ast.Node) { step.Else = append(step.Else, p.step(n)) })
	p.run, p.reported, p.waited, p.inElse = run, reported, waited, inElse
}

// impossible reports parts of a step that have no effect, or exclude each other in their meaning.
func (p *parsing) impossible(step *TimelineStep, values map[string]ast.Node) {
	if p.provider == "" {
		return
	}
	if step.Send != "" && step.Expect == nil && !step.OptIn && p.names.OptIn(p.provider, step.Send) {
		p.At(source.First(values["send"]), "%s only goes to endpoints that list it: write send: {event: %s, opt_in: true}, or add expect to send it to all", step.Send, step.Send)
	}
	if e := step.Expect; e != nil && e.Within > 0 {
		// A user's directory can shorten the wait of a provider whose scenarios ship.
		if wait := p.names.Timeout(p.provider); wait > 0 && e.Within > max(wait, time.Minute) {
			p.At(source.Member(values["expect"], []string{"within"}), "within is wall time, and %s waits %s for a response: use %s or less, or expect: {call: OPERATION, within: %s} for a request", p.provider, wording.Time(wait), wording.Time(wait), wording.Time(e.Within))
		}
	}
	if step.Call != nil {
		p.neverAbout(source.Member(values["expect"], []string{"call"}), step.Call.Operation)
	}
	if len(step.Faults) == 0 {
		return
	}
	kinds := p.names.Faults(InDelivery)
	for _, f := range step.Faults {
		i := slices.IndexFunc(kinds, func(k FaultKind) bool { return k.Name == f.Name })
		switch {
		case i < 0:
		case kinds[i].Drops && step.Expect != nil:
			p.At(source.First(values["expect"]), "fault %s sends nothing, so that the expectation always fails: remove one of them", f.Name)
		case kinds[i].BeforeReply && !slices.ContainsFunc(p.rules.On, isCall):
			p.At(source.First(values["fault"]), "fault %s needs a request to respond to: %s is none", f.Name, strings.Join(p.rules.On, ", "))
		case kinds[i].BeforeReply && (p.waited || step.After > 0):
			p.At(source.First(values["fault"]), "fault %s comes after a wait, when the response is out: remove after, and delay the reply", f.Name)
		}
	}
}

// neverAbout reports an expected request that is never about this run.
func (p *parsing) neverAbout(n ast.Node, pattern string) {
	matched := p.operations(pattern)
	var about []string
	for _, id := range p.names.Operations(p.provider) {
		if _, finds := p.names.Runs(p.provider, id); finds {
			if slices.Contains(matched, id) {
				return
			}
			about = append(about, id)
		}
	}
	if len(matched) > 0 && len(about) > 0 {
		p.At(n, "requests to %s are never about this run: expect %s", pattern, strings.Join(about, " or "))
	}
}
