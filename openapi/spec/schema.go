package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/ecma"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
)

// library holds the schemas of a document, each built at its first use and once: operations share most of them.
type library struct {
	doc *Document

	mu      sync.Mutex // held while one operation is built
	byRef   map[string]*openapi3.Schema
	broken  map[string]error
	accept  acceptors
	ignored []Note
}

// Note is a part of the document that is ignored because it cannot be understood.
type Note struct{ Reason string }

func newLibrary(d *Document) *library {
	return &library{doc: d, byRef: map[string]*openapi3.Schema{}, broken: map[string]error{}, accept: acceptors{}}
}

// maxNested bounds the depth of schemas outside references.
const maxNested = 200

// builder builds the schemas of one operation.
type builder struct {
	*library
	depth int
}

// ref builds a schema or a reference to one. Nil stays nil.
func (b *builder) ref(n *template.Node) (*openapi3.SchemaRef, error) {
	if n == nil {
		return nil, nil
	}
	if b.depth++; b.depth > maxNested {
		return nil, fmt.Errorf("schemas are nested deeper than %d levels", maxNested)
	}
	defer func() { b.depth-- }()
	target, isText := n.Lookup("$ref").Fixed()
	name, ok := target.(string)
	if !isText || !ok {
		s, err := b.schema(n)
		return &openapi3.SchemaRef{Value: s}, err
	}
	s, err := b.referenced(name)
	if err != nil {
		return nil, err
	}
	ref := &openapi3.SchemaRef{Ref: name, Value: s, Extensions: extensions(n)}
	if beside := constraints(n); beside != nil && b.doc.since31() {
		own, err := b.schema(beside)
		if err != nil {
			return nil, err
		}
		return &openapi3.SchemaRef{Value: &openapi3.Schema{AllOf: openapi3.SchemaRefs{ref, {Value: own}}}, Extensions: ref.Extensions}, nil
	}
	return ref, nil
}

// referenced returns the schema that a reference points to. A schema that is being built is returned unfinished.
func (b *builder) referenced(ref string) (*openapi3.Schema, error) {
	if have, ok := b.byRef[ref]; ok {
		return have, b.broken[ref]
	}
	s := &openapi3.Schema{}
	b.byRef[ref] = s
	target := b.doc.target(ref)
	if target == nil {
		b.broken[ref] = missing(b.doc, ref)
		return s, b.broken[ref]
	}
	depth := b.depth
	b.depth = 0
	built, err := b.ref(target)
	b.depth = depth
	if err != nil {
		if !strings.Contains(err.Error(), "#/") {
			err = fmt.Errorf("%s: %w", ref, err)
		}
		b.broken[ref] = err
		return s, err
	}
	if built.Ref != "" { // a reference to a reference: its own ends at itself
		*s = *built.Value
		return s, nil
	}
	*s = *built.Value
	return s, nil
}

// since31 reports whether keywords beside a reference count.
func (d *Document) since31() bool {
	version := text(d.root.Lookup("openapi"))
	return !strings.HasPrefix(version, "3.0") && strings.HasPrefix(version, "3.")
}

// constraints returns the keywords beside a reference that restrict values, nil if there are none.
func constraints(n *template.Node) *template.Node {
	var members []template.Member
	for _, m := range n.Members() {
		switch m.Key {
		case "$ref", "description", "summary", "title", "example", "examples", "default", "deprecated", "readOnly", "writeOnly", "externalDocs", "xml", "$comment":
		default:
			if !strings.HasPrefix(m.Key, "x-") {
				members = append(members, m)
			}
		}
	}
	if members == nil {
		return nil
	}
	return template.Object(members)
}

func extensions(n *template.Node) map[string]any {
	var all map[string]any
	for _, m := range n.Members() {
		if strings.HasPrefix(m.Key, "x-idmock-") {
			if all == nil {
				all = map[string]any{}
			}
			all[m.Key] = text(m.Value)
		}
	}
	return all
}

// schema builds a schema that is not a reference. A keyword whose value is of the wrong kind is ignored.
func (b *builder) schema(n *template.Node) (*openapi3.Schema, error) {
	s := &openapi3.Schema{}
	if v, fixed := n.Fixed(); fixed {
		if v == false {
			s.Not = &openapi3.SchemaRef{Value: &openapi3.Schema{}}
		}
		return s, nil
	}
	s.Extensions = extensions(n)
	for _, m := range n.Members() {
		if err := b.keyword(s, m.Key, m.Value); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (b *builder) keyword(s *openapi3.Schema, key string, n *template.Node) (err error) {
	switch key {
	case "type":
		s.Type = types(n)
	case "nullable":
		s.Nullable = n.True()
	case "format":
		s.Format = text(n)
	case "title":
		s.Title = text(n)
	case "description":
		s.Description = text(n)
	case "pattern":
		s.Pattern = b.pattern(text(n))
	case "enum":
		for _, item := range n.Items() {
			s.Enum = append(s.Enum, value(item))
		}
	case "const":
		s.Enum = []any{value(n)}
	case "default":
		s.Default = value(n)
	case "readOnly":
		s.ReadOnly = n.True()
	case "writeOnly":
		s.WriteOnly = n.True()
	case "uniqueItems":
		s.UniqueItems = n.True()
	case "required":
		for _, item := range n.Items() {
			s.Required = append(s.Required, text(item))
		}
	case "discriminator":
		s.Discriminator = discriminator(n)
	default:
		if parts := b.parts(s, key); parts != nil {
			return b.list(parts, n)
		}
		if limit(s, key, n) {
			return nil
		}
		return b.nested(s, key, n)
	}
	return nil
}

// parts returns the list of schemas that a keyword sets, or nil.
func (b *builder) parts(s *openapi3.Schema, key string) *openapi3.SchemaRefs {
	switch key {
	case "allOf":
		return &s.AllOf
	case "anyOf":
		return &s.AnyOf
	case "oneOf":
		return &s.OneOf
	}
	return nil
}

func (b *builder) list(into *openapi3.SchemaRefs, n *template.Node) error {
	for _, item := range n.Items() {
		part, err := b.ref(item)
		if err != nil {
			return err
		}
		*into = append(*into, part)
	}
	return nil
}

// nested sets the schemas of members and items.
func (b *builder) nested(s *openapi3.Schema, key string, n *template.Node) (err error) {
	switch key {
	case "items":
		if n.IsObject() {
			s.Items, err = b.ref(n)
		}
	case "not":
		s.Not, err = b.ref(n)
	case "properties":
		s.Properties = openapi3.Schemas{}
		for _, m := range n.Members() {
			property, err := b.ref(m.Value)
			if err != nil {
				return err
			}
			s.Properties[m.Key] = property
		}
	case "additionalProperties":
		if v, fixed := n.Fixed(); fixed {
			if allowed, ok := v.(bool); ok {
				s.AdditionalProperties.Has = &allowed
			}
			return nil
		}
		s.AdditionalProperties.Schema, err = b.ref(n)
	}
	return err
}

// pattern translates a regular expression of ECMA-262. What Go cannot express restricts nothing.
func (b *builder) pattern(pattern string) string {
	translated, err := ecma.Translate(pattern)
	if err != nil {
		note := Note{err.Error()}
		if !slices.Contains(b.ignored, note) {
			b.ignored = append(b.ignored, note)
		}
		return ""
	}
	return translated
}

func types(n *template.Node) *openapi3.Types {
	var names []string
	for _, item := range n.Items() {
		names = append(names, text(item))
	}
	if name := text(n); name != "" && n.Items() == nil {
		names = []string{name}
	}
	names = slices.DeleteFunc(names, func(name string) bool {
		return !slices.Contains([]string{"string", "number", "integer", "boolean", "object", "array", "null"}, name)
	})
	if len(names) == 0 {
		return nil
	}
	return (*openapi3.Types)(&names)
}

// limit sets a keyword with a number, and reports whether the key is one.
func limit(s *openapi3.Schema, key string, n *template.Node) bool {
	v, _ := n.Fixed()
	number, isNumber := template.Number(v)
	flag, isFlag := v.(bool)
	count := uint64(max(number, 0))
	bound := map[string]**float64{"minimum": &s.Min, "maximum": &s.Max, "multipleOf": &s.MultipleOf, "exclusiveMinimum": &s.ExclusiveMin.Value, "exclusiveMaximum": &s.ExclusiveMax.Value}
	least := map[string]*uint64{"minLength": &s.MinLength, "minItems": &s.MinItems, "minProperties": &s.MinProps}
	most := map[string]**uint64{"maxLength": &s.MaxLength, "maxItems": &s.MaxItems, "maxProperties": &s.MaxProps}
	switch {
	case isFlag && key == "exclusiveMinimum":
		s.ExclusiveMin.Bool = &flag
	case isFlag && key == "exclusiveMaximum":
		s.ExclusiveMax.Bool = &flag
	case bound[key] != nil:
		if isNumber && (key != "multipleOf" || number > 0) {
			*bound[key] = &number
		}
	case least[key] != nil:
		*least[key] = count
	case most[key] != nil:
		if isNumber && number >= 0 {
			*most[key] = &count
		}
	default:
		return false
	}
	return true
}

func discriminator(n *template.Node) *openapi3.Discriminator {
	name := text(n.Lookup("propertyName"))
	if name == "" {
		return nil
	}
	d := &openapi3.Discriminator{PropertyName: name}
	for _, m := range n.Lookup("mapping").Members() {
		if d.Mapping == nil {
			d.Mapping = map[string]openapi3.MappingRef{}
		}
		ref := text(m.Value)
		if !strings.ContainsAny(ref, "#/.") { // the name of a schema
			ref = "#/components/schemas/" + ref
		}
		d.Mapping[m.Key] = openapi3.MappingRef{Ref: ref}
	}
	return d
}

func value(n *template.Node) any {
	v, err := n.Value(nil)
	if err != nil {
		return nil
	}
	return v
}

// missing is the error of a reference without a target.
func missing(d *Document, ref string) error {
	steps := bundle.Pointer(ref)
	if file, reason := bundle.Reason(d.root, steps); file != "" {
		return fmt.Errorf("reference to %s: %s", file, reason)
	}
	if !strings.HasPrefix(ref, "#") {
		return fmt.Errorf("reference %s cannot be read", ref)
	}
	siblings := slices.Sorted(maps.Keys(keysOf(bundle.Descend(d.root, steps[:len(steps)-1]))))
	return fmt.Errorf("reference %s has no target%s", ref, suggest.Meant(steps[len(steps)-1], siblings))
}

func keysOf(n *template.Node) map[string]bool {
	all := map[string]bool{}
	for _, m := range n.Members() {
		all[m.Key] = true
	}
	return all
}
