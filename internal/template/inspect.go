package template

import (
	"maps"
	"reflect"
	"slices"

	"github.com/expr-lang/expr/ast"

	"github.com/idmock/idmock/internal/fake"
)

// Use is what an expression reads and compares.
type Use struct {
	Reads    [][]string   // paths, such as body.number
	Compares []Comparison // with literals
	Orders   []Order      // of paths and numbers
	Operands []Operand
	Tests    [][]string // paths that are taken for truth values within the expression
	// Yields is the type of every value, such as text; empty if it is unknown, or a truth value.
	Yields string
	// Whole is the path that is the whole expression; nil otherwise.
	Whole []string
	// Never reports that a condition is false or contradicts itself.
	Never bool
	// Results are the texts that the expression can yield; nil if they are unknown.
	Results []string
}

// Comparison compares a path with literals for equality.
type Comparison struct {
	Path   []string
	Values []any
	Not    bool // for inequality
}

// Order compares a path with a number by <, <=, > or >=.
type Order struct {
	Path     []string
	Operator string
	Value    int
}

// Use inspects the expression without evaluating it.
func (e *Expression) Use() Use { return inspect(e.code.program.Node()) }

// Uses inspects every expression of the tree.
func (n *Node) Uses() []Use {
	switch {
	case n == nil:
		return nil
	case n.kind == expression:
		if n.code.program == nil {
			return nil
		}
		return []Use{inspect(n.code.program.Node())}
	}
	var all []Use
	for _, m := range n.members {
		all = append(all, m.Value.Uses()...)
	}
	for _, item := range n.items {
		all = append(all, item.Uses()...)
	}
	return all
}

func inspect(node ast.Node) Use {
	var u inspection
	root := node
	u.walk(root)
	u.Never = never(root) || contradicts(root)
	u.Results = results(root)
	u.Whole = pathOf(root)
	u.Yields = yields(root)
	return u.Use
}

type inspection struct{ Use }

// walk records the longest paths.
func (u *inspection) walk(node ast.Node) {
	if path := pathOf(node); path != nil {
		u.Reads = append(u.Reads, path)
		return
	}
	if b, ok := node.(*ast.BinaryNode); ok {
		u.compare(b)
	}
	u.operands(node)
	for _, child := range children(node) {
		u.walk(child)
	}
}

func (u *inspection) compare(b *ast.BinaryNode) {
	switch b.Operator {
	case "==", "!=":
		path, value := pathOf(b.Left), b.Right
		if path == nil {
			path, value = pathOf(b.Right), b.Left
		}
		if v, ok := literalOf(value); ok && path != nil {
			u.Compares = append(u.Compares, Comparison{Path: path, Values: []any{v}, Not: b.Operator == "!="})
		}
	case "<", "<=", ">", ">=":
		path, value, operator := pathOf(b.Left), b.Right, b.Operator
		if path == nil {
			path, value, operator = pathOf(b.Right), b.Left, mirrored[b.Operator]
		}
		if v, ok := literalOf(value); ok && path != nil {
			if n, isInt := v.(int); isInt {
				u.Orders = append(u.Orders, Order{path, operator, n})
			}
		}
	case "in":
		if path, values := pathOf(b.Left), listOf(b.Right); path != nil && values != nil {
			u.Compares = append(u.Compares, Comparison{Path: path, Values: values})
		}
	}
}

// mirrored are the operators with their sides exchanged.
var mirrored = map[string]string{"<": ">", "<=": ">=", ">": "<", ">=": "<="}

// yields names the type of a node's values, if it is certain and not that of a condition.
func yields(node ast.Node) string {
	t := node.Type()
	if t == nil {
		return ""
	}
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Int, reflect.Int64, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map:
		return "an object"
	}
	return ""
}

// pathOf returns the path that a node reads, or nil.
func pathOf(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.ChainNode:
		return pathOf(n.Node)
	case *ast.IdentifierNode:
		return []string{n.Value}
	case *ast.MemberNode:
		of := pathOf(n.Node)
		name, ok := n.Property.(*ast.StringNode)
		if of == nil || !ok || n.Method {
			return nil
		}
		return append(slices.Clip(of), name.Value)
	}
	return nil
}

func literalOf(node ast.Node) (any, bool) {
	switch n := node.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode:
		return n.Value, true
	case *ast.BoolNode:
		return n.Value, true
	case *ast.ConstantNode:
		if text, ok := n.Value.(string); ok {
			return text, true
		}
	}
	return nil, false
}

// listOf returns the literals of a list, which the compiler may have made a set.
func listOf(node ast.Node) []any {
	switch n := node.(type) {
	case *ast.ArrayNode:
		var all []any
		for _, item := range n.Nodes {
			v, ok := literalOf(item)
			if !ok {
				return nil
			}
			all = append(all, v)
		}
		return all
	case *ast.ConstantNode:
		var all []any
		switch set := n.Value.(type) {
		case map[string]struct{}:
			for _, text := range slices.Sorted(maps.Keys(set)) {
				all = append(all, text)
			}
		case map[int]struct{}:
			for _, number := range slices.Sorted(maps.Keys(set)) {
				all = append(all, number)
			}
		case []any:
			all = set
		}
		return all
	}
	return nil
}

// never reports a condition that is always false.
func never(node ast.Node) bool {
	switch n := node.(type) {
	case *ast.BoolNode:
		return !n.Value
	case *ast.ConstantNode:
		v, ok := n.Value.(bool)
		return ok && !v
	case *ast.BinaryNode:
		switch n.Operator {
		case "&&", "and":
			return never(n.Left) || never(n.Right)
		case "||", "or":
			return never(n.Left) && never(n.Right)
		case "==":
			a, okA := literalOf(n.Left)
			b, okB := literalOf(n.Right)
			return okA && okB && a != b
		case "<":
			length, ok := n.Left.(*ast.BuiltinNode)
			least, okB := literalOf(n.Right)
			return ok && okB && length.Name == "len" && least == 0
		}
	}
	return false
}

// results returns the texts that a node can yield, nil if they are unknown.
func results(node ast.Node) []string {
	switch n := node.(type) {
	case *ast.StringNode:
		return []string{n.Value}
	case *ast.ConditionalNode:
		a, b := results(n.Exp1), results(n.Exp2)
		if a != nil && b != nil {
			return append(a, b...)
		}
	}
	return nil
}

// children returns the nodes below a node.
func children(node ast.Node) []ast.Node {
	switch n := node.(type) {
	case *ast.UnaryNode:
		return []ast.Node{n.Node}
	case *ast.BinaryNode:
		return []ast.Node{n.Left, n.Right}
	case *ast.ChainNode:
		return []ast.Node{n.Node}
	case *ast.MemberNode:
		return []ast.Node{n.Node, n.Property}
	case *ast.SliceNode:
		return []ast.Node{n.Node, n.From, n.To}
	case *ast.CallNode:
		return append([]ast.Node{n.Callee}, n.Arguments...)
	case *ast.BuiltinNode:
		return n.Arguments
	case *ast.PredicateNode:
		return []ast.Node{n.Node}
	case *ast.VariableDeclaratorNode:
		return []ast.Node{n.Value, n.Expr}
	case *ast.SequenceNode:
		return n.Nodes
	case *ast.ConditionalNode:
		return []ast.Node{n.Cond, n.Exp1, n.Exp2}
	case *ast.ArrayNode:
		return n.Nodes
	case *ast.MapNode:
		return n.Pairs
	case *ast.PairNode:
		return []ast.Node{n.Key, n.Value}
	}
	return nil
}

// Names lists the variables of expressions.
func Names() []string {
	var names []string
	t := reflect.TypeFor[Scope]()
	for i := range t.NumField() {
		names = append(names, t.Field(i).Tag.Get("expr"))
	}
	return names
}

// PersonFields lists the members of the variable fake.
func PersonFields() []string {
	var names []string
	t := reflect.TypeFor[fake.Person]()
	for i := range t.NumField() {
		if name := t.Field(i).Tag.Get("expr"); name != "" {
			names = append(names, name)
		}
	}
	return names
}
