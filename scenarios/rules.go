package scenarios

import (
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

func (p *parsing) scenario(n ast.Node) *Scenario {
	s := &Scenario{File: p.file}
	var rules ast.Node
	p.mapping(n, "a scenario", fields{
		"scenario":    p.into(&s.Name, "scenario"),
		"provider":    func(n ast.Node) { s.Provider = p.text(n, "provider"); p.knownProvider(n, s.Provider) },
		"description": p.into(&s.Description, "description"),
		"select":      p.expression(&s.Select),
		"vars":        p.object(&s.Vars, "vars"),
		"rules":       func(n ast.Node) { rules = n },
	})
	for key, value := range map[string]string{"scenario": s.Name, "provider": s.Provider} {
		if value == "" {
			p.at(n, "a scenario needs the key %s", key)
		}
	}
	if rules == nil {
		p.at(n, "a scenario needs the key rules")
		return s
	}
	// The rules come last whatever their place in the file: their names can be judged only once the provider is known.
	p.list(rules, "rules", func(n ast.Node) { s.Rules = append(s.Rules, p.rule(n)) })
	p.unreachable(s, rules)
	return s
}

func (p *parsing) knownProvider(n ast.Node, name string) {
	if p.names.Operations(name) == nil {
		p.at(n, "no provider is called %q", name)
		return
	}
	p.provider = name
}

func (p *parsing) rule(n ast.Node) *Rule {
	r := &Rule{Line: n.GetToken().Position.Line}
	var replies, then ast.Node
	p.mapping(n, "a rule", fields{
		"on":    func(n ast.Node) { p.oneOrMore(n, "on", func(n ast.Node) { r.On = append(r.On, p.on(n)) }) },
		"when":  p.expression(&r.When),
		"reply": func(n ast.Node) { replies = n },
		"set":   p.object(&r.Set, "set"),
		"then":  func(n ast.Node) { then = n },
	})
	if len(r.On) == 0 {
		p.at(n, "a rule needs the key on: an operation of the provider, or %s", Start)
	}
	if replies != nil {
		p.oneOrMore(replies, "reply", func(n ast.Node) { r.Reply = append(r.Reply, p.reply(n, r)) })
	}
	if then != nil {
		p.oneOrMore(then, "then", func(n ast.Node) { r.Then = append(r.Then, p.step(n)) })
	}
	return r
}

func (p *parsing) on(n ast.Node) string {
	name := p.text(n, "on")
	if name == "" || name == Start || p.provider == "" || len(p.operations(name)) > 0 {
		return name
	}
	p.at(n, "%s has no operation %q%s", p.provider, name, meant(name, append(p.names.Operations(p.provider), Start)))
	return name
}

func (p *parsing) reply(n ast.Node, r *Rule) *ReplyRule {
	reply := &ReplyRule{}
	p.mapping(n, "reply", fields{
		"example": func(n ast.Node) { p.tree(&reply.Example)(n); p.knownExample(n, r) },
		"status": func(n ast.Node) {
			status, err := strconv.Atoi(n.String())
			if err != nil || status < 100 || status > 599 {
				p.at(n, "status %s is no HTTP status: want a number from 100 to 599", n.String())
			}
			reply.Status = status
		},
		"headers": func(n ast.Node) {
			var headers *template.Node
			if p.object(&headers, "headers")(n); headers != nil {
				reply.Header = headers.Members()
			}
		},
		"body":  p.tree(&reply.Body),
		"delay": p.duration(&reply.Delay, "delay"),
		"hang": func(n ast.Node) {
			b, ok := n.(*ast.BoolNode)
			if !ok {
				p.at(n, "hang must be true or false")
				return
			}
			reply.Hang = b.Value
		},
	})
	return reply
}

// knownExample judges a literal example name against every operation that the rule is for.
func (p *parsing) knownExample(n ast.Node, r *Rule) {
	name := n.String()
	if s, ok := n.(*ast.StringNode); ok {
		name = s.Value
	}
	if strings.Contains(name, "${") || p.provider == "" {
		return
	}
	for _, pattern := range r.On {
		for _, id := range p.operations(pattern) {
			if examples := p.names.Examples(p.provider, id); !slices.Contains(examples, name) {
				p.at(n, "%s has no example %q%s", id, name, meant(name, examples))
				return // one operation shows the mistake; twenty would hide the next one
			}
		}
	}
}

func (p *parsing) step(n ast.Node) *TimelineStep {
	step := &TimelineStep{Line: n.GetToken().Position.Line}
	var data, expect ast.Node
	p.mapping(n, "then", fields{
		"after":  p.duration(&step.After, "after"),
		"set":    p.object(&step.Set, "set"),
		"send":   func(n ast.Node) { step.Send = p.text(n, "send"); p.knownEvent(n, step.Send) },
		"data":   func(n ast.Node) { data = n; p.object(&step.Data, "data")(n) },
		"expect": func(n ast.Node) { expect = n; step.Expect = p.expect(n) },
	})
	for key, node := range map[string]ast.Node{"data": data, "expect": expect} {
		if node != nil && step.Send == "" {
			p.at(node, "%s says something about what is sent, but this step has no send", key)
		}
	}
	if step.Send == "" && step.Set == nil {
		p.at(n, "this step does nothing: give it send or set")
	}
	return step
}

func (p *parsing) knownEvent(n ast.Node, name string) {
	if p.provider == "" || name == "" {
		return
	}
	if events := p.names.Events(p.provider); !slices.Contains(events, name) {
		p.at(n, "%s has no event %q%s", p.provider, name, meant(name, events))
	}
}

func (p *parsing) expect(n ast.Node) *Expect {
	e := &Expect{}
	p.mapping(n, "expect", fields{
		"status": func(n ast.Node) {
			p.oneOrMore(n, "status", func(n ast.Node) {
				status := n.String()
				if !validStatus(status) {
					p.at(n, "status %s: want a status such as 200, or a class such as 2xx", status)
				}
				e.Status = append(e.Status, status)
			})
		},
		"within": p.duration(&e.Within, "within"),
	})
	if len(e.Status) == 0 && e.Within == 0 {
		p.at(n, "expect needs status or within")
	}
	return e
}

func validStatus(s string) bool {
	if len(s) != 3 || s[0] < '1' || s[0] > '5' {
		return false
	}
	_, err := strconv.Atoi(s)
	return err == nil || s[1:] == "xx"
}

// unreachable finds rules that an earlier one without a condition always takes the call from.
func (p *parsing) unreachable(s *Scenario, rules ast.Node) {
	seq, ok := rules.(*ast.SequenceNode)
	if !ok || p.provider == "" {
		return
	}
	taken := map[string]int{} // operation → line of the rule that always takes it
	for i, r := range s.Rules {
		var all []string
		for _, pattern := range r.On {
			if pattern == Start {
				all = append(all, Start)
			}
			all = append(all, p.operations(pattern)...)
		}
		free := slices.ContainsFunc(all, func(id string) bool { return taken[id] == 0 })
		if len(all) > 0 && !free {
			p.at(seq.Values[i], "this rule is never reached: the rule in line %d takes every call to %s; put this one before it, or give that one a when",
				taken[all[0]], strings.Join(r.On, ", "))
		}
		if r.When == nil {
			for _, id := range all {
				if taken[id] == 0 {
					taken[id] = r.Line
				}
			}
		}
	}
}
