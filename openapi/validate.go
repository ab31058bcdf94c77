package openapi

import (
	"errors"
	"fmt"
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

// value turns the text of a parameter into what its schema speaks of.
func (p parameter) value(text string) any {
	if p.schema.Type.Includes(openapi3.TypeInteger) || p.schema.Type.Includes(openapi3.TypeNumber) {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return f
		}
	}
	if p.schema.Type.Includes(openapi3.TypeBoolean) {
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return text
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
		if err := p.schema.VisitJSON(p.value(text)); err != nil {
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
	if choices := alternatives(schemaError); choices != "" {
		return &Error{Kind: Invalid, Field: choices, Message: "one of these fields is required: " + choices}
	}
	if field == "" {
		field = "body"
	}
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf("%s: %s", field, schemaError.Reason)}
}

// alternatives names the fields of an anyOf or oneOf whose parts only say what is required.
func alternatives(e *openapi3.SchemaError) string {
	var names []string
	for _, part := range slices.Concat(e.Schema.AnyOf, e.Schema.OneOf) {
		if part.Value == nil || len(part.Value.Required) == 0 {
			return ""
		}
		names = append(names, strings.Join(part.Value.Required, " and "))
	}
	return strings.Join(names, ", ")
}
