package spec

import (
	"fmt"
	"maps"
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
	accept   acceptor // of the schema; may be nil
}

func newParameter(p *openapi3.Parameter, all acceptors) parameter {
	result := parameter{name: p.Name, in: p.In, required: p.Required}
	if p.Schema != nil {
		result.schema, result.accept = p.Schema.Value, all.of(p.Schema.Value)
	}
	if p.In == openapi3.ParameterInHeader {
		result.name = strings.ToLower(p.Name)
	}
	return result
}

// typed converts the text of a parameter or form field to its schema's type. If the schema allows strings, the text
// stays: an identifier such as 007 is not a number.
func typed(schema *openapi3.Schema, text string) any {
	allows := func(kind string) bool { return schema.Type.Includes(kind) }
	if schema.Type == nil || allows(openapi3.TypeString) {
		return text
	}
	if allows(openapi3.TypeInteger) || allows(openapi3.TypeNumber) {
		if i, err := strconv.Atoi(text); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	if allows(openapi3.TypeBoolean) && (text == "true" || text == "false") {
		return text == "true"
	}
	return text
}

// ConvertForm converts the text fields of a form to the types of the body's schema.
func (s *Schemas) ConvertForm(mediaType string, form map[string]any) {
	schema := s.bodies[mediaType]
	if schema == nil {
		return
	}
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: schema}}) {
		for name, property := range part.Value.Properties {
			if text, ok := form[name].(string); ok && property.Value != nil {
				form[name] = typed(property.Value, text)
			}
		}
	}
}

// HasBody reports whether the operation documents a request body.
func (s *Schemas) HasBody() bool { return s.bodies != nil }

// Accepts reports whether the operation documents a request body of a media type.
func (s *Schemas) Accepts(mediaType string) bool {
	_, ok := s.bodies[mediaType]
	return ok
}

// MediaTypes returns the media types of the request body, sorted.
func (s *Schemas) MediaTypes() []string { return slices.Sorted(maps.Keys(s.bodies)) }

// PathValues returns the path parameters of a request that [Document.Find] routed, nil if there are none.
func (s *Schemas) PathValues(r *http.Request) map[string]string {
	var values map[string]string
	for _, p := range s.parameters {
		if p.in == openapi3.ParameterInPath {
			if values == nil {
				values = map[string]string{}
			}
			values[p.name] = r.PathValue(p.name)
		}
	}
	return values
}

// Request holds the decoded parts of a request. Header names are in lower case.
type Request struct {
	Path, Query, Header map[string]string
	MediaType           string // of the body; empty: no body
	Body                any
}

// ValidateRequest checks parameters and body against their schemas and returns the first violation, or nil. Cookies are
// not checked.
func (s *Schemas) ValidateRequest(r Request) *Violation {
	for _, p := range s.parameters {
		values := r.Query
		switch p.in {
		case openapi3.ParameterInHeader:
			values = r.Header
		case openapi3.ParameterInPath:
			values = r.Path
		case openapi3.ParameterInCookie:
			continue
		}
		if v := p.validate(values); v != nil {
			return v
		}
	}
	if schema := s.bodies[r.MediaType]; schema != nil {
		if accept := s.accept[schema]; accept != nil && accept(r.Body) {
			return nil
		}
		if err := schema.VisitJSON(r.Body); err != nil {
			return newViolation(err, "")
		}
	}
	return nil
}

func (p parameter) validate(values map[string]string) *Violation {
	text, ok := values[p.name]
	switch {
	case !ok && p.required:
		return &Violation{Field: p.name, Keyword: "required", Message: fmt.Sprintf("%s: this %s parameter is required", p.name, p.in)}
	case !ok || p.schema == nil:
		return nil
	}
	value := typed(p.schema, text)
	if p.accept != nil && p.accept(value) {
		return nil
	}
	if err := p.schema.VisitJSON(value); err != nil {
		return newViolation(err, p.name)
	}
	return nil
}
