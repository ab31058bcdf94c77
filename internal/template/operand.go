package template

import (
	"cmp"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Operand is a path beside a literal, such as body.number == 5, or before an operator for texts, such as startsWith.
type Operand struct {
	Path     []string
	Operator string
	Value    any // a string, int, float64 or bool; nil if it is not a literal
}

// operands records the operands of a node, and the paths that it takes for truth values.
func (u *inspection) operands(node ast.Node) {
	switch n := node.(type) {
	case *ast.UnaryNode:
		if n.Operator == "!" || n.Operator == "not" {
			u.test(n.Node)
		}
	case *ast.ConditionalNode:
		u.test(n.Cond)
	case *ast.BinaryNode:
		switch n.Operator {
		case "&&", "and", "||", "or":
			u.test(n.Left)
			u.test(n.Right)
		case "==", "!=", "<", "<=", ">", ">=":
			u.operand(n.Left, n.Operator, n.Right)
			u.operand(n.Right, cmp.Or(mirrored[n.Operator], n.Operator), n.Left)
		case "startsWith", "endsWith", "contains", "matches":
			if path := pathOf(n.Left); path != nil {
				u.Operands = append(u.Operands, Operand{Path: path, Operator: n.Operator})
			}
		case "in":
			if _, text := n.Right.(*ast.StringNode); text {
				u.operand(n.Left, "in", n.Right)
			}
			for _, v := range listOf(n.Right) {
				if path := pathOf(n.Left); path != nil {
					u.Operands = append(u.Operands, Operand{path, "==", v})
				}
			}
		}
	}
}

func (u *inspection) operand(node ast.Node, operator string, with ast.Node) {
	path := pathOf(node)
	v, ok := literalOf(with)
	if f, isFloat := with.(*ast.FloatNode); isFloat {
		v, ok = f.Value, true
	}
	if path != nil && ok {
		u.Operands = append(u.Operands, Operand{path, operator, v})
	}
}

// test records a path that must be a truth value.
func (u *inspection) test(node ast.Node) {
	if path := pathOf(node); path != nil {
		u.Tests = append(u.Tests, path)
	}
}

// contradicts reports a conjunction that no value of a path meets: two literals that it equals, one that it equals and does
// not, or bounds that exclude each other.
func contradicts(node ast.Node) bool {
	var all []Operand
	var collect func(ast.Node)
	collect = func(node ast.Node) {
		b, ok := node.(*ast.BinaryNode)
		if !ok {
			return
		}
		if b.Operator == "&&" || b.Operator == "and" {
			collect(b.Left)
			collect(b.Right)
			return
		}
		var u inspection
		if b.Operator != "in" {
			u.operands(b)
		}
		all = append(all, u.Operands...)
	}
	collect(node)
	for i, a := range all {
		for _, b := range all[:i] {
			if slices.Equal(a.Path, b.Path) && (exclude(a, b) || exclude(b, a)) {
				return true
			}
		}
	}
	return false
}

// exclude reports whether no value meets two comparisons.
func exclude(a, b Operand) bool {
	switch {
	case a.Operator == "==" && b.Operator == "==":
		return a.Value != b.Value
	case a.Operator == "==" && b.Operator == "!=":
		return a.Value == b.Value
	}
	low, okA := a.Value.(int)
	high, okB := b.Value.(int)
	if !okA || !okB {
		return false
	}
	switch a.Operator + " " + b.Operator {
	case "> <":
		return low >= high // values may be fractions
	case "> <=", ">= <", "== <", "> ==":
		return low >= high
	case ">= <=", "== <=", ">= ==":
		return low > high
	}
	return false
}
