package scenarios

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
)

// Meanings answers what a provider's names mean, for checks of scenarios that are correct in form.
type Meanings interface {
	// Outcomes returns the provider's outcomes and run variables; nil if it has none.
	Outcomes(provider string) *outcome.Table
	// OutcomeExample names the response of an operation for an outcome; empty if the outcome decides none.
	OutcomeExample(provider, operation, outcome string) string
	// Reports lists the outcomes that an event can report; empty: all.
	Reports(provider, event string) []string
	// Contradiction returns the path by which data for an event reports another outcome, and that outcome.
	Contradiction(provider, event string, data *template.Node, outcome string) (path, other string)
	// OptIn reports whether the provider sends an event only to endpoints that list it by name.
	OptIn(provider, event string) bool
	// Runs reports whether requests to an operation start a run, or are about one that exists.
	Runs(provider, operation string) (starts, finds bool)
	// Base returns what scenarios have from the provider's default scenario. It may be nil.
	Base(provider string) *Base
	// Deliveries returns how often an event is attempted at most, and whether a receiver's status is accepted: by any of the
	// rules for sending it, and by all of them.
	Deliveries(provider, event string) (attempts int, accepted func(status int) (ever, always bool))
	// ReplyContradiction returns the path by which the body of a response says another outcome, and that outcome.
	ReplyContradiction(provider, operation string, body *template.Node, outcome string) (path, other string)
	// Values returns the types of values at a path in the body of requests to operations, such as text; nil: any. refusal says
	// why requests with a value there are refused, and is empty if they are not.
	Values(provider string, operations, path []string) (types []string, refusal func(value any) string)
	// Timeout returns how long the provider waits for the response to a webhook.
	Timeout(provider string) time.Duration
	// Members lists what exists at a path of body, path or query in requests to operations, of account, or of data for an
	// event. open reports that there may be others.
	Members(provider, root string, of, path []string) (names []string, open bool)
}

// used is an expression with its place. Its rule is nil for select and vars.
type used struct {
	template.Use
	node ast.Node
	rule *Rule
	step bool // in a timeline
	when bool // a condition
	end  bool // the end of a delivery is known
	sent bool // it is that of a step, in its else
}

func (p *parsing) use(n ast.Node, u template.Use, when bool) {
	end := p.inElse || p.rules != nil && slices.ContainsFunc(p.rules.On, isEnd)
	p.uses = append(p.uses, used{Use: u, node: n, rule: p.rules, step: p.inStep, when: when, end: end, sent: p.inElse})
}

// meaning checks what expressions read, once the whole file is known.
func (p checker) meaning(s *Scenario) {
	if p.provider == "" {
		return
	}
	p.cyclicVars(s)
	for _, u := range p.uses {
		for _, path := range u.Reads {
			p.reads(u, path)
		}
		for _, c := range u.Compares {
			p.compares(u, c)
		}
		p.condition(u)
		p.types(s, u)
		p.deliveryBounds(u)
	}
	for _, v := range p.settings {
		p.setting(v)
	}
	p.chains(s)
	p.unsent(s)
	p.unread(s)
}

// condition reports a condition that is never true.
func (p checker) condition(u used) {
	if !u.when {
		return
	}
	yields := u.Yields
	if len(u.Whole) == 2 && u.Whole[0] == "run" {
		if v, ok := p.outcomes.Variable(u.Whole[1]); ok && v.Type != "boolean" && v.Type != "any" {
			yields = cmp.Or(v.Type, "text")
		}
	}
	switch {
	case u.Never:
		p.At(u.node, "this condition is never true")
	case yields != "":
		p.At(u.node, "this condition is %s, which never counts as true: compare it, such as with == or !=", yields)
	}
}

// reads reports a member that cannot exist.
func (p checker) reads(u used, path []string) {
	root := path[0]
	selects := u.when && u.rule == nil
	if slices.Contains(elsewhere, root) || root == "delivery" && !u.end && (u.rule != nil || selects) {
		p.unknownRoot(u, root)
		return
	}
	if root == "run" && selects {
		p.AtText(u.node, root, "select chooses the scenario before there is a run: use body, path, query, header, subject or sandbox")
		return
	}
	if len(path) < 2 {
		return
	}
	name := path[1]
	switch root {
	case "body", "path", "query":
		p.requestMember(u, path)
	case "run":
		if names := p.runNames(); len(p.outcomes.Variables()) > 0 && !slices.Contains(names, name) {
			p.AtText(u.node, "run."+name, "runs have no variable %q%s", name, meantAll(name, names))
		}
	case "vars":
		if slices.Contains(p.vars, name) {
			return
		}
		if names := append(p.vars, p.base().Vars...); !slices.Contains(names, name) {
			p.AtText(u.node, "vars."+name, "the scenario has no vars %q%s", name, meant(name, names))
		}
	case "account":
		if names, open := p.names.Members(p.provider, root, nil, nil); !open && !slices.Contains(names, name) {
			p.AtText(u.node, "account."+name, "accounts have no %q%s", name, meantAll(name, names))
		}
	case "delivery":
		if names := []string{"id", "event", "attempts", "status", "error"}; !slices.Contains(names, name) {
			p.AtText(u.node, "delivery."+name, "deliveries have no %q%s", name, meantAll(name, names))
		}
	}
}

// elsewhere are variables of expressions that only provider.yaml and templates of webhooks have.
var elsewhere = []string{"endpoint", "endpoints", "error", "sent", "signature"}

// unknownRoot reports a variable that has no value where it is read.
func (p checker) unknownRoot(u used, root string) {
	if root == "delivery" {
		p.AtText(u.node, root, "delivery is known in rules for delivered and exhausted, and in the else of a send: nothing is delivered here yet")
		return
	}
	p.AtText(u.node, root, "%s is known in provider.yaml only: scenarios have body, path, query, header, subject, sandbox, run, vars, account, delivery, now and fake", root)
}

// requestMember reports a member that no request has which the expression can see.
func (p checker) requestMember(u used, path []string) {
	operations, what := p.requests(u)
	if len(operations) == 0 {
		return
	}
	for i := 1; i < len(path); i++ {
		names, open := p.names.Members(p.provider, path[0], operations, path[1:i])
		if open {
			return
		}
		if !slices.Contains(names, path[i]) {
			p.AtText(u.node, strings.Join(path[:i+1], "."), "%s has no %s%s", what, strings.Join(path[:i+1], "."), meant(path[i], names))
			return
		}
		if path[0] != "body" {
			return
		}
	}
}

// requests lists the operations whose requests an expression can see; none if it sees the data of a trigger.
func (p checker) requests(u used) (operations []string, what string) {
	if u.rule == nil {
		return p.names.Operations(p.provider), "no operation of " + p.provider
	}
	for _, on := range u.rule.On {
		kind, _ := cutTrigger(on)
		switch {
		case on == Start || kind == simulate:
			return nil, ""
		case kind == "":
			operations = append(operations, p.operations(on)...)
		}
	}
	what = strings.Join(u.rule.On, ", ")
	own := slices.ContainsFunc(operations, func(id string) bool { starts, _ := p.names.Runs(p.provider, id); return starts })
	if len(operations) > 0 && (own || !u.step) {
		return operations, what
	}
	for _, id := range p.names.Operations(p.provider) { // later steps see the request that started the run
		if starts, _ := p.names.Runs(p.provider, id); starts {
			operations = append(operations, id)
		}
	}
	return operations, "no operation that starts a run"
}

func (p checker) runNames() []string {
	names := slices.Concat(p.outcomes.Variables(), reservedVariables)
	for _, v := range p.settings {
		if !slices.Contains(names, v.name) {
			names = append(names, v.name)
		}
	}
	return names
}

// compares reports a comparison with a value that is impossible.
func (p checker) compares(u used, c template.Comparison) {
	path := strings.Join(c.Path, ".")
	var valid []string
	switch {
	case path == "run."+outcome.Key:
		valid = p.outcomes.Names()
	case path == "run.operation":
		valid = p.names.Operations(p.provider)
	case path == "sandbox":
		valid = append(p.outcomes.SandboxNames(), "")
	case len(c.Path) == 2 && c.Path[0] == "run":
		v, _ := p.outcomes.Variable(c.Path[1])
		valid = v.Values
	}
	if path == "sandbox" && len(valid) == 1 {
		p.AtText(u.node, path, "%s has no sandbox with values of its own: sandbox is always empty", p.provider)
		return
	}
	for _, value := range c.Values {
		if text, ok := value.(string); ok && len(valid) > 0 && !slices.Contains(valid, text) {
			p.AtText(u.node, text, "%s is never %q%s", path, text, meantAll(text, slices.DeleteFunc(slices.Clone(valid), func(s string) bool { return s == "" })))
		}
	}
}

// cyclicVars reports vars that depend on themselves.
func (p checker) cyclicVars(s *Scenario) {
	depends := map[string][]string{}
	for _, m := range s.Vars.Members() {
		depends[m.Key] = varsOf(m.Value)
	}
	reported := map[string]bool{}
	for _, m := range s.Vars.Members() {
		if cycle := cycleFrom(m.Key, depends, nil); cycle != nil && !reported[m.Key] {
			for _, name := range cycle {
				reported[name] = true
			}
			p.AtText(p.varsNode, m.Key+":", "vars depend on themselves: %s", strings.Join(append(cycle, m.Key), " → "))
		}
	}
}

// varsOf lists the vars that a value reads.
func varsOf(n *template.Node) []string {
	var names []string
	for _, u := range n.Uses() {
		for _, path := range u.Reads {
			if len(path) > 1 && path[0] == "vars" {
				names = append(names, path[1])
			}
		}
	}
	return names
}

// cycleFrom returns a way from a name back to it, or nil.
func cycleFrom(name string, next map[string][]string, way []string) []string {
	if len(way) > 0 && way[0] == name {
		return way
	}
	if slices.Contains(way, name) {
		return nil
	}
	for _, to := range next[name] {
		if found := cycleFrom(to, next, append(slices.Clip(way), name)); found != nil {
			return found
		}
	}
	return nil
}
