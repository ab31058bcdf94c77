package sample

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/template"
)

// member is a named part of a schema.
type member = template.Member

// schema is a schema with its parts merged: references followed, allOf joined, and one branch chosen of oneOf and anyOf.
type schema struct {
	types    []string // none: any
	nullable bool

	enum            []any
	format, pattern string
	patterns        int // of parts; more than one may contradict

	min, max       *float64 // inclusive, also of exclusive limits of integers
	below, above   bool     // the limits are exclusive
	multipleOf     float64
	minLength      int
	maxLength      int // -1: none
	minItems       int
	maxItems       int // -1: none
	unique         bool
	items          *template.Node
	properties     []template.Member
	required       []string
	additional     *template.Node // schema of other members; nil: not described
	closed         bool           // no other members
	minProperties  int
	example, deflt *template.Node

	readOnly, writeOnly bool

	compiled *regexp.Regexp // of pattern, where Go knows it

	value *template.Node // x-idmock-value: an expression, or a literal

	refs     []string // that were followed
	branched bool     // there are alternatives
}

// reader merges schemas of a document.
type reader struct {
	resolve func(*template.Node) *template.Node
	cache   *sync.Map // of *schema by *template.Node
	like    any       // the value whose alternatives are chosen, in the schema that is merged; nil: the first
}

func newReader(resolve func(*template.Node) *template.Node) reader {
	return reader{resolve: resolve, cache: new(sync.Map)}
}

// maxParts bounds the references and parts of one schema.
const maxParts = 200

// read merges a schema, once. The result must not be changed.
func (r reader) read(n *template.Node) *schema {
	if have, ok := r.cache.Load(n); ok {
		return have.(*schema)
	}
	r.like = nil
	s := r.merge(n)
	r.cache.Store(n, s)
	return s
}

func (r reader) merge(n *template.Node) *schema {
	s := &schema{maxLength: -1, maxItems: -1}
	left := maxParts
	r.add(s, n, &left)
	slices.Sort(s.required)
	s.required = slices.Compact(s.required)
	if len(s.types) == 0 {
		s.types = s.implied()
	}
	if s.pattern != "" {
		s.compiled, _ = regexp.Compile(s.pattern)
	}
	return s
}

// implied returns the type that the keywords of a schema without type are for.
func (s *schema) implied() []string {
	switch {
	case len(s.enum) > 0:
		return nil
	case len(s.properties) > 0 || s.additional != nil || len(s.required) > 0:
		return []string{"object"}
	case s.items != nil || s.minItems > 0:
		return []string{"array"}
	case s.pattern != "" || s.format != "" && !isNumeric(s.format) || s.minLength > 0 || s.maxLength >= 0:
		return []string{"string"}
	case s.min != nil || s.max != nil:
		return []string{"number"}
	}
	return nil
}

func isNumeric(format string) bool {
	return slices.Contains([]string{"int32", "int64", "float", "double", "integer", "decimal"}, format)
}

func (r reader) add(s *schema, n *template.Node, left *int) {
	for *left > 0 {
		*left--
		ref := n.Lookup("$ref")
		if ref == nil {
			break
		}
		s.refs = append(s.refs, textOf(ref))
		r.own(s, n) // keywords beside a reference, as in 3.1
		target := r.resolve(n)
		if target == n {
			return
		}
		n = target
	}
	if n == nil || *left <= 0 {
		return
	}
	r.own(s, n)
	for _, part := range n.Lookup("allOf").Items() {
		r.add(s, part, left)
	}
	for _, key := range []string{"oneOf", "anyOf"} {
		if branch := r.choose(s, n, n.Lookup(key).Items()); branch != nil {
			r.add(s, branch, left)
		}
	}
	if d := n.Lookup("discriminator"); d != nil {
		r.discriminate(s, d)
	}
}

// readFor merges a schema for an example: of alternatives, with the one that accepts it.
func (r reader) readFor(n, example *template.Node) *schema {
	s := r.read(n)
	if !s.branched || example == nil {
		return s
	}
	like, err := example.Value(nil)
	if err != nil || like == nil {
		return s
	}
	r.like = like
	return r.merge(n)
}

// choose returns the branch of a oneOf or anyOf that is generated: the one of the example, or the first that is not null and
// suits the types so far.
func (r reader) choose(s *schema, n *template.Node, branches []*template.Node) *template.Node {
	var first *template.Node
	s.branched = s.branched || len(branches) > 1
	for _, branch := range branches {
		if r.like != nil && r.accepts(r.read(branch), r.like, 0) {
			return branch
		}
		types := typesOf(r.resolveAll(branch))
		if slices.Equal(types, []string{"null"}) {
			s.nullable = true
			continue
		}
		if len(s.types) > 0 && len(types) > 0 && !slices.ContainsFunc(types, func(t string) bool { return slices.Contains(s.types, t) }) {
			continue
		}
		if first == nil {
			first = branch
		}
	}
	return first
}

func (r reader) resolveAll(n *template.Node) *template.Node {
	for range 32 {
		if n.Lookup("$ref") == nil {
			return n
		}
		n = r.resolve(n)
	}
	return n
}

// discriminate sets the discriminator of the chosen branch.
func (r reader) discriminate(s *schema, d *template.Node) {
	name := textOf(d.Lookup("propertyName"))
	if slices.ContainsFunc(s.properties, func(p member) bool { return p.Key == name }) {
		s.required = append(s.required, name) // the standard says so, documents often do not
	}
	if name == "" || len(s.refs) == 0 {
		return
	}
	last := s.refs[len(s.refs)-1]
	value := last[strings.LastIndex(last, "/")+1:]
	for _, m := range d.Lookup("mapping").Members() {
		if target := textOf(m.Value); slices.Contains(s.refs, target) || target == value {
			value = m.Key
		}
	}
	for i, p := range s.properties {
		if p.Key != name {
			continue
		}
		if own := r.read(p.Value); len(own.enum) > 0 && !slices.Contains(own.enum, any(value)) {
			return
		}
		fixed, err := template.Literal(value)
		if err == nil {
			s.properties[i].Value = p.Value.Merge(template.Object([]template.Member{{Key: "const", Value: fixed}}))
		}
	}
}

// own adds the keywords of one part.
func (r reader) own(s *schema, n *template.Node) {
	if types := typesOf(n); len(types) > 0 {
		s.nullable = s.nullable || slices.Contains(types, "null")
		types = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
		if len(s.types) == 0 {
			s.types = types
		}
	}
	for _, m := range n.Members() {
		s.keyword(m.Key, m.Value)
	}
}

func (s *schema) keyword(key string, v *template.Node) {
	switch key {
	case "nullable":
		s.nullable = s.nullable || v.True()
	case "const":
		if value, err := v.Value(nil); err == nil {
			s.enum = []any{value}
		}
	case "enum":
		s.narrow(v)
	case "format":
		s.format = textOf(v)
	case "pattern":
		s.pattern, s.patterns = textOf(v), s.patterns+1
	case "x-idmock-value":
		if s.value = v; textOf(v) != "" {
			if value, err := template.String(textOf(v)); err == nil { // else it is a text that no expression is in
				s.value = value
			}
		}
	case "example":
		s.example = v
	case "examples":
		if items := v.Items(); len(items) > 0 && s.example == nil {
			s.example = items[0]
		}
	case "default":
		s.deflt = v
	case "readOnly":
		s.readOnly = s.readOnly || v.True()
	case "writeOnly":
		s.writeOnly = s.writeOnly || v.True()
	case "required":
		for _, item := range v.Items() {
			s.required = append(s.required, textOf(item))
		}
	case "properties":
		s.addProperties(v.Members())
	case "additionalProperties":
		if value, fixed := v.Fixed(); fixed {
			s.closed = s.closed || value == false
		} else {
			s.additional = v
		}
	case "items":
		s.items = v
	case "uniqueItems":
		s.unique = s.unique || v.True()
	default:
		s.limit(key, v)
	}
}

// limit adds a limit; the strictest of all parts counts.
func (s *schema) limit(key string, v *template.Node) {
	value, fixed := v.Fixed()
	n, isNumber := template.Number(value)
	if !fixed || !isNumber {
		if b, isBool := value.(bool); isBool && key == "exclusiveMinimum" {
			s.above = b
		} else if isBool && key == "exclusiveMaximum" {
			s.below = b
		}
		return
	}
	atMost := func(have *int) {
		if *have < 0 || int(n) < *have {
			*have = int(n)
		}
	}
	switch key {
	case "minimum", "exclusiveMinimum":
		if s.min == nil || n > *s.min {
			s.min = &n
		}
		s.above = s.above || key == "exclusiveMinimum"
	case "maximum", "exclusiveMaximum":
		if s.max == nil || n < *s.max {
			s.max = &n
		}
		s.below = s.below || key == "exclusiveMaximum"
	case "multipleOf":
		s.multipleOf = n
	case "minLength":
		s.minLength = max(s.minLength, int(n))
	case "maxLength":
		atMost(&s.maxLength)
	case "minItems":
		s.minItems = max(s.minItems, int(n))
	case "maxItems":
		atMost(&s.maxItems)
	case "minProperties":
		s.minProperties = max(s.minProperties, int(n))
	}
}

// narrow keeps the values that all enumerations have.
func (s *schema) narrow(v *template.Node) {
	var values []any
	for _, item := range v.Items() {
		value, err := item.Value(nil)
		switch {
		case err != nil:
		case value == nil:
			s.nullable = true
		case s.enum == nil || slices.ContainsFunc(s.enum, func(have any) bool { return same(have, value) }):
			values = append(values, value)
		}
	}
	if len(values) > 0 {
		s.enum = values
	}
}

func (s *schema) addProperties(members []template.Member) {
	for _, m := range members {
		if i := slices.IndexFunc(s.properties, func(have template.Member) bool { return have.Key == m.Key }); i >= 0 {
			both := template.Array([]*template.Node{s.properties[i].Value, m.Value})
			s.properties[i].Value = template.Object([]template.Member{{Key: "allOf", Value: both}})
			continue
		}
		s.properties = append(slices.Clip(s.properties), m)
	}
}

func (s *schema) is(kind string) bool { return slices.Contains(s.types, kind) }

// typesOf returns the types that a schema itself names.
func typesOf(n *template.Node) []string {
	t := n.Lookup("type")
	if t == nil {
		return nil
	}
	if items := t.Items(); len(items) > 0 {
		all := make([]string, len(items))
		for i, item := range items {
			all[i] = textOf(item)
		}
		return all
	}
	if text := textOf(t); text != "" {
		return []string{text}
	}
	return nil
}

func textOf(n *template.Node) string {
	v, ok := n.Fixed()
	if !ok || v == nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return ""
}
