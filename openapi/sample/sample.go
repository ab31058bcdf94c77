package sample

import (
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
)

// Options configure the values of a body.
type Options struct {
	// Resolve follows the $ref of a node; it returns an empty node for a reference without a target.
	Resolve func(*template.Node) *template.Node
	// Example has the values to use, where it has any; nil: those of the schema.
	Example *template.Node
	// Request generates the body of a request: without readOnly members, where a response has no writeOnly ones.
	Request bool
	// Echo repeats the values that the request and the run have.
	Echo bool
	// ID is the path of the run's reference in the body; nil: none.
	ID []string
	// Variables are the names of the run's variables, which members of the same name show.
	Variables []string
	// Listed has the first array of objects list the runs of the scope.
	Listed bool

	list []string // the path of that array
}

// Bounds of a generated body.
const (
	maxDepth    = 12  // of nested schemas
	maxOptional = 5   // depth below which only required members are generated
	maxNodes    = 600 // members after which only required ones are generated
	hardNodes   = 5000
)

// builder builds one body.
type builder struct {
	reader
	Options
	nodes int
	stack []string // references that are being built
}

// Body returns a template for values of a schema. It never fails: a schema that contradicts itself yields a value that does
// not satisfy it.
func Body(n *template.Node, o Options) *template.Node {
	b := &builder{reader: newReader(o.Resolve), Options: o}
	if o.Listed {
		b.list, b.Listed = listOf(b.reader, n)
	}
	return b.value(n, o.Example, nil)
}

func (b *builder) value(n, example *template.Node, path []string) *template.Node {
	if example.IsExpression() {
		return example
	}
	s := b.readFor(n, example)
	if s.value != nil && !b.Request {
		return s.value
	}
	b.nodes++
	defer b.enter(s.refs)()
	if example == nil {
		example = s.sampleOf()
	}
	if len(path) > maxDepth || b.nodes > hardNodes {
		return b.leaf(s, nil, path)
	}
	if s.is("object") || len(s.types) == 0 && example.IsObject() {
		if node := b.object(s, example, path); node != nil {
			return b.shown(s, node, path)
		}
	}
	if s.is("array") && (example == nil || !example.IsObject()) {
		return b.shown(s, b.array(s, example, path), path)
	}
	return b.leaf(s, example, path)
}

// sampleOf returns the example or the default that a schema has.
func (s *schema) sampleOf() *template.Node {
	if s.example != nil {
		return s.example
	}
	return s.deflt
}

func (b *builder) enter(refs []string) (leave func()) {
	n := len(b.stack)
	b.stack = append(b.stack, refs...)
	return func() { b.stack = b.stack[:n] }
}

// recurs reports whether a schema refers to one that is being built.
func (b *builder) recurs(n *template.Node) bool {
	s := b.read(n)
	if slices.ContainsFunc(s.refs, func(ref string) bool { return slices.Contains(b.stack, ref) }) {
		return true
	}
	return s.is("array") && s.items != nil && slices.ContainsFunc(b.read(s.items).refs, func(ref string) bool { return slices.Contains(b.stack, ref) })
}

func (b *builder) object(s *schema, example *template.Node, path []string) *template.Node {
	if len(s.properties) == 0 {
		if example != nil && !example.IsObject() {
			return nil
		}
		return b.open(s, example, path)
	}
	members := make([]member, 0, len(s.properties))
	var hidden []member
	for _, p := range s.properties {
		own := b.read(p.Value)
		required := slices.Contains(s.required, p.Key)
		given := example.Lookup(p.Key)
		switch {
		case own.readOnly && b.Request, own.writeOnly && !b.Request:
			continue // also a required one: it is required in the other direction
		case required || given != nil:
		case example.IsObject() && !b.shows(append(slices.Clip(path), p.Key)):
			hidden = append(hidden, p)
			continue // the example shows the members
		case len(path) >= maxOptional, b.nodes > maxNodes, b.recurs(p.Value), b.Request && len(path) > 1:
			continue
		}
		members = append(members, member{Key: p.Key, Value: b.value(p.Value, given, append(slices.Clip(path), p.Key))})
	}
	for _, m := range example.Members() { // members that only the example has
		if !s.closed && !slices.ContainsFunc(s.properties, func(p member) bool { return p.Key == m.Key }) {
			members = append(members, m)
		}
	}
	members = b.fill(s, members, path)
	return b.completed(template.Object(members), hidden, path)
}

// shows reports whether a member shows something of the run: its reference, or a variable.
func (b *builder) shows(path []string) bool {
	return b.Echo && (len(b.ID) > 0 && slices.Equal(b.ID, path) || b.variable(path) != "")
}

// fill adds required members that have no schema, and as many others as are required.
func (b *builder) fill(s *schema, members []member, path []string) []member {
	has := func(name string) bool {
		return slices.ContainsFunc(members, func(m member) bool { return m.Key == name })
	}
	of := s.additional
	if of == nil {
		of = anyText
	}
	for _, name := range s.required {
		if !has(name) && !slices.ContainsFunc(s.properties, func(p member) bool { return p.Key == name }) {
			members = append(members, member{Key: name, Value: b.value(of, nil, append(slices.Clip(path), name))})
		}
	}
	for i := 0; len(members) < s.minProperties && i < 20; i++ {
		name := "property" + strings.Repeat("x", i)
		members = append(members, member{Key: name, Value: b.value(of, nil, append(slices.Clip(path), name))})
	}
	return members
}

// anyText is the schema of members that are not described.
var anyText = template.Object([]member{{Key: "type", Value: mustLiteral("string")}})

func mustLiteral(text string) *template.Node {
	n, err := template.Literal(text)
	if err != nil { // a text always has a literal
		panic(err)
	}
	return n
}

// open builds an object without members in its schema: the sent one, or the example, or one member.
func (b *builder) open(s *schema, example *template.Node, path []string) *template.Node {
	inner := example
	if inner == nil {
		var members []member
		if s.additional != nil && len(path) < maxOptional && !b.recurs(s.additional) && !b.Request {
			members = []member{{Key: "key", Value: b.value(s.additional, nil, append(slices.Clip(path), "key"))}}
		}
		inner = template.Object(b.fill(s, members, path))
	}
	return b.echoed(s, inner, path)
}

func (b *builder) array(s *schema, example *template.Node, path []string) *template.Node {
	itemPath := append(slices.Clip(path), "*")
	count := max(1, s.minItems)
	if s.maxItems >= 0 {
		count = min(count, s.maxItems)
	}
	if s.items == nil && example == nil {
		count = s.minItems
	}
	of := s.items
	if of == nil {
		of = anyText
	}
	if len(path) >= maxOptional && s.minItems == 0 || b.nodes > maxNodes && s.minItems == 0 || b.recurs(of) {
		count = s.minItems
	}
	var items []*template.Node
	if given := example.Items(); len(given) > 0 {
		for _, item := range given {
			items = append(items, b.value(of, item, itemPath))
		}
	} else if example == nil {
		for i := range min(count, 50) {
			items = append(items, b.value(of, nil, append(slices.Clip(path), "*"+strings.Repeat("+", i))))
		}
	}
	list := template.Array(items)
	if b.Listed && slices.Equal(path, b.list) {
		one := b.relative(of, path)
		return template.Func(func(s *template.Scope) (any, error) { return listed(s, one, list) })
	}
	return b.echoed(s, list, path)
}

// relative builds an item that shows a run by itself.
func (b *builder) relative(n *template.Node, _ []string) *template.Node {
	o := b.Options
	o.Listed, o.Example = false, nil
	if len(o.ID) == 0 {
		return Body(n, o)
	}
	if m, ok := b.reader.find(b.read(n), []string{fake.Squeeze(o.ID[len(o.ID)-1])}, nil); ok {
		o.ID = m.Path
	}
	return Body(n, o)
}

// listed renders the runs that a list operation found; nil means that it found none to list, which shows the example.
func listed(s *template.Scope, item, otherwise *template.Node) (any, error) {
	if s == nil || s.Listed == nil {
		text, err := otherwise.Append(nil, s)
		return template.Raw(text), err
	}
	text := []byte{'['}
	for i, each := range s.Listed {
		if i > 0 {
			text = append(text, ',')
		}
		var err error
		if text, err = item.Append(text, each); err != nil {
			return nil, err
		}
	}
	return template.Raw(append(text, ']')), nil
}

// echoed returns a node with the sent value of its place, if the schema accepts that, and otherwise inner.
func (b *builder) echoed(s *schema, inner *template.Node, path []string) *template.Node {
	if !b.Echo {
		return inner
	}
	r, wrapper, path := b.reader, b.wrapper(), slices.Clone(path)
	return template.Func(func(scope *template.Scope) (any, error) {
		if v, ok := sent(scope, wrapper, path); ok && r.accepts(s, v, 0) {
			return v, nil
		}
		text, err := inner.Append(nil, scope)
		return template.Raw(text), err
	})
}
