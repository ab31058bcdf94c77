package scenarios

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
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
		p.AtText(n, found[1], "%s cannot compare or join %s with %s%s", found[1], typeName(found[2]), typeName(found[3]), typeHint(found[2], found[3]))
	default:
		p.At(n, "%s", message)
	}
}

// typeName names a type of expr-lang.
func typeName(name string) string {
	switch name {
	case "string":
		return "text"
	case "int", "float64":
		return "a number"
	case "bool":
		return "true or false"
	case "time.Time":
		return "a time"
	case "unknown":
		return "a value of the request or run"
	}
	return name
}

// typeHint says how to correct operands of these types.
func typeHint(a, b string) string {
	switch {
	case a == "time.Time" || b == "time.Time":
		return `: write date("2026-01-31"), or compare now.Format("2006-01-02")`
	case a == "int" || b == "int":
		return `: write the number in quotes`
	}
	return ""
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
