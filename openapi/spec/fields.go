package spec

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
)

// HasBody reports whether the operation documents a request body.
func (s *Schemas) HasBody() bool { return s.hasBody }

// Accepts reports whether the operation documents a request body of a media type, itself or by a range such as text/*.
func (s *Schemas) Accepts(mediaType string) bool {
	return s.hasBody && (len(s.bodies) == 0 || s.bodies.find(strings.ToLower(mediaType)) != nil)
}

// AcceptsAll reports whether the operation documents a request body of any media type, or of none.
func (s *Schemas) AcceptsAll() bool { return s.Accepts("*/*") }

// MediaTypes returns the media types of the request body, sorted.
func (s *Schemas) MediaTypes() []string {
	var names []string
	for _, m := range s.bodies {
		names = append(names, m.name)
	}
	slices.Sort(names)
	return names
}

// Form converts the fields of a form to the types of the body's schema: repeated fields to lists, names with brackets
// (address[city], ids[], items[0][id]) to objects and lists, and texts to numbers, truth values and parts of JSON.
func (s *Schemas) Form(mediaType string, fields map[string][]any) map[string]any {
	form := make(map[string]any, len(fields))
	var schema *openapi3.Schema
	m := s.bodies.find(mediaType)
	if m != nil && m.schema != nil {
		schema = m.schema.Value
	}
	properties := propertiesOf(schema)
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		values := fields[name]
		if _, literal := properties[name]; literal || !strings.HasSuffix(name, "]") || strings.IndexByte(name, '[') <= 0 {
			insertAny(form, []string{name}, values)
			continue
		}
		first, rest, _ := strings.Cut(name, "[")
		insertAny(form, append([]string{first}, strings.Split(strings.TrimSuffix(rest, "]"), "][")...), values)
	}
	if m != nil {
		for name, e := range m.encoding {
			form = e.split(form, name)
		}
	}
	if shaped, ok := shaped(schema, form).(map[string]any); ok {
		return shaped
	}
	return form
}

// split separates a list that a field holds in one text.
func (e encoding) split(form map[string]any, name string) map[string]any {
	if text, ok := form[name].(string); ok && !e.explode && e.contentType == "" {
		separator := map[string]string{"spaceDelimited": " ", "pipeDelimited": "|"}[e.style]
		if separator == "" {
			separator = ","
		}
		items := []any{}
		for _, one := range strings.Split(text, separator) {
			items = append(items, one)
		}
		form[name] = items
	}
	return form
}

func propertiesOf(schema *openapi3.Schema) map[string][]*openapi3.SchemaRef {
	all := map[string][]*openapi3.SchemaRef{}
	if schema == nil {
		return all
	}
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: schema}}) {
		for name, property := range part.Value.Properties {
			all[name] = append(all[name], property)
		}
	}
	return all
}

func insert(into map[string]any, path []string, texts []string) {
	values := make([]any, len(texts))
	for i, text := range texts {
		values[i] = text
	}
	insertAny(into, path, values)
}

// maxFieldDepth bounds the brackets in the name of a field.
const maxFieldDepth = 50

// insertAny sets the value at a path; an empty key or a repeated value makes a list.
func insertAny(into map[string]any, path []string, values []any) {
	for len(path) > 1 && path[1] != "" && len(path) < maxFieldDepth {
		next, ok := into[path[0]].(map[string]any)
		if !ok {
			next = map[string]any{}
			into[path[0]] = next
		}
		into, path = next, path[1:]
	}
	switch {
	case len(path) > 2: // items[][name]: one object
		item := map[string]any{}
		insertAny(item, path[2:], values)
		have, _ := into[path[0]].([]any)
		into[path[0]] = append(have, item)
	case len(path) == 2 || len(values) > 1:
		have, _ := into[path[0]].([]any)
		into[path[0]] = append(have, values...)
	case len(values) == 1:
		into[path[0]] = values[0]
	}
}

// shaped converts the texts below a value to the types of a schema.
func shaped(schema *openapi3.Schema, v any) any {
	if schema == nil {
		return v
	}
	switch v := v.(type) {
	case string:
		return shapedText(schema, v)
	case []any:
		if kindOf(schema) != list { // the first of a repeated field, as for a parameter
			if len(v) > 0 && schema.Type != nil {
				return shaped(schema, v[0])
			}
			return v
		}
		item := itemsOf(schema)
		for i := range v {
			v[i] = shaped(item, v[i])
		}
		return v
	case map[string]any:
		if kindOf(schema) == list {
			if items, ok := numbered(v); ok {
				return shaped(schema, items)
			}
		}
		properties := propertiesOf(schema)
		for name, value := range v {
			if refs := properties[name]; len(refs) > 0 && refs[0].Value != nil {
				v[name] = shaped(refs[0].Value, value)
			} else if more := schema.AdditionalProperties.Schema; more != nil {
				v[name] = shaped(more.Value, value)
			}
		}
	}
	return v
}

// shapedText converts one text. A list of one may be written as its item, and an object as JSON.
func shapedText(schema *openapi3.Schema, text string) any {
	kind := kindOf(schema)
	if kind != scalar && len(text) > 1 && (text[0] == '{' || text[0] == '[') {
		if v, err := template.DecodeJSON([]byte(text)); err == nil {
			return v
		}
	}
	if kind == list {
		return []any{shaped(itemsOf(schema), text)}
	}
	return typed(schema, text)
}

func itemsOf(schema *openapi3.Schema) *openapi3.Schema {
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: schema}}) {
		if part.Value.Items != nil {
			return part.Value.Items.Value
		}
	}
	return nil
}

// numbered converts an object whose keys are 0, 1 and so on to a list.
func numbered(v map[string]any) ([]any, bool) {
	items := make([]any, len(v))
	for key, value := range v {
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= len(items) {
			return nil, false
		}
		items[i] = value
	}
	return items, true
}
