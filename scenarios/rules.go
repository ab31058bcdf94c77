package scenarios

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
)

func (p *parsing) scenario(n ast.Node) *Scenario {
	s := &Scenario{File: p.File, Text: strings.Join(p.Lines, "\n")}
	var rules ast.Node
	p.Mapping(n, "a scenario", source.Fields{
		"scenario":    func(n ast.Node) { s.Name = p.name(n, "scenario") },
		"provider":    func(n ast.Node) { s.Provider = p.name(n, "provider"); p.knownProvider(n, s.Provider) },
		"description": p.Into(&s.Description, "description"),
		"variables":   p.variables,
		"select":      p.expression(&s.Select),
		"vars":        func(n ast.Node) { p.varsNode = n; p.object(&s.Vars, "vars")(n) },
		"rules":       func(n ast.Node) { rules = n },
	}, "scenario", "provider", "rules")
	if rules == nil {
		return s
	}
	// Rules are validated last, wherever they are in the file: their names depend on the provider.
	p.outcomes = p.names.Outcomes(p.provider).With(p.base().Variables).With(p.declared)
	s.outcomes = p.outcomes
	p.List(rules, "rules", func(n ast.Node) { s.Rules = append(s.Rules, p.rule(n)) })
	p.unreachable(s, rules)
	for _, m := range s.Vars.Members() {
		p.vars = append(p.vars, m.Key)
	}
	p.rules = nil
	checker{p}.meaning(s)
	return s
}

// maxName is the length of the longest name of a scenario, in bytes.
const maxName = 200

// name reads a non-empty text of one line: names are values of headers and parts of messages.
func (p *parsing) name(n ast.Node, what string) string {
	name := p.Text(n, what)
	if _, ok := n.(*ast.StringNode); ok && name == "" {
		p.At(n, "%s is empty", what)
	}
	if strings.ContainsFunc(name, unicode.IsControl) {
		p.At(n, "%s has a line break or another control character", what)
	}
	if len(name) > maxName {
		p.At(n, "%s is longer than %d bytes", what, maxName)
	}
	return name
}

func (p *parsing) knownProvider(n ast.Node, name string) {
	if name == "" {
		return
	}
	if p.names.Operations(name) == nil {
		p.At(n, "unknown provider %q%s", name, meant(name, p.names.Providers()))
		return
	}
	p.provider = name
}

func (p *parsing) rule(n ast.Node) *Rule {
	r := &Rule{Line: n.GetToken().Position.Line}
	p.rules, p.inStep, p.waited, p.reported, p.run = r, false, false, "", nil
	var replies, then, to ast.Node
	p.Mapping(n, "a rule", source.Fields{
		"on": func(n ast.Node) {
			p.OneOrMore(n, "on", func(n ast.Node) {
				on := p.on(n)
				if on != "" && slices.Contains(r.On, on) {
					p.At(source.First(n), "duplicate %s in on", on)
				}
				r.On = append(r.On, on)
			})
			p.ends[r] = n
		},
		"when":    p.expression(&r.When),
		"reply":   func(n ast.Node) { replies = n },
		"set":     p.set(&r.Set),
		"outcome": func(n ast.Node) { to = n; p.outcome(&r.Outcome)(n) },
		"then":    func(n ast.Node) { then = n },
	}, "on")
	if replies != nil && len(r.On) > 0 && !slices.ContainsFunc(r.On, isCall) {
		p.At(source.First(replies), "%s is not a request and takes no reply", strings.Join(r.On, ", "))
	}
	checker{p}.withoutRun(n, r)
	p.moved(r.Set, r.Outcome)
	if to != nil && p.provider != "" {
		checker{p}.outcomeOf(to, r.On)
		checker{p}.contradicts(to, r.Set)
	}
	if replies != nil {
		p.OneOrMore(replies, "reply", func(n ast.Node) { r.Reply = append(r.Reply, p.reply(n, r)) })
		checker{p}.firstReplyOnly(replies, r)
	}
	p.inStep = true
	if then != nil {
		p.OneOrMore(then, "then", func(n ast.Node) { r.Then = append(r.Then, p.step(n)) })
	}
	r.number(r.Then)
	return r
}

func (p *parsing) reply(n ast.Node, r *Rule) *ReplyRule {
	reply := &ReplyRule{}
	p.Mapping(n, "reply", source.Fields{
		"example": func(n ast.Node) { p.tree(&reply.Example)(n); p.knownExample(n, r); checker{p}.replies(n, r) },
		"status": func(n ast.Node) {
			status, err := strconv.Atoi(source.Scalar(n))
			if err != nil || status < 100 || status > 599 {
				p.Wrong(n, "invalid status %s: use a number from 100 to 599", source.Scalar(n))
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
		"delay": p.Duration(&reply.Delay, "delay"),
		"hang":  p.Truth(&reply.Hang, "hang"),
		"fault": p.faults(&reply.Faults, InReply),
	})
	checker{p}.replyBody(n, reply, r)
	return reply
}

// headerNames reports invalid header names, which net/http would drop silently.
func (p *parsing) headerNames(n ast.Node) {
	values, _ := source.Values(n)
	for _, v := range values {
		if name := template.KeyText(v.Key); !headerName.MatchString(name) {
			p.At(v.Key, "invalid header name %q", name)
		}
	}
}

// headerName matches a token of RFC 9110.
var headerName = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")

// knownExample validates a literal example name against every operation that the rule matches.
func (p *parsing) knownExample(n ast.Node, r *Rule) {
	name := source.Scalar(n)
	if strings.Contains(name, "${") || p.provider == "" {
		return
	}
	for _, pattern := range r.On {
		for _, id := range p.operations(pattern) {
			if examples := p.names.Examples(p.provider, id); !slices.Contains(examples, name) {
				p.At(n, "%s has no example %q%s", id, name, meant(name, examples))
				return // one operation is enough to show the mistake
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

// unreachable reports rules that never play because earlier rules without conditions match everything that they match.
func (p *parsing) unreachable(s *Scenario, rules ast.Node) {
	seq, ok := rules.(*ast.SequenceNode)
	if !ok || p.provider == "" {
		return
	}
	taken := map[string]int{} // condition, operation or trigger → line of the rule that always matches it
	for i, r := range s.Rules {
		var matched []string
		for _, pattern := range r.On {
			matched = append(matched, p.expand(pattern)...)
		}
		condition := ""
		if r.When != nil {
			condition = strings.Join(strings.Fields(r.When.String()), " ") + " "
		}
		at := func(id string) int { return cmp.Or(taken[id], taken[condition+id]) }
		free := slices.ContainsFunc(matched, func(id string) bool { return at(id) == 0 })
		if len(matched) > 0 && !free {
			p.At(source.First(seq.Values[i]), "unreachable rule: the rule at line %d always matches %s first; move this rule before it, or %s",
				at(matched[0]), strings.Join(r.On, ", "), map[bool]string{true: "add a when to that one", false: "change the when of one of them"}[taken[matched[0]] > 0])
		}
		for _, id := range matched {
			if at(id) == 0 {
				taken[condition+id] = r.Line
			}
		}
	}
}
