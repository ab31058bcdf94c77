package template

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	yaml "github.com/oasdiff/yaml3"
)

// ReadDocument reads a large YAML document without expressions, such as an OpenAPI document, and keeps its order. It uses
// the fork of yaml.v3 that kin-openapi maintains, which takes half the time of the parser for scenario files. That parser
// locates mistakes better.
func ReadDocument(src io.Reader) (*Node, error) {
	d := yaml.NewDecoder(src)
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, fmt.Errorf("more than one YAML document")
	}
	return fromNode(root.Content[0])
}

func fromNode(n *yaml.Node) (*Node, error) {
	switch n.Kind {
	case yaml.MappingNode:
		members := make([]Member, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			value, err := fromNode(n.Content[i+1])
			if err != nil {
				return nil, err
			}
			members = append(members, Member{n.Content[i].Value, value})
		}
		return Object(members), nil
	case yaml.SequenceNode:
		items := make([]*Node, len(n.Content))
		for i, item := range n.Content {
			value, err := fromNode(item)
			if err != nil {
				return nil, err
			}
			items[i] = value
		}
		return Array(items), nil
	case yaml.ScalarNode:
		return fromScalar(n)
	default:
		return nil, fmt.Errorf("line %d: anchors and aliases are not supported here, use $ref", n.Line)
	}
}

func fromScalar(n *yaml.Node) (*Node, error) {
	switch n.ShortTag() {
	case "!!null":
		return Literal(nil)
	case "!!bool":
		return Literal(n.Value == "true" || n.Value == "True" || n.Value == "TRUE")
	case "!!int":
		i, err := strconv.ParseInt(strings.ReplaceAll(n.Value, "_", ""), 0, 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: number %s is too large", n.Line, n.Value)
		}
		return Literal(i)
	case "!!float":
		f, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
		if err != nil {
			return nil, fmt.Errorf("line %d: %s has no representation in JSON", n.Line, n.Value)
		}
		return floatLiteral(n.Value, f)
	default:
		return Literal(n.Value)
	}
}

// floatLiteral keeps the spelling if JSON allows it, so that 1.0 does not become 1.
func floatLiteral(text string, f float64) (*Node, error) {
	if n, err := ParseData([]byte(text)); err == nil {
		return n, nil
	}
	return Literal(f)
}
