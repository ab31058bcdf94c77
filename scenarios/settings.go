package scenarios

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/source"
)

// setting is a variable that a rule or step sets.
type setting struct {
	name       string
	key, value ast.Node
	tree       *template.Node
}

// set reads the variables of a rule or step.
func (p *parsing) set(target **template.Node) func(ast.Node) {
	return func(n ast.Node) {
		p.object(target, "set")(n)
		values, _ := source.Values(n)
		for _, v := range values {
			name := template.KeyText(v.Key)
			p.settings = append(p.settings, setting{name, v.Key, v.Value, (*target).Lookup(name)})
		}
	}
}

// setting reports a variable that does not exist, or a value that it cannot have.
func (p checker) setting(s setting) {
	if slices.Contains(reservedVariables, s.name) {
		hint := "it cannot be set"
		if s.name == outcome.Key {
			hint = "write outcome beside set, not in it"
		}
		p.At(s.key, "every run has %s: %s", s.name, hint)
		return
	}
	v, declared := p.outcomes.Variable(s.name)
	if !declared {
		names := p.outcomes.Variables()
		if len(names) > 0 && (closest(s.name, names) != "" || !p.isRead(s.name)) {
			p.At(s.key, "runs have no variable %q%s; declare your own with variables: {%s: TYPE}", s.name, meant(s.name, names), s.name)
		}
		return
	}
	values, fixed := s.tree.Fixed()
	if fixed {
		p.value(s, v, values)
	} else if uses := s.tree.Uses(); len(uses) == 1 && s.tree.IsExpression() {
		if kind := map[string]string{"text": "text", "a number": "number", "a list": "list", "an object": "object"}[uses[0].Yields]; kind != "" && v.Type != "" && v.Type != "any" && v.Type != kind {
			p.At(source.First(s.value), "%s must be %s, and this is %s", s.name, v.Type, uses[0].Yields)
			return
		}
		for _, text := range uses[0].Results {
			p.value(s, v, text)
		}
	}
}

// value reports a value that a variable cannot have.
func (p checker) value(s setting, v outcome.Variable, value any) {
	err := v.Check(value)
	if err == nil {
		return
	}
	hint := ""
	if text, ok := value.(string); ok {
		if best := closest(text, v.Values); best != "" {
			hint = ", did you mean \"" + best + "\"?"
		}
		if o := p.outcomes.Find(strings.ToLower(strings.ReplaceAll(text, "_", "-"))); o != nil {
			hint += ", or outcome: " + o.Name
		}
		p.AtText(s.value, text, "%v%s", err, hint)
		return
	}
	p.At(source.First(s.value), "%v", err)
}

// isRead reports whether an expression of the file reads a variable of the run.
func (p checker) isRead(name string) bool {
	return slices.ContainsFunc(p.uses, func(u used) bool {
		return slices.ContainsFunc(u.Reads, func(path []string) bool { return path[0] == "run" && (len(path) == 1 || path[1] == name) })
	})
}

// moved records the values and the outcome that the run has from here on, as far as they are certain.
func (p *parsing) moved(set, to *template.Node) {
	p.sets(set)
	name, fixed := to.Fixed()
	switch {
	case to != nil:
		p.reported = ""
		if text, ok := name.(string); fixed && ok && p.outcomes.Find(text) != nil {
			p.reported = text
		}
	case set != nil:
		without := maps.Clone(p.run)
		delete(without, outcome.Key)
		if o := p.outcomes.Find(p.reported); o == nil || o.Contradicts(without) {
			if p.reported = ""; p.outcomes.Of(without) != nil {
				p.reported = p.outcomes.Of(without).Name
			}
		}
	default:
		return
	}
	next := maps.Clone(p.run)
	if next == nil {
		next = map[string]any{}
	}
	delete(next, outcome.Key)
	if o := p.outcomes.Find(p.reported); o != nil {
		if to != nil {
			maps.Copy(next, o.Literal())
		}
		next[outcome.Key] = o.Name
	}
	p.run = next
}

// outcomeOf checks that the outcome is possible for an operation of a rule.
func (p checker) outcomeOf(n ast.Node, on []string) {
	o := p.outcomes.Find(source.Scalar(n))
	if o == nil {
		return
	}
	starts := false
	for _, pattern := range on {
		for _, id := range p.operations(pattern) {
			if begins, _ := p.names.Runs(p.provider, id); begins {
				if starts = true; o.Applies(id) {
					return
				}
			}
		}
	}
	if starts && !slices.ContainsFunc(on, func(on string) bool { return !isCall(on) }) {
		p.At(n, "%s has no outcome %s: it is for %s", strings.Join(on, ", "), o.Name, strings.Join(o.On, ", "))
	}
}

// contradicts reports variables of set to which the outcome beside it gives other values.
func (p checker) contradicts(n ast.Node, set *template.Node) {
	o := p.outcomes.Find(source.Scalar(n))
	if o == nil {
		return
	}
	for _, m := range set.Members() {
		if v, fixed := m.Value.Fixed(); fixed && o.Decides(m.Key) && o.Contradicts(map[string]any{m.Key: v}) {
			if have, ok := o.Literal()[m.Key]; ok && have != v {
				p.At(n, "outcome %s sets %s to %v, and set to %v: remove it from set", o.Name, m.Key, have, v)
			}
		}
	}
}

// replies reports an example that says something else than the outcome of its rule.
func (p checker) replies(n ast.Node, r *Rule) {
	name := source.Scalar(n)
	own := p.outcomes.Find(p.reported)
	if own == nil || strings.Contains(name, "${") {
		return
	}
	for _, pattern := range r.On {
		for _, id := range p.operations(pattern) {
			var meaning []*outcome.Outcome
			for _, o := range p.outcomes.All() {
				if o.Applies(id) && p.names.OutcomeExample(p.provider, id, o.Name) == name {
					meaning = append(meaning, o)
				}
			}
			if len(meaning) > 0 && !slices.ContainsFunc(meaning, func(o *outcome.Outcome) bool { return o.Verdict == own.Verdict }) {
				p.At(n, "example %s means %s, but the outcome is %s: omit the example, or use outcome: %s", name, meaning[0].Name, own.Name, meaning[0].Name)
				return
			}
		}
	}
}

// reports checks that an event of a step reports the outcome that the run has.
func (p checker) reports(send, data ast.Node, step *TimelineStep) {
	said := p.reported
	if step.As != nil {
		name, _ := step.As.Fixed()
		said, _ = name.(string)
	}
	if p.provider == "" || p.outcomes.Find(said) == nil {
		return
	}
	if can := p.names.Reports(p.provider, step.Send); len(can) > 0 && !slices.Contains(can, said) && !step.Invalid {
		p.At(send, "%s cannot report the outcome %s%s", step.Send, said, p.otherEvents(said, can))
		return
	}
	if step.Data == nil || step.Invalid {
		return
	}
	if path, other := p.names.Contradiction(p.provider, step.Send, step.Data, said); path != "" {
		p.At(source.Member(data, strings.Split(path, ".")), "%s is that of the outcome %s, but the event reports %s: use send: {event: %s, as: %s}", path, other, said, step.Send, other)
	}
}

// otherEvents names the events that can report an outcome, or the outcomes that the event can.
func (p checker) otherEvents(said string, can []string) string {
	var events []string
	for _, event := range p.names.Events(p.provider) {
		if all := p.names.Reports(p.provider, event); slices.Contains(all, said) {
			events = append(events, event)
		}
	}
	if len(events) == 0 {
		return ": it reports " + strings.Join(can, ", ")
	}
	return ": use " + strings.Join(events, " or ")
}

// knownData reports members of data that the event does not have. It returns whether there are none.
func (p checker) knownData(n ast.Node, event string, path []string) bool {
	values, isObject := source.Values(n)
	names, open := p.names.Members(p.provider, "data", []string{event}, path)
	if !isObject || open {
		return true
	}
	known := true
	for _, v := range values {
		name := template.KeyText(v.Key)
		if !slices.Contains(names, name) {
			p.At(v.Key, "%s has no %q%s; set invalid: true if that is intended", event, strings.Join(append(slices.Clip(path), name), "."), meant(name, names))
			known = false
			continue
		}
		known = p.knownData(v.Value, event, append(slices.Clip(path), name)) && known
	}
	return known
}
