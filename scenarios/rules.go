package scenarios

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

func (p *parsing) scenario(n ast.Node) *Scenario {
	s := &Scenario{File: p.file, Text: strings.Join(p.lines, "\n")}
	var rules ast.Node
	p.mapping(n, "a scenario", fields{
		"scenario":    func(n ast.Node) { s.Name = p.name(n, "scenario") },
		"provider":    func(n ast.Node) { s.Provider = p.name(n, "provider"); p.knownProvider(n, s.Provider) },
		"description": p.into(&s.Description, "description"),
		"select":      p.expression(&s.Select),
		"vars":        p.object(&s.Vars, "vars"),
		"rules":       func(n ast.Node) { rules = n },
	}, "scenario", "provider", "rules")
	if rules == nil {
		return s
	}
	// The rules come last whatever their place in the file: their names can be judged only once the provider is known.
	p.list(rules, "rules", func(n ast.Node) { s.Rules = append(s.Rules, p.rule(n)) })
	p.unreachable(s, rules)
	return s
}

// name reads a text that must not be empty.
func (p *parsing) name(n ast.Node, what string) string {
	name := p.text(n, what)
	if _, ok := n.(*ast.StringNode); ok && name == "" {
		p.at(n, "%s is empty", what)
	}
	return name
}

func (p *parsing) knownProvider(n ast.Node, name string) {
	if name == "" {
		return
	}
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
	}, "on")
	if replies != nil && len(r.On) > 0 && !slices.ContainsFunc(r.On, isCall) {
		p.at(first(replies), "%s is no call: there is nobody to reply to", strings.Join(r.On, ", "))
	}
	if replies != nil {
		p.oneOrMore(replies, "reply", func(n ast.Node) { r.Reply = append(r.Reply, p.reply(n, r)) })
	}
	p.run = nil
	p.sets(r.Set)
	if then != nil {
		p.oneOrMore(then, "then", func(n ast.Node) { r.Then = append(r.Then, p.step(n)) })
	}
	r.lay(r.Then)
	return r
}

func (p *parsing) reply(n ast.Node, r *Rule) *ReplyRule {
	reply := &ReplyRule{}
	p.mapping(n, "reply", fields{
		"example": func(n ast.Node) { p.tree(&reply.Example)(n); p.knownExample(n, r) },
		"status": func(n ast.Node) {
			status, err := strconv.Atoi(scalar(n))
			if err != nil || status < 100 || status > 599 {
				p.wrong(n, "status %s is no HTTP status: want a number from 100 to 599", scalar(n))
			}
			reply.Status = status
		},
		"headers": func(n ast.Node) {
			var headers *template.Node
			if p.object(&headers, "headers")(n); headers != nil {
				reply.Header = headers.Members()
				p.headerNames(n)
			}
		},
		"body":  p.tree(&reply.Body),
		"delay": p.duration(&reply.Delay, "delay"),
		"hang":  p.truth(&reply.Hang, "hang"),
		"fault": p.faults(&reply.Faults, InReply),
	})
	return reply
}

// headerNames finds names that no HTTP header can have: they would be left out without a word.
func (p *parsing) headerNames(n ast.Node) {
	values, _ := mappingValues(n)
	for _, v := range values {
		if name := template.KeyText(v.Key); !headerName.MatchString(name) {
			p.at(v.Key, "%q cannot be the name of a header", name)
		}
	}
}

// headerName matches a token (RFC 9110).
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// knownExample judges a literal example name against every operation that the rule is for.
func (p *parsing) knownExample(n ast.Node, r *Rule) {
	name := scalar(n)
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
	taken := map[string]int{} // operation or trigger → line of the rule that always takes it
	for i, r := range s.Rules {
		var all []string
		for _, pattern := range r.On {
			all = append(all, p.expand(pattern)...)
		}
		free := slices.ContainsFunc(all, func(id string) bool { return taken[id] == 0 })
		if len(all) > 0 && !free {
			p.at(first(seq.Values[i]), "this rule is never reached: the rule in line %d takes every %s; put this one before it, or give that one a when",
				taken[all[0]], said(r.On))
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

// said describes the triggers of a rule, after "every".
func said(on []string) string {
	if slices.ContainsFunc(on, func(on string) bool { return on == Start || isCall(on) }) {
		return "call to " + strings.Join(on, ", ")
	}
	return strings.Join(on, ", ")
}
