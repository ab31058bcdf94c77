package scenarios

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

// step reads a step of a timeline.
func (p *parsing) step(n ast.Node) *TimelineStep {
	step := &TimelineStep{Line: n.GetToken().Position.Line}
	values := map[string]ast.Node{}
	note := func(key string, read func(ast.Node)) func(ast.Node) {
		return func(n ast.Node) { values[key] = n; read(n) }
	}
	understood := p.mapping(n, "a step of then", fields{
		"after":   p.duration(&step.After, "after"),
		"when":    p.expression(&step.When),
		"set":     note("set", p.object(&step.Set, "set")),
		"send":    note("send", func(n ast.Node) { step.Send = p.name(n, "send"); p.knownEvent(n, step.Send) }),
		"data":    note("data", p.object(&step.Data, "data")),
		"expect":  note("expect", func(n ast.Node) { step.Expect, step.Call = p.expect(n) }),
		"invalid": note("invalid", p.truth(&step.Invalid, "invalid")),
		"fault":   note("fault", p.faults(&step.Faults, InDelivery)),
		"else": note("else", func(n ast.Node) {
			p.oneOrMore(n, "else", func(n ast.Node) { step.Else = append(step.Else, p.step(n)) })
		}),
	})
	if understood {
		p.combination(n, step, values)
	}
	p.sets(step.Set)
	if step.Send != "" && step.Data != nil && !step.Invalid && p.provider != "" {
		for _, issue := range p.names.SchemaIssues(p.provider, step.Send, p.run, step.Data) {
			p.at(member(values["data"], issue.Path), "data violates the schema of %s: %s; fix it, or set invalid: true if that is intended", step.Send, issue.Message)
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

// member returns the value at a path of keys, or at the longest part of the path that exists.
func member(n ast.Node, path []string) ast.Node {
	if len(path) == 0 {
		return first(n)
	}
	values, _ := mappingValues(n)
	for _, v := range values {
		if template.KeyText(v.Key) != path[0] {
			continue
		}
		if _, deeper := mappingValues(v.Value); deeper {
			return member(v.Value, path[1:])
		}
		return v.Value
	}
	return first(n)
}

// combination reports keys of a step that exclude or require each other.
func (p *parsing) combination(n ast.Node, step *TimelineStep, values map[string]ast.Node) {
	has := func(key string) bool { return values[key] != nil }
	if step.Call != nil {
		for _, key := range []string{"set", "send", "data", "invalid", "fault"} {
			if has(key) {
				p.at(first(values[key]), "a step that expects a call only waits: move %s to another step", key)
			}
		}
		return
	}
	if has("send") {
		return
	}
	for _, key := range []string{"data", "invalid", "expect", "fault"} {
		if has(key) {
			p.at(first(values[key]), "%s requires send in the same step", key)
		}
	}
	if has("else") && !has("expect") {
		p.at(first(values["else"]), "else requires send or expect in the same step")
	}
	if len(values) == 0 {
		p.at(first(n), "this step does nothing: add send, set or expect")
	}
}

func (p *parsing) knownEvent(n ast.Node, name string) {
	if p.provider == "" || name == "" {
		return
	}
	if events := p.names.Events(p.provider); !slices.Contains(events, name) {
		p.at(n, "%s has no event %q%s", p.provider, name, meant(name, events))
	}
}

// expect reads an expectation of a receiver or, with the key call, of the application.
func (p *parsing) expect(n ast.Node) (*Expect, *ExpectedRequest) {
	e := &Expect{}
	var call *ExpectedRequest
	var status, within ast.Node
	understood := p.mapping(n, "expect", fields{
		"status": func(n ast.Node) {
			status = n
			p.oneOrMore(n, "status", func(n ast.Node) {
				status := scalar(n)
				if !validStatus(status) {
					p.wrong(n, "status %s: want a status such as 200, or a class such as 2xx", status)
				}
				e.Status = append(e.Status, status)
			})
		},
		"within": func(n ast.Node) { within = n; p.duration(&e.Within, "within")(n) },
		"call": func(n ast.Node) {
			call = &ExpectedRequest{Operation: p.name(n, "call")}
			p.knownOperation(n, call.Operation)
		},
	})
	if call == nil {
		if values, _ := mappingValues(n); understood && len(values) == 0 {
			p.at(n, "expect requires status or within, or call and within")
		}
		return e, nil
	}
	if status != nil {
		p.at(first(status), "status applies to webhooks, not to call")
	}
	if call.Within = e.Within; within == nil {
		p.at(first(n), "call requires within, the time to wait for the request")
	} else if understood && e.Within == 0 {
		p.at(within, "within must be greater than 0")
	}
	return nil, call
}

func (p *parsing) knownOperation(n ast.Node, name string) {
	if p.provider == "" || name == "" || len(p.operations(name)) > 0 {
		return
	}
	p.at(n, "%s has no operation %q%s", p.provider, name, meant(name, p.names.Operations(p.provider)))
}
