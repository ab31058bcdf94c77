package openapi

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Form is a form to call an operation.
type Form struct {
	MediaType string  // of the body; empty: there is none
	Example   []byte  // the documented body; nil where there is none
	Fields    []Field // parameters first, then the members of the body as the example has them, then the others by name
}

// Field is one value of a form.
type Field struct {
	Name, In    string // In is path, query, header or body
	Type        string // of JSON, such as string or object; empty: any
	Format      string
	Description string
	Required    bool
	Subject     bool            // it holds the subject of the run
	Enum        []string        // allowed values; empty: any of its type
	Example     json.RawMessage // nil where none is documented
}

// Form returns the parameters of a call to the operation, one level deep.
func (op *Operation) Form() (Form, error) {
	d, err := op.details()
	if err != nil {
		return Form{}, err
	}
	var form Form
	for _, p := range d.parameters {
		form.Fields = append(form.Fields, newField(p.name, p.in, p.required, p.schema))
	}
	mediaType, example := op.request()
	for name := range d.bodies { // a body without an example has a form, too
		if mediaType == "" || example == nil && name < mediaType {
			mediaType = name
		}
	}
	if form.MediaType = mediaType; mediaType == "" {
		return form, nil
	}
	given := map[string]json.RawMessage{}
	var order []string
	if example != nil {
		if form.Example, err = example.Append(nil, nil); err != nil {
			return form, err
		}
		for _, m := range example.Members() {
			if given[m.Key], err = m.Value.Append(nil, nil); err != nil {
				return form, err
			}
			order = append(order, m.Key)
		}
	}
	subject := op.subjectIn(example)
	fields := bodyFields(d.bodies[mediaType])
	for i := range fields {
		fields[i].Example = given[fields[i].Name]
		fields[i].Subject = len(subject) == 1 && subject[0] == fields[i].Name
	}
	place := func(f Field) int {
		if i := slices.Index(order, f.Name); i >= 0 {
			return i
		}
		return len(order)
	}
	slices.SortFunc(fields, func(a, b Field) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.Name, b.Name))
	})
	form.Fields = append(form.Fields, fields...)
	return form, nil
}

// bodyFields lists the members of a body that is an object, each once.
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
