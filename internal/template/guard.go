package template

import (
	"fmt"
	"reflect"
	"regexp/syntax"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/vm/runtime"
)

// budgeted has expressions call functions of the budget: in every iteration of a loop, and before everything that builds a
// text or a list. expr-lang has no way to stop a virtual machine. Most expressions only look something up and stay as they
// are.
type budgeted struct{}

// Visit implements ast.Visitor.
func (g budgeted) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode:
		// The type of a condition whose other branch is nil is that of its branch.
		n.Node = &ast.ConditionalNode{Ternary: true, Cond: call("budget.step", reflect.TypeFor[bool]()), Exp1: n.Node, Exp2: &ast.NilNode{}}
	case *ast.BinaryNode:
		g.binary(node, n)
	case *ast.BuiltinNode:
		g.builtin(node, n)
	}
}

func (g budgeted) binary(node *ast.Node, n *ast.BinaryNode) {
	switch n.Operator {
	case "+":
		left, right := n.Left.Type(), n.Right.Type()
		result := reflect.TypeFor[any]()
		switch {
		case left.Kind() == reflect.String && right.Kind() == reflect.String:
			result = reflect.TypeFor[string]()
		case !addsTexts(left) || !addsTexts(right):
			return
		}
		parts := []ast.Node{n.Left, n.Right}
		if before, ok := n.Left.(*ast.CallNode); ok && isCall(before, "budget.concat") { // a + b + c is one text
			parts = append(before.Arguments[1:len(before.Arguments):len(before.Arguments)], n.Right)
		}
		g.replace(node, call("budget.concat", result, parts...))
	case "matches":
		cost := 0
		if pattern, ok := n.Right.(*ast.StringNode); ok {
			cost = searchCost(pattern.Value)
		} else {
			n.Right = call("budget.pattern", n.Right.Type(), n.Right)
			cost = dynamicCost
		}
		n.Left = call("budget.search", n.Left.Type(), n.Left, &ast.IntegerNode{Value: cost})
	}
}

func addsTexts(t reflect.Type) bool {
	return t.Kind() == reflect.String || t.Kind() == reflect.Interface
}

func (g budgeted) builtin(node *ast.Node, n *ast.BuiltinNode) {
	switch n.Name {
	case "replace", "repeat", "join":
		g.replace(node, call("budget."+n.Name, reflect.TypeFor[string](), n.Arguments...))
	case "upper", "lower", "trim", "trimPrefix", "trimSuffix", "split", "splitAfter", "toBase64", "fromBase64", "sort", "sortBy", "reverse",
		"keys", "values", "toPairs", "fromPairs", "take":
		g.charge(n, "budget.flat")
	case "toJSON", "fromJSON", "string", "flatten", "concat":
		g.charge(n, "budget.deep")
	case "uniq":
		g.charge(n, "budget.square")
	}
}

// charge has the arguments of a function counted before it is called.
func (g budgeted) charge(n *ast.BuiltinNode, function string) {
	for i, a := range n.Arguments {
		if _, ok := a.(*ast.PredicateNode); ok || i > 0 && n.Name != "concat" {
			continue
		}
		n.Arguments[i] = call(function, a.Type(), a)
	}
}

func (g budgeted) replace(node *ast.Node, by ast.Node) {
	t := by.Type()
	ast.Patch(node, by)
	(*node).SetType(t) // types are inferred only after the visit
}

// call returns a call of a function of the budget, which gets the scope first.
func call(name string, result reflect.Type, arguments ...ast.Node) *ast.CallNode {
	n := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: append([]ast.Node{&ast.IdentifierNode{Value: "$env"}}, arguments...)}
	n.SetType(result)
	return n
}

func isCall(n *ast.CallNode, name string) bool {
	callee, ok := n.Callee.(*ast.IdentifierNode)
	return ok && callee.Value == name
}

// dynamicCost is the number of instructions that a pattern may have that is known only when it is evaluated.
const dynamicCost = 1000

// searchCost is the number of instructions of a regular expression: each byte of a text may visit all of them.
func searchCost(pattern string) int {
	parsed, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 1 // does not compile, which is reported elsewhere
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 1
	}
	return len(program.Inst)
}

// budget are the functions that budgeted expressions call.
func budget() []expr.Option {
	spent := func(p []any) *Spent { return &p[0].(*Scope).Spent }
	counted := func(size func(any) (steps, bytes int)) func(...any) (any, error) {
		return func(p ...any) (any, error) {
			steps, bytes := size(p[1])
			if err := spent(p).step(int64(steps)); err != nil {
				return nil, err
			}
			return p[1], spent(p).grow(bytes)
		}
	}
	pass := new(func(*Scope, any) any)
	return []expr.Option{
		expr.Function("budget.step", func(p ...any) (any, error) { return true, spent(p).step(1) }, new(func(*Scope) bool)),
		expr.Function("budget.concat", func(p ...any) (any, error) { return spent(p).concat(p[1:]) }, new(func(*Scope, ...any) any)),
		expr.Function("budget.flat", counted(func(v any) (int, int) { return 1, sizeOf(v, false) }), pass),
		expr.Function("budget.deep", counted(func(v any) (int, int) { return 1, sizeOf(v, true) }), pass),
		expr.Function("budget.square", counted(func(v any) (int, int) { n := sizeOf(v, false) / 16; return n * n / 16, n * 16 }), pass),
		expr.Function("budget.pattern", func(p ...any) (any, error) {
			if text, ok := p[1].(string); ok && (len(text) > dynamicCost || searchCost(text) > dynamicCost) {
				return nil, fmt.Errorf("%w: pattern of more than %d instructions", ErrBudget, dynamicCost)
			}
			return p[1], spent(p).step(dynamicCost)
		}, pass),
		expr.Function("budget.search", func(p ...any) (any, error) {
			if text, ok := p[1].(string); ok && len(text) > maxSearch/max(1, p[2].(int)) {
				return nil, fmt.Errorf("%w: the text is too long for this pattern", ErrBudget)
			}
			return p[1], spent(p).step(1 + int64(sizeOf(p[1], false)*p[2].(int)/1000))
		}, new(func(*Scope, any, int) any)),
		expr.Function("budget.replace", func(p ...any) (any, error) {
			texts, err := textsOf(p[1:4])
			if err != nil {
				return nil, err
			}
			times := -1
			if len(p) > 4 {
				times = runtime.ToInt(p[4])
			}
			return spent(p).replace(texts[0], texts[1], texts[2], times)
		}, new(func(*Scope, any, any, any) string), new(func(*Scope, any, any, any, any) string)),
		expr.Function("budget.repeat", func(p ...any) (any, error) {
			texts, err := textsOf(p[1:2])
			if err != nil {
				return nil, err
			}
			return spent(p).repeat(texts[0], runtime.ToInt(p[2]))
		}, new(func(*Scope, any, any) string)),
		expr.Function("budget.join", func(p ...any) (any, error) {
			glue := ""
			if len(p) > 2 {
				texts, err := textsOf(p[2:])
				if err != nil {
					return nil, err
				}
				glue = texts[0]
			}
			return spent(p).join(p[1], glue)
		}, new(func(*Scope, any) string), new(func(*Scope, any, any) string)),
	}
}

func textsOf(values []any) ([]string, error) {
	texts := make([]string, len(values))
	for i, v := range values {
		text, ok := v.(string)
		if !ok {
			return nil, fmt.Errorf("invalid argument (expected string, got %T)", v)
		}
		texts[i] = text
	}
	return texts, nil
}

// mayGrow reports whether an expression has anything that the budget counts.
func mayGrow(node ast.Node) bool {
	found := &finder{}
	ast.Walk(&node, found)
	return found.found
}

type finder struct{ found bool }

// Visit implements ast.Visitor.
func (f *finder) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.PredicateNode, *ast.BuiltinNode:
		f.found = true
	case *ast.BinaryNode:
		f.found = f.found || n.Operator == "+" || n.Operator == "matches" || n.Operator == ".."
	}
}
