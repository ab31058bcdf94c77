package scenarios

import (
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/scenarios/internal/wording"
)

// uncompiled reports an expression that does not compile, in the words of this language.
func (p *parsing) uncompiled(n ast.Node, err error) {
	message := expressionPlace.ReplaceAllString(firstLine(err), "")
	message = strings.ReplaceAll(message, "unexpected token EOF", "the expression is incomplete")
	switch {
	case strings.Contains(message, `Operator("=")`):
		if p.AtText(n, " = ", "%s; to compare, write ==", message) {
			p.Problems[len(p.Problems)-1].Column++ // after the space
		}
	case unknownName.MatchString(message):
		name := unknownName.FindStringSubmatch(message)[1]
		p.AtText(n, name, "%s%s", message, meant(name, template.Names()))
	case unknownField.MatchString(message):
		name := unknownField.FindStringSubmatch(message)[1]
		p.AtText(n, name, "%s%s", message, meant(name, template.PersonFields()))
	case mismatched.MatchString(message):
		found := mismatched.FindStringSubmatch(message)
		p.AtText(n, found[1], "%s cannot compare or join %s with %s%s", found[1], wording.Checked(found[2]), wording.Checked(found[3]), wording.Correction(found[2], found[3]))
	default:
		p.At(n, "%s", message)
	}
}

var (
	// expressionPlace is a place within an expression. The problem has its own in the file.
	expressionPlace = regexp.MustCompile(` \(\d+:\d+\)`)
	mismatched      = regexp.MustCompile(`^(?:expression "(?:[^"\\]|\\.)*": )?invalid operation: (\S+) \(mismatched types (\S+) and (\S+)\)`)
	unknownName     = regexp.MustCompile(`unknown name (\w+)`)
	unknownField    = regexp.MustCompile(`type fake\.Person has no field (\w+)`)
)

// firstLine drops the source excerpt of expr-lang: the problem has its own.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// types reports values of an expression that have another type than it needs, and comparisons with values that requests never have.
func (p checker) types(s *Scenario, u used) {
	for _, path := range u.Tests {
		p.truth(s, u, path)
	}
	if u.when && u.Whole != nil && u.Whole[0] != "run" && u.Yields == "" {
		p.truth(s, u, u.Whole)
	}
	reported := map[string]bool{}
	for _, o := range u.Operands {
		path := strings.Join(o.Path, ".")
		if !reported[path] {
			reported[path] = p.operand(s, u, path, o)
		}
	}
}

// truth reports a path that is taken for a truth value and is none.
func (p checker) truth(s *Scenario, u used, path []string) {
	if types := p.typesOf(s, u, path); len(types) > 0 && !slices.Contains(types, "boolean") {
		name := strings.Join(path, ".")
		p.AtText(u.node, name, "%s is %s, which never counts as true: compare it, such as with == or !=", name, wording.Types(types))
	}
}

// operand reports whether a path has another type than its operator needs, or never the value that it is compared with.
func (p checker) operand(s *Scenario, u used, path string, o template.Operand) bool {
	types := p.typesOf(s, u, o.Path)
	needs, order := wording.TypeOf(o.Value), slices.Contains([]string{"<", "<=", ">", ">="}, o.Operator)
	if o.Value == nil {
		needs = "text"
	}
	switch {
	case o.Operator == "in":
		p.AtText(u.node, path, `in needs a list, such as %s in [%q]`, path, o.Value)
		return true
	case len(types) > 0 && (!slices.Contains(types, needs) || order && len(types) > 1):
		p.AtText(u.node, path, "%s is %s%s", path, wording.Types(types), wording.Mismatch(path, types, o))
		return true
	case o.Path[0] != "body" || o.Operator != "==" && o.Operator != "!=" || o.Value == "":
		return false
	}
	operations, what := p.requests(u)
	if len(operations) == 0 {
		return false
	}
	if _, refusal := p.names.Values(p.provider, operations, o.Path[1:]); refusal != nil && refusal(o.Value) != "" {
		p.AtText(u.node, path, "%s is never %#v: requests to %s are refused with it: %s", path, o.Value, what, refusal(o.Value))
		return true
	}
	return false
}

// typesOf lists the types of a path's values; nil if they are unknown.
func (p checker) typesOf(s *Scenario, u used, path []string) []string {
	if len(path) < 2 {
		return nil
	}
	switch path[0] {
	case "body":
		if operations, _ := p.requests(u); len(operations) > 0 {
			types, _ := p.names.Values(p.provider, operations, path[1:])
			return types
		}
	case "run":
		return p.runTypes(path)
	case "vars":
		if v, fixed := s.Vars.Lookup(path[1]).Fixed(); fixed && len(path) == 2 && v != nil {
			return []string{wording.TypeOf(v)}
		}
	case "delivery":
		if slices.Contains([]string{"attempts", "status"}, path[1]) {
			return []string{"number"}
		}
		return []string{"text"}
	}
	return nil
}

func (p checker) runTypes(path []string) []string {
	v, declared := p.outcomes.Variable(path[1])
	switch {
	case len(path) > 2 || v.Type == "any" || path[1] == "started":
		return nil
	case len(v.Values) > 0 || slices.Contains(reservedVariables, path[1]):
		return []string{"text"}
	case declared:
		return []string{v.Type}
	}
	return nil
}
