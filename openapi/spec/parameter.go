package spec

import (
	"cmp"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/mediatype"
)

type parameter struct {
	name, in string
	required bool
	style    string
	explode  bool
	json     bool     // the value is a JSON text
	kind     kind     // of the schema
	fields   []string // members of an object
	schema   *openapi3.Schema
	accept   acceptor // of the schema; may be nil
}

// kind tells apart how values are written.
type kind int

const (
	scalar kind = iota
	list
	record
)

func kindOf(s *openapi3.Schema) kind {
	if s == nil {
		return scalar
	}
	result := scalar
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: s}}) {
		t := part.Value.Type
		switch {
		case t != nil && t.Includes(openapi3.TypeString):
			return scalar
		case t != nil && t.Includes(openapi3.TypeArray), t == nil && part.Value.Items != nil:
			result = list
		case t != nil && t.Includes(openapi3.TypeObject), t == nil && len(part.Value.Properties) > 0:
			result = record
		case t != nil && !t.Is("null"):
			return scalar
		}
	}
	return result
}

func (b *builder) parameter(node *template.Node) (parameter, error) {
	p := parameter{name: text(node.Lookup("name")), in: text(node.Lookup("in")), required: node.Lookup("required").True(), style: text(node.Lookup("style"))}
	schema := node.Lookup("schema")
	for _, m := range node.Lookup("content").Members() {
		schema, p.json = b.doc.resolve(m.Value).Lookup("schema"), mediatype.IsJSON(mediatype.Plain(m.Key))
	}
	ref, err := b.ref(schema)
	if err != nil {
		return p, err
	}
	if ref != nil {
		p.schema, p.accept, p.kind = ref.Value, b.accept.of(ref.Value), kindOf(ref.Value)
	}
	if p.in == openapi3.ParameterInHeader {
		p.name = strings.ToLower(p.name)
	}
	if p.style = cmp.Or(p.style, map[string]string{"query": "form", "cookie": "form"}[p.in], "simple"); p.style == "form" || p.style == "deepObject" {
		p.explode = true
	}
	if explode := node.Lookup("explode"); explode != nil {
		p.explode = explode.True()
	}
	for _, part := range flatten([]*openapi3.SchemaRef{ref}) {
		for name := range part.Value.Properties {
			p.fields = append(p.fields, name)
		}
	}
	return p, nil
}

// typed converts the text of a parameter or form field to its schema's type. If the schema allows strings, the text
// stays: an identifier such as 007 is not a number.
func typed(schema *openapi3.Schema, text string) any {
	allowed := map[string]bool{}
	any := true
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: schema}}) {
		for _, name := range part.Value.Type.Slice() {
			allowed[name], any = true, false
		}
	}
	if any || allowed[openapi3.TypeString] {
		return text
	}
	if allowed[openapi3.TypeInteger] || allowed[openapi3.TypeNumber] {
		if i, err := strconv.Atoi(text); err == nil {
			return i
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && !math.IsInf(f, 0) && !math.IsNaN(f) {
			return f
		}
	}
	if allowed[openapi3.TypeBoolean] && (text == "true" || text == "false") {
		return text == "true"
	}
	if allowed["null"] && (text == "null" || text == "") {
		return nil
	}
	return text
}

// PathValues returns the path parameters of a request that [Document.Find] routed, nil if there are none.
func (s *Schemas) PathValues(r *http.Request) map[string]string {
	var values map[string]string
	for _, p := range s.parameters {
		if p.in == openapi3.ParameterInPath {
			if values == nil {
				values = map[string]string{}
			}
			values[p.name] = r.PathValue(strings.Trim(p.name, "+*"))
		}
	}
	return values
}

// Request holds the decoded parts of a request. Header names are in lower case.
type Request struct {
	Path, Query, Header map[string]string // the first value of each
	Values              url.Values        // of the query, with repeated ones; nil: those of Query
	MediaType           string            // of the body; empty: no body
	Body                any
	Strict              bool // bodies satisfy the x-idmock-strict of their schemas, too
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
		case openapi3.ParameterInQuery:
		default:
			continue
		}
		if v := p.validate(values, r.Values); v != nil {
			return v
		}
	}
	if r.MediaType == "" {
		return nil
	}
	if m := s.bodies.find(r.MediaType); m != nil && m.schema != nil && validates(r) {
		if m.accept != nil && !r.Strict && m.accept(r.Body) {
			return nil
		}
		if err := m.schema.Value.VisitJSON(r.Body, openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation()); err != nil {
			return newViolation(err, "", openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation())
		}
		if r.Strict && m.strict != nil {
			if err := m.strict.Value.VisitJSON(r.Body, openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation()); err != nil {
				return newViolation(err, "", openapi3.VisitAsRequest(), openapi3.DisableReadOnlyValidation())
			}
		}
	}
	return nil
}

// validates reports whether a body was decoded to what its schema describes. Other bodies are bytes.
func validates(r Request) bool {
	_, isText := r.Body.(string)
	return !isText || mediatype.IsJSON(r.MediaType) || strings.HasPrefix(r.MediaType, "text/")
}

func (p parameter) validate(values map[string]string, query url.Values) *Violation {
	value, ok := p.decode(values, query)
	switch {
	case !ok && p.required:
		return &Violation{Field: p.name, Keyword: "required", Message: fmt.Sprintf("%s: this %s parameter is required", p.name, p.in)}
	case !ok || p.schema == nil:
		return nil
	}
	if p.accept != nil && p.accept(value) {
		return nil
	}
	if err := p.schema.VisitJSON(value); err != nil {
		return newViolation(err, p.name)
	}
	return nil
}

// decode returns the value of a parameter, whether it is one text, a list or an object.
func (p parameter) decode(values map[string]string, query url.Values) (any, bool) {
	text, ok := values[p.name]
	switch {
	case p.json && ok:
		if v, err := template.DecodeJSON([]byte(text)); err == nil {
			return v, true
		}
		return text, true
	case p.kind == list:
		return p.list(text, ok, query)
	case p.kind == record:
		return p.record(text, ok, query)
	case !ok || p.schema == nil:
		return text, ok
	}
	return typed(p.schema, p.bare(text)), true
}

// bare cuts the marks of the styles label and matrix.
func (p parameter) bare(text string) string {
	switch p.style {
	case "label":
		return strings.TrimPrefix(text, ".")
	case "matrix":
		return strings.TrimPrefix(text, ";"+p.name+"=")
	}
	return text
}

func (p parameter) separator() string {
	switch {
	case p.style == "spaceDelimited":
		return " "
	case p.style == "pipeDelimited":
		return "|"
	case p.style == "label" && p.explode:
		return "."
	case p.style == "matrix" && p.explode:
		return ";"
	}
	return ","
}

func (p parameter) list(text string, ok bool, query url.Values) (any, bool) {
	var texts []string
	switch {
	case p.in == openapi3.ParameterInQuery && p.explode && query != nil:
		texts = slices.Concat(query[p.name], query[p.name+"[]"])
		if ok = len(texts) > 0; !ok {
			texts, ok = indexed(query, p.name)
		}
	case ok && p.in == openapi3.ParameterInQuery && query != nil:
		for _, one := range query[p.name] {
			texts = append(texts, strings.Split(one, p.separator())...)
		}
	case ok && text != "":
		texts = strings.Split(p.bare(text), p.separator())
	}
	if !ok {
		return nil, false
	}
	items := make([]any, len(texts))
	for i, one := range texts {
		items[i] = p.item(one)
	}
	return items, true
}

// indexed returns the values of name[0], name[1] and so on.
func indexed(query url.Values, name string) (texts []string, ok bool) {
	for i := 0; ; i++ {
		values, found := query[name+"["+strconv.Itoa(i)+"]"]
		if !found {
			return texts, len(texts) > 0
		}
		texts = append(texts, values...)
	}
}

func (p parameter) item(text string) any {
	if p.style == "matrix" {
		text = strings.TrimPrefix(text, p.name+"=")
	}
	for _, part := range flatten([]*openapi3.SchemaRef{{Value: p.schema}}) {
		if items := part.Value.Items; items != nil {
			return typed(items.Value, text)
		}
	}
	return text
}

func (p parameter) record(text string, ok bool, query url.Values) (any, bool) {
	object := map[string]any{}
	switch {
	case p.style == "deepObject":
		for key, values := range query {
			if rest, found := strings.CutPrefix(key, p.name+"["); found && len(values) > 0 {
				insert(object, strings.Split(strings.TrimSuffix(rest, "]"), "]["), values)
			}
		}
	case p.in == openapi3.ParameterInQuery && p.explode:
		for _, name := range p.fields {
			if values := query[name]; len(values) > 0 {
				insert(object, []string{name}, values)
			}
		}
	case ok && p.explode:
		for _, pair := range strings.Split(p.bare(text), p.separator()) {
			name, value, _ := strings.Cut(pair, "=")
			object[name] = value
		}
	case ok:
		parts := strings.Split(p.bare(text), p.separator())
		for i := 0; i+1 < len(parts); i += 2 {
			object[parts[i]] = parts[i+1]
		}
	}
	if len(object) == 0 {
		return nil, false
	}
	return shaped(p.schema, object), true
}
