package scenarios

import (
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

// uncompiled reports an expression that does not compile, in the words of this language.
func (p *parsing) uncompiled(n ast.Node, err error) {
	message := firstLine(err)
	switch {
	case strings.Contains(message, `Operator("=")`):
		if p.atText(n, " = ", "%s; to compare, write ==", message) {
			p.problems[len(p.problems)-1].Column++ // after the space
		}
	case unknownName.MatchString(message):
		name := unknownName.FindStringSubmatch(message)[1]
		p.atText(n, name, "%s%s", message, meant(name, template.Names()))
	case unknownField.MatchString(message):
		name := unknownField.FindStringSubmatch(message)[1]
		p.atText(n, name, "%s%s", message, meant(name, template.PersonFields()))
	default:
		p.at(n, "%s", message)
	}
}

var (
	unknownName  = regexp.MustCompile(`unknown name (\w+)`)
	unknownField = regexp.MustCompile(`type fake\.Person has no field (\w+)`)
)

// firstLine drops the source excerpt of expr-lang: the problem has its own.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
