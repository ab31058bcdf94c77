// Package route finds the entry of a table of OpenAPI paths that a request is for.
//
// A path may have parameters as parts of segments ({id}.pdf, {a}-{b}), parameters over several segments ({path+}, {+name}),
// and a query or fragment that tells entries of one path apart (/?Action=List, /#Action=List). The more concrete path wins.
// Documents and operations do not belong here.
package route

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Table is a table of routes to values. Add everything before the first Find.
type Table[V any] struct{ root node[V] }

// node is a place in the tree of path segments.
type node[V any] struct {
	literals map[string]*node[V]
	patterns []*branch[V] // the most concrete first
	entries  map[string][]*entry[V]
}

// branch is a child for segments with parameters.
type branch[V any] struct {
	segment
	next node[V]
}

// entry is one route: of a method at a place.
type entry[V any] struct {
	path       string
	names      []string // of the parameters, in order
	conditions []condition
	value      V
}

// Match is the result of Find.
type Match[V any] struct {
	Value  V
	Found  bool
	Names  []string // of the path's parameters
	Values []string
	Allow  []string // the methods of the path, if it has no such method; sorted
}

// Add adds a route. The error reports a path that requests cannot distinguish from another one of the same method.
func (t *Table[V]) Add(method, path string, value V) error {
	at, e := &t.root, &entry[V]{path: path, value: value}
	path, e.conditions = splitConditions(path)
	for _, text := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		s := parseSegment(text)
		e.names = append(e.names, s.names...)
		at = at.child(s)
	}
	if at.entries == nil {
		at.entries = map[string][]*entry[V]{}
	}
	for _, have := range at.entries[method] {
		if slices.Equal(have.conditions, e.conditions) {
			return fmt.Errorf("path cannot be routed: %s %s is the same as %s", method, e.path, have.path)
		}
	}
	at.entries[method] = append(at.entries[method], e)
	return nil
}

func (n *node[V]) child(s segment) *node[V] {
	if s.pattern == nil {
		if n.literals == nil {
			n.literals = map[string]*node[V]{}
		}
		next := n.literals[s.text]
		if next == nil {
			next = &node[V]{}
			n.literals[s.text] = next
		}
		return next
	}
	for _, b := range n.patterns {
		if b.same(s) {
			return &b.next
		}
	}
	b := &branch[V]{segment: s}
	i := slices.IndexFunc(n.patterns, func(have *branch[V]) bool { return s.before(have.segment) })
	if i < 0 {
		i = len(n.patterns)
	}
	n.patterns = slices.Insert(n.patterns, i, b)
	return &b.next
}

// Find returns the route of a request. The path is that of the request without its prefix, still escaped.
func (t *Table[V]) Find(r *http.Request, path string) Match[V] {
	f := finder[V]{request: r}
	if e := f.find(&t.root, strings.TrimPrefix(path, "/"), true); e != nil {
		return Match[V]{Value: e.value, Found: true, Names: e.names, Values: f.values}
	}
	slices.Sort(f.allow)
	return Match[V]{Allow: slices.Compact(f.allow)}
}

// finder walks the tree for one request, without a list of the path's segments: every request is routed.
type finder[V any] struct {
	request *http.Request
	values  []string
	allow   []string
}

// find follows the rest of a path from a place; without more, the path ends there.
func (f *finder[V]) find(n *node[V], rest string, more bool) *entry[V] {
	if !more {
		return f.entry(n)
	}
	text, after, more := strings.Cut(rest, "/")
	text = unescape(text)
	if next := n.literals[text]; next != nil {
		if e := f.find(next, after, more); e != nil {
			return e
		}
	}
	for _, b := range n.patterns {
		if e := f.follow(b, text, after, more); e != nil {
			return e
		}
	}
	return nil
}

// maxGreedy bounds the segments of one parameter.
const maxGreedy = 32

// follow has a parameter take the text of one segment or, if it may, of several.
func (f *finder[V]) follow(b *branch[V], text, rest string, more bool) *entry[V] {
	kept := len(f.values)
	for n := 1; ; n++ {
		if values, ok := b.match(text); ok {
			f.values = append(f.values[:kept], values...)
			if e := f.find(&b.next, rest, more); e != nil {
				return e
			}
		}
		if !b.greedy || !more || n == maxGreedy {
			break
		}
		var next string
		next, rest, more = strings.Cut(rest, "/")
		text += "/" + unescape(next)
	}
	f.values = f.values[:kept]
	return nil
}

// entry chooses among the entries of a place.
func (f *finder[V]) entry(n *node[V]) *entry[V] {
	list := n.entries[f.request.Method]
	if list == nil && f.request.Method == http.MethodHead {
		list = n.entries[http.MethodGet]
	}
	if list == nil {
		for method := range n.entries {
			if f.allow = append(f.allow, method); method == http.MethodGet {
				f.allow = append(f.allow, http.MethodHead)
			}
		}
		return nil
	}
	if len(list) == 1 {
		return list[0]
	}
	return choose(f.request, list)
}
