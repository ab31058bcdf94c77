package openapi

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
)

// tree turns YAML into a template, in the order of the file. leaf makes the string leaves.
func tree(node ast.Node, leaf func(string) (*template.Node, error)) (*template.Node, error) {
	switch n := node.(type) {
	case nil:
		return template.Literal(nil)
	case *ast.MappingNode:
		members := make([]template.Member, len(n.Values))
		for i, v := range n.Values {
			value, err := tree(v.Value, leaf)
			if err != nil {
				return nil, err
			}
			members[i] = template.Member{Key: keyText(v.Key), Value: value}
		}
		return template.Object(members), nil
	case *ast.MappingValueNode:
		value, err := tree(n.Value, leaf)
		if err != nil {
			return nil, err
		}
		return template.Object([]template.Member{{Key: keyText(n.Key), Value: value}}), nil
	case *ast.SequenceNode:
		items := make([]*template.Node, len(n.Values))
		for i, v := range n.Values {
			item, err := tree(v, leaf)
			if err != nil {
				return nil, err
			}
			items[i] = item
		}
		return template.Array(items), nil
	case *ast.StringNode:
		return leafAt(n, n.Value, leaf)
	case *ast.LiteralNode:
		return leafAt(n, n.Value.Value, leaf)
	case ast.ScalarNode:
		return template.Literal(n.GetValue())
	default:
		return nil, fmt.Errorf("line %d: %s is not supported here", node.GetToken().Position.Line, node.Type())
	}
}

func leafAt(n ast.Node, s string, leaf func(string) (*template.Node, error)) (*template.Node, error) {
	made, err := leaf(s)
	if err != nil {
		return nil, fmt.Errorf("line %d: %w", n.GetToken().Position.Line, err)
	}
	return made, nil
}

func keyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}
