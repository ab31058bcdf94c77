package openapi

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

type parameter struct {
	name, in string
	required bool
	schema   *openapi3.Schema
}

func newParameter(p *openapi3.Parameter) parameter {
	made := parameter{name: p.Name, in: p.In, required: p.Required}
	if p.Schema != nil {
		made.schema = p.Schema.Value
	}
	if p.In == openapi3.ParameterInHeader {
		made.name = strings.ToLower(p.Name)
	}
	return made
}

// typed turns the text of a parameter or of a form's field into what its schema speaks of. Where text will do, it stays
// text: an identifier such as 007 is none that has a number's value.
func typed(schema *openapi3.Schema, text string) any {
	takes := func(kind string) bool { return schema.Type.Includes(kind) }
	if schema.Type == nil || takes(openapi3.TypeString) {
		return text
	}
	if takes(openapi3.TypeInteger) || takes(openapi3.TypeNumber) {
		if i, err := strconv.Atoi(text); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	if takes(openapi3.TypeBoolean) && (text == "true" || text == "false") {
		return text == "true"
	}
	return text
}

// typedForm gives the fields of a form the types that the schema wants; a form knows only text.
func typedForm(schema *openapi3.Schema, form map[string]any) {
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: schema}}) {
		for name, property := range part.Value.Properties {
			if text, ok := form[name].(string); ok && property.Value != nil {
				form[name] = typed(property.Value, text)
			}
		}
	}
}

func (op *details) pathValues(r *http.Request) map[string]string {
	var values map[string]string
	for _, p := range op.parameters {
		if p.in == openapi3.ParameterInPath {
			if values == nil {
				values = map[string]string{}
			}
			values[p.name] = r.PathValue(p.name)
		}
	}
	return values
}

func (c *Call) validate(op *details) error {
	for _, p := range op.parameters {
		from := c.Query
		switch p.in {
		case openapi3.ParameterInHeader:
			from = c.Header
		case openapi3.ParameterInPath:
			from = c.Path
		case openapi3.ParameterInCookie:
			continue
		}
		text, ok := from[p.name]
		if !ok {
			if p.required {
				return &Error{Kind: Invalid, Field: p.name, Message: fmt.Sprintf("%s: this %s parameter is required", p.name, p.in)}
			}
			continue
		}
		if p.schema == nil {
			continue
		}
		if err := p.schema.VisitJSON(typed(p.schema, text)); err != nil {
			return invalid(err, p.name)
		}
	}
	if schema := op.bodies[c.mediaType]; schema != nil {
		if err := schema.VisitJSON(c.Body); err != nil {
			return invalid(err, "")
		}
	}
	return nil
}

// invalid turns kin-openapi's error into one that names the field in the words of the document.
func invalid(err error, field string) *Error {
	var schemaError *openapi3.SchemaError
	if !errors.As(err, &schemaError) {
		return &Error{Kind: Invalid, Field: field, Message: strings.TrimPrefix(field+": ", ": ") + err.Error()}
	}
	path := schemaError.JSONPointer()
	if field == "" {
		field = strings.Join(path, ".")
	}
	if schemaError.SchemaField == "required" {
		return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf("%s: this field is required", field)}
	}
	_, isObject := schemaError.Value.(map[string]any)
	if choices := alternatives(schemaError, field); choices != "" && isObject {
		return &Error{Kind: Invalid, Field: choices, Message: "one of these fields is required: " + choices}
	}
	reason := schemaError.Reason
	if schemaError.Schema.Type.Is(openapi3.TypeObject) && !isObject { // rather than which of its parts failed first
		reason = "value must be an object"
	}
	if field == "" {
		field = "body"
	}
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf("%s: %s", field, reason)}
}

// alternatives names the fields of an anyOf or oneOf whose parts only say what is required of the object in a field.
func alternatives(e *openapi3.SchemaError, field string) string {
	var names []string
	if field != "" {
		field += "."
	}
	for _, part := range slices.Concat(e.Schema.AnyOf, e.Schema.OneOf) {
		if part.Value == nil || len(part.Value.Required) == 0 {
			return ""
		}
		names = append(names, field+strings.Join(part.Value.Required, " and "+field))
	}
	return strings.Join(names, ", ")
}
