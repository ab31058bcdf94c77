package sample

import (
	"slices"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

// Member is a member of a schema's values.
type Member struct {
	Path      []string
	Simple    bool // a text or a number
	Integer   bool
	ReadOnly  bool
	MaxLength int // 0: none
	Pattern   string
	Enum      []any
}

// Name is the member's key.
func (m Member) Name() string { return m.Path[len(m.Path)-1] }

// Find returns the member that has one of some names, the first of them if it has several. Names are compared without case
// and separators. It looks at the top, and then in the envelope.
func Find(n *template.Node, resolve func(*template.Node) *template.Node, names []string) (Member, bool) {
	if n == nil {
		return Member{}, false
	}
	r := newReader(resolve)
	s := r.read(n)
	if m, ok := r.find(s, names, nil); ok {
		return m, true
	}
	for _, p := range s.properties {
		inner := r.read(p.Value)
		if inner.is("object") && (wraps(p.Key) || len(s.properties) == 1 || r.onlyObject(s, p.Key)) {
			if m, ok := r.find(inner, names, []string{p.Key}); ok {
				return m, true
			}
			for _, q := range inner.properties {
				if own := r.read(q.Value); wraps(q.Key) && own.is("object") {
					if m, ok := r.find(own, names, []string{p.Key, q.Key}); ok {
						return m, true
					}
				}
			}
		}
	}
	return Member{}, false
}

// FindBelow is Find for the inside of a member with a usual name of an envelope.
func FindBelow(n *template.Node, resolve func(*template.Node) *template.Node, names []string) (Member, bool) {
	if n == nil {
		return Member{}, false
	}
	r := newReader(resolve)
	for _, p := range r.read(n).properties {
		inner := r.read(p.Value)
		if !inner.is("object") || !wraps(p.Key) {
			continue
		}
		for _, q := range inner.properties { // data.object, as some services have it
			if own := r.read(q.Value); wraps(q.Key) && own.is("object") {
				if m, ok := r.find(own, names, []string{p.Key, q.Key}); ok {
					return m, true
				}
			}
		}
		if m, ok := r.find(inner, names, []string{p.Key}); ok {
			return m, true
		}
	}
	return Member{}, false
}

// onlyObject reports whether a member is the only object of a schema.
func (r reader) onlyObject(s *schema, name string) bool {
	return !slices.ContainsFunc(s.properties, func(p member) bool { return p.Key != name && r.read(p.Value).is("object") })
}

func (r reader) find(s *schema, names []string, path []string) (Member, bool) {
	for _, name := range names {
		for _, p := range s.properties {
			if fake.Squeeze(p.Key) != name {
				continue
			}
			own := r.read(p.Value)
			m := Member{Path: append(slices.Clone(path), p.Key), ReadOnly: own.readOnly, MaxLength: max(own.maxLength, 0), Pattern: own.pattern, Enum: own.enum,
				Integer: own.is("integer") || own.is("number") && !own.is("string")}
			m.Simple = m.Integer || own.is("string")
			if own.is("object") || own.is("array") {
				continue
			}
			return m, true
		}
	}
	return Member{}, false
}

// listOf returns the path of the array in a response that is a list: the response itself, or a member of it.
func listOf(r reader, n *template.Node) ([]string, bool) {
	s := r.read(n)
	if s.is("array") {
		return nil, true
	}
	var first []string
	for _, p := range s.properties {
		own := r.read(p.Value)
		if own.is("array") && own.items != nil && r.read(own.items).is("object") && first == nil {
			first = []string{p.Key}
		}
		if own.is("object") && wraps(p.Key) && first == nil {
			for _, q := range own.properties {
				if inner := r.read(q.Value); inner.is("array") && inner.items != nil && r.read(inner.items).is("object") {
					first = []string{p.Key, q.Key}
					break
				}
			}
		}
	}
	return first, first != nil
}
