package template

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// YAMLError is an error in a YAML document, with its node.
type YAMLError struct {
	Node ast.Node
	Err  error
}

func (e *YAMLError) Error() string {
	return fmt.Sprintf("line %d: %v", e.Node.GetToken().Position.Line, e.Err)
}

func (e *YAMLError) Unwrap() error { return e.Err }

// ErrAnchor reports YAML anchors (&name) and aliases (*name). They would make a value depend on other lines, to which no
// error message points.
var ErrAnchor = errors.New("anchors and aliases (&name, *name) are not supported here: write the value out")

// FromYAML reads a YAML value whose string leaves may be ${expressions}. The error joins a [YAMLError] for each mistake.
func FromYAML(node ast.Node) (*Node, error) {
	switch n := node.(type) {
	case nil:
		return Literal(nil)
	case *ast.MappingNode:
		var problems []error
		members := make([]Member, len(n.Values))
		seen := map[string]int{} // line by key
		for i, v := range n.Values {
			value, err := FromYAML(v.Value)
			members[i] = Member{KeyText(v.Key), value}
			if first := seen[members[i].Key]; first > 0 {
				problems = append(problems, &YAMLError{v.Key, fmt.Errorf("duplicate key %q (first at line %d)", members[i].Key, first)})
			} else {
				seen[members[i].Key] = v.Key.GetToken().Position.Line
			}
			problems = append(problems, err)
		}
		return Object(members), errors.Join(problems...)
	case *ast.MappingValueNode:
		value, err := FromYAML(n.Value)
		return Object([]Member{{KeyText(n.Key), value}}), err
	case *ast.SequenceNode:
		var problems []error
		items := make([]*Node, len(n.Values))
		for i, v := range n.Values {
			item, err := FromYAML(v)
			problems = append(problems, err)
			items[i] = item
		}
		return Array(items), errors.Join(problems...)
	case *ast.StringNode:
		return at(n, n.Value)
	case *ast.LiteralNode:
		return at(n, n.Value.Value)
	case *ast.AnchorNode:
		value, err := FromYAML(n.Value)
		return value, errors.Join(&YAMLError{n, ErrAnchor}, err)
	case *ast.AliasNode:
		return nil, &YAMLError{n, ErrAnchor}
	case *ast.TagNode:
		return nil, &YAMLError{n, errors.New("tags (!name) are not supported here")}
	case ast.ScalarNode:
		literal, err := Literal(n.GetValue())
		if err != nil {
			err = &YAMLError{n, err}
		}
		return literal, err
	default:
		return nil, &YAMLError{node, fmt.Errorf("a %s is not supported here", node.Type())}
	}
}

func at(n ast.Node, s string) (*Node, error) {
	node, err := String(s)
	if err != nil {
		return nil, &YAMLError{n, err}
	}
	return node, nil
}

// KeyText returns the text of a mapping's key.
func KeyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}
