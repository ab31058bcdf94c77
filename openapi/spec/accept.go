package spec

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// acceptor reports whether a value certainly satisfies a schema. Otherwise kin-openapi's validator, which takes ten times
// as long, decides and words the error.
type acceptor func(v any) bool

// acceptors compiles schemas, each once. A schema that is being compiled, or that has a keyword without an acceptor, has
// none.
type acceptors map[*openapi3.Schema]acceptor

func (a acceptors) of(schema *openapi3.Schema) acceptor {
	if schema == nil {
		return nil
	}
	if have, ok := a[schema]; ok {
		return have
	}
	a[schema] = nil
	if !isPlain(*schema) {
		return nil
	}
	c := &checks{schema: schema, items: a.ofRef(schema.Items)}
	if schema.Pattern != "" {
		var err error
		if c.pattern, err = regexp.Compile(schema.Pattern); err != nil || strings.Contains(schema.Pattern, `\u`) {
			return nil
		}
	}
	for name, property := range schema.Properties {
		if c.properties == nil {
			c.properties = make(map[string]acceptor, len(schema.Properties))
		}
		c.properties[name] = a.ofRef(property)
	}
	a[schema] = c.accept
	return c.accept
}

func (a acceptors) ofRef(ref *openapi3.SchemaRef) acceptor {
	if ref == nil {
		return nil
	}
	return a.of(ref.Value)
}

// isPlain reports whether a schema has only the keywords that checks knows, and annotations.
func isPlain(s openapi3.Schema) bool {
	if more := s.AdditionalProperties; more.Schema != nil || more.Has != nil && !*more.Has {
		return false
	}
	s.AdditionalProperties = openapi3.AdditionalProperties{}
	s.Extensions, s.Origin, s.Title, s.Description, s.Default, s.Example, s.Examples = nil, nil, "", "", nil, nil, nil
	s.ExternalDocs, s.Deprecated, s.XML, s.Nullable, s.ReadOnly, s.WriteOnly = nil, false, nil, false, false, false
	s.Type, s.Enum, s.Min, s.Max, s.MinLength, s.MaxLength, s.Pattern = nil, nil, nil, nil, 0, nil, ""
	s.MinItems, s.MaxItems, s.Items, s.Required, s.Properties = 0, nil, nil, nil, nil
	return reflect.DeepEqual(s, openapi3.Schema{})
}

// checks are the keywords of a schema.
type checks struct {
	schema     *openapi3.Schema
	pattern    *regexp.Regexp
	items      acceptor
	properties map[string]acceptor
}

func (c *checks) accept(v any) bool {
	s := c.schema
	switch v := v.(type) {
	case string:
		return c.has(openapi3.TypeString) && c.acceptText(v) && (s.Enum == nil || slices.Contains(s.Enum, any(v)))
	case int:
		return (c.has(openapi3.TypeInteger) || c.has(openapi3.TypeNumber)) && c.acceptNumber(float64(v))
	case float64:
		return c.has(openapi3.TypeNumber) && c.acceptNumber(v)
	case bool:
		return c.has(openapi3.TypeBoolean) && s.Enum == nil
	case []any:
		return c.has(openapi3.TypeArray) && s.Enum == nil && c.acceptItems(v)
	case map[string]any:
		return c.has(openapi3.TypeObject) && s.Enum == nil && c.acceptMembers(v)
	}
	return false
}

func (c *checks) has(kind string) bool { return c.schema.Type == nil || c.schema.Type.Includes(kind) }

// acceptText counts characters only where each is a byte.
func (c *checks) acceptText(v string) bool {
	s := c.schema
	if s.MinLength > 0 || s.MaxLength != nil {
		for i := range len(v) {
			if v[i] >= 0x80 {
				return false
			}
		}
		if n := uint64(len(v)); n < s.MinLength || s.MaxLength != nil && n > *s.MaxLength {
			return false
		}
	}
	return c.pattern == nil || c.pattern.MatchString(v)
}

func (c *checks) acceptNumber(v float64) bool {
	s := c.schema
	return s.Enum == nil && (s.Min == nil || v >= *s.Min) && (s.Max == nil || v <= *s.Max)
}

func (c *checks) acceptItems(v []any) bool {
	s := c.schema
	if n := uint64(len(v)); n < s.MinItems || s.MaxItems != nil && n > *s.MaxItems {
		return false
	}
	return s.Items == nil || c.items != nil && !slices.ContainsFunc(v, func(item any) bool { return !c.items(item) })
}

func (c *checks) acceptMembers(v map[string]any) bool {
	for _, name := range c.schema.Required {
		if _, ok := v[name]; !ok {
			return false
		}
	}
	for name, value := range v {
		if accept, ok := c.properties[name]; ok && (accept == nil || !accept(value)) {
			return false
		}
	}
	return true
}
