package template

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/optimizer"
	"github.com/expr-lang/expr/vm"
)

// Expression is a compiled expression outside a tree, such as a condition.
type Expression struct{ code *code }

// code is a compiled expression.
type code struct {
	program *vm.Program
	source  string   // without ${ and }
	simple  accessor // faster equivalent of the program; nil if there is none
	person  bool     // the program may need the generated person
	guarded bool     // the program calls the functions of the budget

	compute func(*Scope) (any, error) // of a node made by Func, which has no program
}

// Compile compiles an expression, with or without ${ and }.
func Compile(source string) (*Expression, error) {
	source = strings.TrimSpace(source)
	if inner, ok := strings.CutPrefix(source, "${"); ok {
		source = strings.TrimSuffix(inner, "}")
	}
	if closing(source+"}") != len(source) { // as in a leaf
		return nil, fmt.Errorf("expression %q has an unclosed quote, bracket or comment", short(source))
	}
	code, err := compile(source)
	if err != nil {
		return nil, err
	}
	return &Expression{code}, nil
}

// String returns the source of the expression.
func (e *Expression) String() string { return e.code.source }

// Value evaluates the expression.
func (e *Expression) Value(s *Scope) (any, error) { return e.code.value(s) }

// True evaluates a condition. Every value other than true counts as false.
func (e *Expression) True(s *Scope) (bool, error) {
	v, err := e.code.value(s)
	ok, _ := v.(bool)
	return ok, err
}

// configs are reused: expr.Compile makes one for each expression, which takes longer than compiling it, and providers and
// scenarios have hundreds of expressions.
var configs = sync.Pool{New: func() any { return newConfig() }}

// guardedConfigs compile expressions within the budget.
var guardedConfigs = sync.Pool{New: func() any { return newConfig(append(budget(), expr.Patch(budgeted{}))...) }}

func newConfig(more ...expr.Option) *conf.Config {
	c := conf.CreateNew()
	for _, option := range append(append(functions(), expr.Env(&Scope{}), expr.Patch(methods{}), expr.Patch(headerNames{}), expr.Patch(lenient{})), more...) {
		option(c)
	}
	c.Check()
	return c
}

// maxSource is the length of the longest expression, in bytes.
const maxSource = 16 << 10

// compile compiles an expression. The first compilation reports errors of types, which the functions of the budget would hide.
func compile(source string) (*code, error) {
	if len(source) > maxSource {
		return nil, fmt.Errorf("expression exceeds %d KiB", maxSource>>10)
	}
	program, err := compileWith(&configs, source)
	if err != nil {
		return nil, err
	}
	c := &code{program: program, source: source, simple: access(program.Node()), person: strings.Contains(source, "fake")}
	if mayGrow(program.Node()) {
		c.guarded = true
		c.program, err = compileWith(&guardedConfigs, source)
	}
	return c, err
}

// compileWith compiles an expression like expr.Compile.
func compileWith(pool *sync.Pool, source string) (*vm.Program, error) {
	c := pool.Get().(*conf.Config)
	defer pool.Put(c)
	tree, err := checker.ParseCheck(source, c)
	if err != nil {
		return nil, err
	}
	if err := optimizer.Optimize(&tree.Node, c); err != nil {
		if at, ok := errors.AsType[*file.Error](err); ok {
			return nil, at.Bind(tree.Source)
		}
		return nil, err
	}
	return compiler.Compile(tree, c)
}

// value evaluates the expression, by the virtual machine if there is no other way.
func (c *code) value(s *Scope) (any, error) {
	if c.compute != nil {
		return c.compute(s)
	}
	if c.simple != nil && s != nil {
		if v, ok := c.simple(s); ok {
			return v, nil
		}
	}
	return c.run(s)
}

// short is the beginning of a source, to quote it.
func short(source string) string {
	if len(source) > 200 {
		return strings.ToValidUTF8(source[:200], "") + "…"
	}
	return source
}

// machines are reused: creating one costs more than most expressions.
var machines = sync.Pool{New: func() any { return new(vm.VM) }}

func (c *code) run(s *Scope) (v any, err error) {
	if c.person && s != nil {
		s.person()
	}
	if c.guarded && s != nil {
		s.Spent.start()
		m := &vm.VM{MemoryBudget: maxItems} // a reused one would keep the values that the expression built
		v, err = m.Run(c.program, s)
	} else {
		m := machines.Get().(*vm.VM)
		v, err = m.Run(c.program, s)
		machines.Put(m)
	}
	switch {
	case errors.Is(err, ErrBudget):
		return nil, fmt.Errorf("evaluate %q: %w", short(c.source), err)
	case err != nil:
		text, _, _ := strings.Cut(err.Error(), "\n") // the rest is an excerpt of the source, which the caller quotes
		return nil, fmt.Errorf("evaluate %q: %s", short(c.source), text)
	}
	return v, nil
}

// headerNames makes header["X-Name"] find a header in any case, as HTTP does: the scope has their names in lower case.
type headerNames struct{}

func (headerNames) Visit(node *ast.Node) {
	member, ok := (*node).(*ast.MemberNode)
	if !ok {
		return
	}
	header, ok := member.Node.(*ast.IdentifierNode)
	if name, literal := member.Property.(*ast.StringNode); ok && literal && header.Value == "header" {
		name.Value = strings.ToLower(name.Value)
	}
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
