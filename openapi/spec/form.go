package spec

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Form describes the input of an operation for a person to fill in.
type Form struct {
	MediaType string  // of the body; empty: no body
	Example   []byte  // the documented body; nil if there is none
	Fields    []Field // parameters, then members of the body in the order of its example, then the others by name
}

// Field is one value of a form.
type Field struct {
	Name, In    string // In is path, query, header or body
	Type        string // of JSON, such as string or object; empty: any
	Format      string
	Description string
	Required    bool
	Subject     bool            // holds the subject of the run
	Enum        []string        // allowed values; empty: any of the type
	Example     json.RawMessage // nil if there is none
}

// Form returns the operation's input, one level deep. subject is the path of the subject within the body; nil: none.
func (op *Operation) Form(subject []string) (Form, error) {
	s, err := op.Load()
	if err != nil {
		return Form{}, err
	}
	var form Form
	for _, p := range s.parameters {
		form.Fields = append(form.Fields, newField(p.name, p.in, p.required, p.schema))
	}
	mediaType, example := op.RequestExample()
	if names := s.MediaTypes(); example == nil && len(names) > 0 { // a body without an example has a form as well
		mediaType = names[0]
	}
	if form.MediaType = mediaType; mediaType == "" {
		return form, nil
	}
	values := map[string]json.RawMessage{}
	var order []string
	if example != nil {
		if form.Example, err = example.Append(nil, nil); err != nil {
			return form, err
		}
		for _, m := range example.Members() {
			if values[m.Key], err = m.Value.Append(nil, nil); err != nil {
				return form, err
			}
			order = append(order, m.Key)
		}
	}
	var schema *openapi3.Schema
	if ref := s.bodies.schemaOf(mediaType); ref != nil {
		schema = ref.Value
	}
	fields := bodyFields(schema)
	for i := range fields {
		fields[i].Example = values[fields[i].Name]
		fields[i].Subject = len(subject) == 1 && subject[0] == fields[i].Name
	}
	rank := func(f Field) int {
		if i := slices.Index(order, f.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(fields, func(a, b Field) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a.Name, b.Name))
	})
	form.Fields = append(form.Fields, fields...)
	return form, nil
}

// bodyFields lists the members of an object schema, each once.
func bodyFields(schema *openapi3.Schema) []Field {
	if schema == nil {
		return nil
	}
	var fields []Field
	parts := flatten([]*openapi3.SchemaRef{{Value: schema}})
	for _, part := range parts {
		for name, property := range part.Value.Properties {
			if !slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
				required := slices.ContainsFunc(parts, func(part *openapi3.SchemaRef) bool { return slices.Contains(part.Value.Required, name) })
				fields = append(fields, newField(name, "body", required, property.Value))
			}
		}
	}
	return fields
}

func newField(name, in string, required bool, schema *openapi3.Schema) Field {
	f := Field{Name: name, In: in, Required: required}
	if schema == nil {
		return f
	}
	f.Format, f.Description = schema.Format, schema.Description
	if schema.Type != nil && len(schema.Type.Slice()) > 0 {
		f.Type = schema.Type.Slice()[0]
	}
	for _, value := range schema.Enum {
		if text, ok := value.(string); ok {
			f.Enum = append(f.Enum, text)
		}
	}
	return f
}
