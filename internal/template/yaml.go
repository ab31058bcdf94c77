package template

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// YAMLError is a mistake in a YAML document, with the node where it stands.
type YAMLError struct {
	Node ast.Node
	Err  error
}

func (e *YAMLError) Error() string {
	return fmt.Sprintf("line %d: %v", e.Node.GetToken().Position.Line, e.Err)
}

func (e *YAMLError) Unwrap() error { return e.Err }

// ErrAnchor says that a file uses YAML's anchors (&name) and aliases (*name). They make the value at hand depend on lines
// elsewhere, which is what every message about a place then gets wrong.
var ErrAnchor = errors.New("anchors and aliases (&name, *name) are not supported here: write the value out")

// FromYAML reads a YAML value whose string leaves may be ${expressions}. The error joins one [YAMLError] a mistake.
func FromYAML(node ast.Node) (*Node, error) {
	switch n := node.(type) {
	case nil:
		return Literal(nil)
	case *ast.MappingNode:
		var problems []error
		members := make([]Member, len(n.Values))
		seen := map[string]bool{}
		for i, v := range n.Values {
			value, err := FromYAML(v.Value)
			members[i] = Member{KeyText(v.Key), value}
			if seen[members[i].Key] {
				problems = append(problems, &YAMLError{v.Key, fmt.Errorf("key %q stands twice", members[i].Key)})
			}
			seen[members[i].Key] = true
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
		made, err := FromYAML(n.Value)
		return made, errors.Join(&YAMLError{n, ErrAnchor}, err)
	case *ast.AliasNode:
		return nil, &YAMLError{n, ErrAnchor}
	case *ast.TagNode:
		return nil, &YAMLError{n, errors.New("tags (!name) are not supported here")}
	case ast.ScalarNode:
		made, err := Literal(n.GetValue())
		if err != nil {
			err = &YAMLError{n, err}
		}
		return made, err
	default:
		return nil, &YAMLError{node, fmt.Errorf("a %s is not supported here", node.Type())}
	}
}

func at(n ast.Node, s string) (*Node, error) {
	made, err := String(s)
	if err != nil {
		return nil, &YAMLError{n, err}
	}
	return made, nil
}

// KeyText returns the text of a mapping's key.
func KeyText(key ast.MapKeyNode) string {
	if s, ok := key.(*ast.StringNode); ok {
		return s.Value
	}
	return key.String()
}
