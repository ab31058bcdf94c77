package spec

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Violation is a value that does not satisfy its schema.
type Violation struct {
	Field   string   // path of the value, with dots, or the name of the parameter
	Message string   // begins with the field
	Keyword string   // of the schema, such as required or enum; empty: unknown
	Pointer []string // keys to the value

	innermost string
}

func (v *Violation) Error() string { return v.Message }

// Within reports whether the violation is at a path of keys or below. The violation of a list of properties is at the
// object that has them.
func (v *Violation) Within(path []string) bool {
	if v.Keyword == "" {
		return false
	}
	if v.Keyword == "properties" || v.Keyword == "additionalProperties" {
		return slices.Equal(v.Pointer, path[:len(path)-1])
	}
	return len(v.Pointer) >= len(path) && slices.Equal(v.Pointer[:len(path)], path)
}

// newViolation converts an error of kin-openapi. field names the parameter; empty: the path within the body.
func newViolation(err error, field string) *Violation {
	var schemaError *openapi3.SchemaError
	if !errors.As(err, &schemaError) {
		return &Violation{Field: field, Message: strings.TrimPrefix(field+": ", ": ") + err.Error()}
	}
	v := &Violation{Field: field, Keyword: schemaError.SchemaField, Pointer: schemaError.JSONPointer()}
	for inner := schemaError; inner != nil; { // the violated part of oneOf and the like
		v.innermost = inner.SchemaField
		var next *openapi3.SchemaError
		errors.As(inner.Origin, &next)
		inner = next
	}
	if v.Field == "" {
		v.Field = strings.Join(v.Pointer, ".")
	}
	_, isObject := schemaError.Value.(map[string]any)
	choices := alternatives(schemaError, v.Field)
	switch {
	case v.Keyword == "required":
		v.Message = v.Field + ": this field is required"
		return v
	case choices != "" && isObject:
		v.Field, v.Message = choices, "one of these fields is required: "+choices
		return v
	}
	reason := schemaError.Reason
	if schemaError.Schema.Type.Is(openapi3.TypeObject) && !isObject { // instead of the first part that failed
		reason = "value must be an object"
	}
	if v.Field == "" {
		v.Field = "body"
	}
	v.Message = fmt.Sprintf("%s: %s", v.Field, reason)
	return v
}

// alternatives lists the required fields of an anyOf or oneOf whose parts are nothing but requirements.
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
