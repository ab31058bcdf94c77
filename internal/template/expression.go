package template

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm"
)

// Expression is a compiled expression outside a tree, such as a condition.
type Expression struct {
	program *vm.Program
	source  string
}

// Compile compiles an expression, with or without ${ and }.
func Compile(source string) (*Expression, error) {
	source = strings.TrimSpace(source)
	if inner, ok := strings.CutPrefix(source, "${"); ok {
		source = strings.TrimSuffix(inner, "}")
	}
	program, err := compile(source)
	if err != nil {
		return nil, err
	}
	return &Expression{program, source}, nil
}

// String returns the source of the expression.
func (e *Expression) String() string { return e.source }

// Value evaluates the expression.
func (e *Expression) Value(s *Scope) (any, error) { return run(e.program, e.source, s) }

// True evaluates a condition. Every value other than true counts as false.
func (e *Expression) True(s *Scope) (bool, error) {
	v, err := run(e.program, e.source, s)
	ok, _ := v.(bool)
	return ok, err
}

func compile(source string) (*vm.Program, error) {
	return expr.Compile(source, append(functions(), expr.Env(&Scope{}), expr.Patch(methods{}), expr.Patch(lenient{}))...)
}

// machines are reused: creating one costs more than most expressions.
var machines = sync.Pool{New: func() any { return new(vm.VM) }}

func run(program *vm.Program, source string, s *Scope) (any, error) {
	m := machines.Get().(*vm.VM)
	v, err := m.Run(program, s)
	machines.Put(m)
	if err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n") // the rest is an excerpt of the source, which the caller quotes
		return nil, fmt.Errorf("evaluate %q: %s", source, text)
	}
	return v, nil
}

// lenient makes missing members of untyped data yield nil instead of an error, so that a condition on body.a.b works for
// requests without them. Typed parts of the scope stay strict: a misspelt fake.frist_name does not compile.
type lenient struct{}

func (lenient) Visit(node *ast.Node) {
	member, ok := (*node).(*ast.MemberNode)
	if !ok || member.Optional || member.Method {
		return
	}
	if t := member.Node.Type(); t != nil && t.Kind() != reflect.Interface {
		return
	}
	member.Optional = true
	ast.Patch(node, &ast.ChainNode{Node: member})
}

type part struct {
	text string
	code bool
}

// blame quotes the expression that does not compile.
func blame(parts []part, err error) error {
	var source string
	for _, p := range parts {
		if !p.code {
			continue
		}
		source = strings.TrimSpace(p.text)
		if _, own := compile(p.text); own != nil {
			err = own
			break
		}
	}
	return fmt.Errorf("expression %q: %w", source, err)
}

// split splits a leaf into text and code. A closing brace in a string or of a nested brace does not end the code.
func split(s string) ([]part, error) {
	var parts []part
	for s != "" {
		text, rest, found := strings.Cut(s, "${")
		if text != "" {
			parts = append(parts, part{text: text})
		}
		if !found {
			break
		}
		end := closing(rest)
		if end < 0 {
			return nil, fmt.Errorf("expression %q has no closing brace", "${"+rest)
		}
		parts = append(parts, part{text: rest[:end], code: true})
		s = rest[end+1:]
	}
	return parts, nil
}

func closing(s string) int {
	depth, quote := 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"' || c == '`':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}
