// Package template implements JSON templates: trees whose string leaves may be ${expressions}.
//
// A leaf that is a single ${expression} has the type of its value, so numbers stay numbers; an expression in a longer text
// yields a string. Members keep their order, because the real services have a fixed one. Expressions are compiled by
// expr-lang when the tree is built, against [Scope]: they can read the request, the run, the account and generated people,
// and cannot do I/O.
//
// Code about files, providers or scenarios does not belong here.
package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Node is a value of a tree. Nodes are immutable and may be shared.
type Node struct {
	members []Member // an object
	items   []*Node  // an array
	kind    kind     //
	text    []byte   // a literal, as JSON
	value   any      // the literal as a Go value
	code    *code    // an expression
}

type kind uint8

const (
	literal kind = iota
	expression
	object
	array
)

// Member is a member of an object.
type Member struct {
	Key   string
	Value *Node
}

// Literal returns a leaf with a constant value: a string, a number, true, false or nil.
func Literal(v any) (*Node, error) {
	if s, ok := v.(string); ok {
		return &Node{text: appendString(nil, s), value: s}, nil
	}
	b, err := marshal(v)
	if err != nil {
		return nil, fmt.Errorf("literal: %w", err)
	}
	value, err := DecodeJSON(b)
	return &Node{text: b, value: value}, err
}

// Object returns an object with these members, in this order.
func Object(members []Member) *Node { return &Node{kind: object, members: members} }

// Array returns an array of these items.
func Array(items []*Node) *Node { return &Node{kind: array, items: items} }

// Func returns a leaf whose value is computed in the scope, which may be nil. compute is called once for each rendering and
// must be safe for concurrent use.
func Func(compute func(*Scope) (any, error)) *Node {
	return &Node{kind: expression, code: &code{compute: compute}}
}

// String returns the node of a string leaf: constant text, a single ${expression}, or text with expressions. The error
// quotes an expression that does not compile.
func String(s string) (*Node, error) {
	if !strings.Contains(s, "${") {
		return Literal(s)
	}
	parts, err := split(s)
	if err != nil {
		return nil, err
	}
	source := parts[0].text
	if len(parts) > 1 || !parts[0].code {
		terms := make([]string, len(parts))
		for i, p := range parts {
			terms[i] = fmt.Sprintf("%q", p.text)
			if p.code {
				terms[i] = "string(" + p.text + ")"
			}
		}
		source = strings.Join(terms, " + ")
	}
	code, err := compile(source)
	if err != nil {
		return nil, blame(parts, err)
	}
	return &Node{kind: expression, code: code}, nil
}

// ParseJSON reads a JSON document whose string leaves may be ${expressions}.
func ParseJSON(src []byte) (*Node, error) {
	return fromJSON(src, String)
}

// ParseData reads a JSON document without expressions: data from outside must never be evaluated.
func ParseData(src []byte) (*Node, error) {
	return fromJSON(src, func(s string) (*Node, error) { return Literal(s) })
}

func fromJSON(src []byte, leaf func(string) (*Node, error)) (*Node, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	n, err := decode(d, leaf)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one JSON value")
	}
	return n, nil
}

func decode(d *json.Decoder, leaf func(string) (*Node, error)) (*Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '[' {
			items := []*Node{}
			for d.More() {
				item, err := decode(d, leaf)
				if err != nil {
					return nil, err
				}
				items = append(items, item)
			}
			_, err := d.Token()
			return Array(items), err
		}
		members := []Member{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := decode(d, leaf)
			if err != nil {
				return nil, err
			}
			members = append(members, Member{key.(string), value})
		}
		_, err := d.Token()
		return Object(members), err
	case string:
		return leaf(t)
	default:
		return Literal(t)
	}
}

// Lookup returns the node at a path of object keys, or nil.
func (n *Node) Lookup(path ...string) *Node {
	for _, key := range path {
		if n == nil {
			return nil
		}
		i := slices.IndexFunc(n.members, func(m Member) bool { return m.Key == key })
		if i < 0 {
			return nil
		}
		n = n.members[i].Value
	}
	return n
}

// Members returns the members of an object, or nil. Do not modify them.
func (n *Node) Members() []Member {
	if n == nil {
		return nil
	}
	return n.members
}

// IsObject reports whether the node is an object; expressions are not, even if they yield one.
func (n *Node) IsObject() bool { return n != nil && n.kind == object }

// IsExpression reports whether the node is a leaf whose value depends on the scope.
func (n *Node) IsExpression() bool { return n != nil && n.kind == expression }

// Items returns the items of an array, or nil. Do not modify them.
func (n *Node) Items() []*Node {
	if n == nil {
		return nil
	}
	return n.items
}

// Merge merges over into n: objects are merged member by member, other values are replaced. New members come last.
func (n *Node) Merge(over *Node) *Node {
	if over == nil {
		return n
	}
	if n == nil || n.kind != object || over.kind != object {
		return over
	}
	members := slices.Clone(n.members)
	for _, m := range over.members {
		if i := slices.IndexFunc(members, func(have Member) bool { return have.Key == m.Key }); i >= 0 {
			members[i].Value = members[i].Value.Merge(m.Value)
		} else {
			members = append(members, m)
		}
	}
	return Object(members)
}

// ReplaceAt returns the tree with the member at path replaced.
func (n *Node) ReplaceAt(path []string, by *Node) *Node {
	if len(path) == 0 {
		return by
	}
	members := slices.Clone(n.members)
	for i, m := range members {
		if m.Key == path[0] {
			members[i].Value = m.Value.ReplaceAt(path[1:], by)
		}
	}
	return Object(members)
}

// MergeAt merges over into the member at path, and creates missing objects on the path.
func (n *Node) MergeAt(path []string, over *Node) *Node {
	for _, key := range slices.Backward(path) {
		over = Object([]Member{{key, over}})
	}
	return n.Merge(over)
}

// FillAt replaces members of the object at path by those of data that it has as well, and leaves out the others: shapes of
// one event differ in their members.
func (n *Node) FillAt(path []string, data *Node) *Node {
	target := n.Lookup(path...)
	if !target.IsObject() {
		return n
	}
	return n.ReplaceAt(path, target.fill(data))
}

func (n *Node) fill(data *Node) *Node {
	members := slices.Clone(n.members)
	for i, m := range members {
		over := data.Lookup(m.Key)
		switch {
		case over == nil:
		case m.Value.IsObject() && over.IsObject():
			members[i].Value = m.Value.fill(over)
		default:
			members[i].Value = over
		}
	}
	return Object(members)
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the real services do not escape for HTML either
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

func appendString(dst []byte, s string) []byte {
	// Invalid UTF-8 becomes U+FFFD, as JSON strings cannot represent it.
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}

// True reports whether the node is the literal true.
func (n *Node) True() bool {
	v, _ := n.Fixed()
	return v == true
}

// Number returns a value as a number; ok is false for other values than those of a number in a document.
func Number(v any) (number float64, ok bool) {
	switch v := v.(type) {
	case int:
		return float64(v), true
	case int64:
		return float64(v), true
	case uint64:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}

// Fixed returns the value of a literal leaf, and whether the node is one.
func (n *Node) Fixed() (v any, ok bool) {
	if n == nil || n.kind != literal {
		return nil, false
	}
	return n.value, true
}
