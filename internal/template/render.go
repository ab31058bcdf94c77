package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"time"
)

// Append renders the tree in a scope and appends the JSON to dst.
func (n *Node) Append(dst []byte, s *Scope) ([]byte, error) {
	var err error
	switch n.kind {
	case literal:
		return append(dst, n.text...), nil
	case expression:
		v, err := n.code.value(s)
		if err != nil {
			return dst, err
		}
		if dst, err = appendValue(dst, v); err == nil && len(dst) > maxOutput {
			err = fmt.Errorf("%w: renders more than %d MiB", ErrBudget, maxOutput>>20)
		}
		return dst, err
	case object:
		dst = append(dst, '{')
		for i, m := range n.members {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendString(dst, m.Key), ':')
			if dst, err = m.Value.Append(dst, s); err != nil {
				return dst, fmt.Errorf("%s: %w", m.Key, err)
			}
		}
		return append(dst, '}'), nil
	default:
		dst = append(dst, '[')
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = item.Append(dst, s); err != nil {
				return dst, fmt.Errorf("%d: %w", i, err)
			}
		}
		return append(dst, ']'), nil
	}
}

// Value renders the tree as Go values: map[string]any, []any, literals, and values of expressions.
func (n *Node) Value(s *Scope) (any, error) {
	switch n.kind {
	case literal:
		return n.value, nil
	case expression:
		return n.code.value(s)
	case object:
		object := make(map[string]any, len(n.members))
		for _, m := range n.members {
			v, err := m.Value.Value(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", m.Key, err)
			}
			object[m.Key] = v
		}
		return object, nil
	default:
		array := make([]any, len(n.items))
		for i, item := range n.items {
			v, err := item.Value(s)
			if err != nil {
				return nil, fmt.Errorf("%d: %w", i, err)
			}
			array[i] = v
		}
		return array, nil
	}
}

// Bind evaluates every expression and returns the resulting tree, which needs no scope.
func (n *Node) Bind(s *Scope) (*Node, error) {
	if n == nil || n.kind == literal {
		return n, nil
	}
	text, err := n.Append(nil, s)
	if err != nil {
		return nil, err
	}
	return ParseData(text)
}

// Compact returns a tree that renders the same, faster: literals are stored as text.
func (n *Node) Compact() *Segments {
	c := &Segments{}
	c.add(n)
	return c
}

// Segments is a rendered tree with its expressions left open.
type Segments struct{ parts []segment }

// Size estimates the size of the rendered JSON in bytes.
func (c *Segments) Size() int {
	n := 0
	for _, p := range c.parts {
		if n += len(p.text); p.hole != nil {
			n += 24
		}
	}
	return n
}

type segment struct {
	text []byte
	hole *Node
}

// Append renders the segments in a scope and appends the JSON to dst.
func (c *Segments) Append(dst []byte, s *Scope) ([]byte, error) {
	var err error
	for _, p := range c.parts {
		dst = append(dst, p.text...)
		if p.hole != nil {
			if dst, err = p.hole.Append(dst, s); err != nil {
				return dst, err
			}
		}
	}
	return dst, nil
}

func (c *Segments) add(n *Node) {
	switch n.kind {
	case literal:
		c.write(n.text...)
	case expression:
		c.last().hole = n
		c.parts = append(c.parts, segment{})
	case object:
		c.write('{')
		for i, m := range n.members {
			if i > 0 {
				c.write(',')
			}
			c.write(appendString(nil, m.Key)...)
			c.write(':')
			c.add(m.Value)
		}
		c.write('}')
	case array:
		c.write('[')
		for i, item := range n.items {
			if i > 0 {
				c.write(',')
			}
			c.add(item)
		}
		c.write(']')
	}
}

func (c *Segments) last() *segment {
	if len(c.parts) == 0 {
		c.parts = append(c.parts, segment{})
	}
	return &c.parts[len(c.parts)-1]
}

func (c *Segments) write(b ...byte) { l := c.last(); l.text = append(l.text, b...) }

func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return appendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case Raw:
		return append(dst, v...), nil
	case time.Time:
		return appendString(dst, v.UTC().Format(time.RFC3339Nano)), nil
	case time.Duration:
		return appendString(dst, v.String()), nil
	}
	b, err := marshal(v)
	if err != nil {
		return dst, fmt.Errorf("value of type %T: %w", v, err)
	}
	return append(dst, b...), nil
}

// DecodeJSON decodes a JSON value. Integers become int, so that identifiers survive string(…) in expressions.
func DecodeJSON(src []byte) (any, error) {
	if v, ok := decodeFast(src); ok {
		return v, nil
	}
	n, err := unmarshal(src)
	if err != nil {
		return nil, err
	}
	return plain(n)
}

// plain replaces each json.Number in a decoded value by an int if it fits, else by a float64. The error reports a number that
// neither can hold.
func plain(v any) (any, error) {
	var err error
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.Atoi(v.String()); err == nil {
			return i, nil
		}
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) {
			return nil, fmt.Errorf("number %s is out of range", short(v.String()))
		}
		return f, nil
	case map[string]any:
		for k, item := range v {
			if v[k], err = plain(item); err != nil {
				return nil, err
			}
		}
	case []any:
		for i, item := range v {
			if v[i], err = plain(item); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// Settle converts the value of an expression to JSON's types, as decoding its JSON would: a time becomes a string, raw JSON
// is decoded. The result shares no memory with v.
func Settle(v any) (any, error) {
	switch v.(type) {
	case nil, string, bool, int:
		return v, nil
	}
	text, err := appendValue(nil, v)
	if err != nil {
		return nil, err
	}
	return DecodeJSON(text)
}

func unmarshal(src []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(src))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}
