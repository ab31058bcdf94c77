package template

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	yaml "github.com/oasdiff/yaml3"
)

// maxDocument bounds the nodes of a document after its aliases were followed: each alias may repeat others.
const maxDocument = 20_000_000

// ReadDocument reads a large YAML or JSON document without expressions, such as an OpenAPI document, and keeps its order.
// Anchors, aliases and merge keys are followed. It uses the fork of yaml.v3 that kin-openapi maintains, which takes half the
// time of the parser for scenario files, and a parser of JSON for what begins as an object of JSON. The parser for scenario
// files locates mistakes better.
func ReadDocument(src io.Reader) (*Node, error) {
	text, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if trimmed := bytes.TrimSpace(text); len(trimmed) > 0 && trimmed[0] == '{' {
		if n, err := readJSON(trimmed); err == nil {
			return n, nil
		} // YAML allows more between braces, and words the error
	}
	root, err := parseYAML(text)
	if err != nil {
		return nil, err
	}
	r := &documentReader{done: map[*yaml.Node]*Node{}, sizes: map[*yaml.Node]int{}}
	return r.node(root)
}

// parseYAML returns the only document of a text.
func parseYAML(text []byte) (*yaml.Node, error) {
	d := yaml.NewDecoder(bytes.NewReader(text))
	var root yaml.Node
	if err := d.Decode(&root); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if err := d.Decode(new(yaml.Node)); err != io.EOF {
		return nil, errors.New("more than one YAML document")
	}
	if len(root.Content) == 0 {
		return nil, io.EOF
	}
	return root.Content[0], nil
}

// documentReader converts YAML. An alias shares the node of its anchor.
type documentReader struct {
	done  map[*yaml.Node]*Node // anchors; nil while one is read
	sizes map[*yaml.Node]int   // of anchors, with all that they refer to
	size  int
}

func (r *documentReader) node(n *yaml.Node) (*Node, error) {
	if r.size++; r.size > maxDocument {
		return nil, fmt.Errorf("line %d: the aliases of the document repeat more than %d values", n.Line, maxDocument)
	}
	if n.Anchor == "" {
		return r.convert(n)
	}
	before := r.size
	r.done[n] = nil
	value, err := r.convert(n)
	r.done[n], r.sizes[n] = value, r.size-before
	return value, err
}

func (r *documentReader) convert(n *yaml.Node) (*Node, error) {
	switch n.Kind {
	case yaml.MappingNode:
		return r.mapping(n)
	case yaml.SequenceNode:
		items := make([]*Node, len(n.Content))
		for i, item := range n.Content {
			value, err := r.node(item)
			if err != nil {
				return nil, err
			}
			items[i] = value
		}
		return Array(items), nil
	case yaml.ScalarNode:
		return fromScalar(n)
	case yaml.AliasNode:
		return r.alias(n)
	default:
		return nil, fmt.Errorf("line %d: unknown kind of value", n.Line)
	}
}

func (r *documentReader) alias(n *yaml.Node) (*Node, error) {
	target := n.Alias
	value := r.done[target]
	if value == nil {
		return nil, fmt.Errorf("line %d: the anchor %s contains itself", n.Line, n.Value)
	}
	if r.size += r.sizes[target]; r.size > maxDocument {
		return nil, fmt.Errorf("line %d: the aliases of the document repeat more than %d values", n.Line, maxDocument)
	}
	return value, nil
}

// mapping reads an object. Members of merge keys come after its own, which take precedence.
func (r *documentReader) mapping(n *yaml.Node) (*Node, error) {
	members := make([]Member, 0, len(n.Content)/2)
	var merged []*Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		node, err := r.node(value)
		if err != nil {
			return nil, err
		}
		if key.Value == "<<" && key.Tag == "!!merge" {
			merged = append(merged, append([]*Node{node}, node.Items()...)...)
			continue
		}
		members = append(members, Member{key.Value, node})
	}
	own := Object(members)
	for _, other := range merged {
		if other.IsObject() {
			own = Object(append(own.members, other.without(own)...))
		}
	}
	return own, nil
}

// without returns the members that an object does not have.
func (n *Node) without(other *Node) []Member {
	var rest []Member
	for _, m := range n.members {
		if other.Lookup(m.Key) == nil {
			rest = append(rest, m)
		}
	}
	return rest
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
			return fromNumber(n.Value)
		}
		return Literal(i)
	case "!!float":
		return fromNumber(n.Value)
	default:
		return Literal(n.Value)
	}
}

// fromNumber keeps the spelling if JSON allows it, so that 1.0 does not become 1. A number that JSON cannot represent, such
// as .nan, becomes a text.
func fromNumber(text string) (*Node, error) {
	if n, err := ParseData([]byte(text)); err == nil {
		return n, nil
	}
	if f, err := strconv.ParseFloat(strings.ReplaceAll(text, "_", ""), 64); err == nil {
		if n, err := Literal(f); err == nil {
			return n, nil
		}
	}
	return Literal(text)
}

// readJSON reads one value of JSON.
func readJSON(text []byte) (*Node, error) {
	d := jsontext.NewDecoder(bytes.NewReader(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	n, err := nextJSON(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.ReadToken(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return n, nil
}

func nextJSON(d *jsontext.Decoder) (*Node, error) {
	token, err := d.ReadToken()
	if err != nil {
		return nil, err
	}
	switch token.Kind() {
	case '{':
		members := []Member{}
		for d.PeekKind() != '}' {
			name, err := d.ReadToken()
			if err != nil {
				return nil, err
			}
			key := name.String() // before the next read, which reuses the token's memory
			value, err := nextJSON(d)
			if err != nil {
				return nil, err
			}
			members = append(members, Member{key, value})
		}
		_, err := d.ReadToken()
		return Object(members), err
	case '[':
		items := []*Node{}
		for d.PeekKind() != ']' {
			item, err := nextJSON(d)
			if err != nil {
				return nil, err
			}
			items = append(items, item)
		}
		_, err := d.ReadToken()
		return Array(items), err
	case '"':
		return Literal(token.String())
	case '0':
		text := token.String()
		if i, err := strconv.Atoi(text); err == nil && strconv.Itoa(i) == text {
			return &Node{text: []byte(text), value: i}, nil
		}
		return fromNumber(text)
	case 'n':
		return &Node{text: []byte("null")}, nil
	}
	return Literal(token.Bool())
}
