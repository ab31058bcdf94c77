package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	invalid "github.com/pb33f/libopenapi-validator/errors"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
	"github.com/pb33f/libopenapi/renderer"
)

// judge reads a document by other libraries than the server's. It generates requests, and validates responses.
type judge struct {
	validator.Validator
	doc  *v3.Document
	mock *renderer.MockGenerator
	base string // path of the document's first server
}

// operation is an operation of the document.
type operation struct {
	method, path string
	item         *v3.PathItem
	*v3.Operation
}

func newJudge(text []byte) (*judge, error) {
	d, err := libopenapi.NewDocument(text)
	if err != nil {
		return nil, err
	}
	model, err := d.BuildV3Model()
	if err != nil {
		return nil, err
	}
	j := &judge{
		Validator: validator.NewValidatorFromV3Model(&model.Model, config.WithoutSecurityValidation(), config.WithSchemaCache(nil)),
		doc:       &model.Model, mock: renderer.NewMockGenerator(renderer.JSON),
	}
	j.mock.SetSeed(1)
	if len(j.doc.Servers) > 0 {
		j.base = basePath(j.doc.Servers[0])
	}
	return j, nil
}

// basePath returns the path of a server, with the defaults of its variables.
func basePath(s *v3.Server) string {
	raw := s.URL
	if s.Variables != nil {
		for name, v := range s.Variables.FromOldest() {
			raw = strings.ReplaceAll(raw, "{"+name+"}", v.Default)
		}
	}
	if u, err := url.Parse(raw); err == nil {
		return strings.TrimRight(u.Path, "/")
	}
	return ""
}

// operations lists the operations as the document does.
func (j *judge) operations() []operation {
	var all []operation
	if j.doc.Paths == nil || j.doc.Paths.PathItems == nil {
		return nil
	}
	for path, item := range j.doc.Paths.PathItems.FromOldest() {
		for method, op := range item.GetOperations().FromOldest() {
			all = append(all, operation{strings.ToUpper(method), path, item, op})
		}
	}
	return all
}

// errUnjudged is returned for an operation whose request cannot be generated, or is wrong by the validator's own word.
var errUnjudged = errors.New("not judged")

// request generates a request for an operation, with what the document requires.
func (j *judge) request(op operation, base string) (*http.Request, error) {
	query, header := url.Values{}, http.Header{}
	path := op.path
	for _, p := range append(append([]*v3.Parameter{}, op.item.Parameters...), op.Parameters...) {
		if p == nil || p.In != "path" && (p.Required == nil || !*p.Required) {
			continue
		}
		value, err := j.parameter(p)
		if err != nil {
			return nil, err
		}
		switch p.In {
		case "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(value))
		case "query":
			query.Set(p.Name, value)
		case "header":
			header.Set(p.Name, value)
		case "cookie":
			header.Add("Cookie", (&http.Cookie{Name: p.Name, Value: value}).String())
		}
	}
	body, mediaType, err := j.body(op)
	if err != nil {
		return nil, err
	}
	r, err := http.NewRequest(op.method, base+j.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, errUnjudged
	}
	r.Header = header
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	j.credential(op, r, query)
	r.URL.RawQuery = query.Encode()
	// The validator knows the path as the document's.
	asked := r.Clone(r.Context())
	asked.URL.Path, asked.URL.RawPath = j.base+path, ""
	asked.Body = io.NopCloser(bytes.NewReader(body))
	if ok, _ := j.ValidateHttpRequestSyncWithPathItem(asked, op.item, op.path); !ok {
		return nil, errUnjudged
	}
	return r, nil
}

// parameter generates the value of a parameter. Values of several parts are not judged.
func (j *judge) parameter(p *v3.Parameter) (string, error) {
	if p.Example != nil && p.Example.Value != "" {
		return p.Example.Value, nil
	}
	if p.Schema == nil || p.Schema.Schema() == nil {
		return "", errUnjudged
	}
	text, err := j.mock.GenerateMock(p.Schema.Schema(), "")
	value := strings.Trim(string(bytes.TrimSpace(text)), `"`)
	if err != nil || value == "" || value == "null" || strings.ContainsAny(value, "[{\\\n") {
		return "", errUnjudged
	}
	return value, nil
}

// body generates a body of the first media type that is JSON, if the operation has a body.
func (j *judge) body(op operation) (body []byte, mediaType string, err error) {
	if op.RequestBody == nil || op.RequestBody.Content == nil || op.RequestBody.Content.Len() == 0 {
		return nil, "", nil
	}
	for mediaType, content := range op.RequestBody.Content.FromOldest() {
		if !strings.Contains(mediaType, "json") {
			continue
		}
		body, err := j.mock.GenerateMock(content, "")
		if err != nil || len(body) == 0 {
			return nil, "", errUnjudged
		}
		return body, mediaType, nil
	}
	if required := op.RequestBody.Required; required == nil || !*required {
		return nil, "", nil
	}
	return nil, "", errUnjudged
}

// credential sets the credentials of every scheme in the operation's first requirement.
func (j *judge) credential(op operation, r *http.Request, query url.Values) {
	requirements := op.Security
	if requirements == nil {
		requirements = j.doc.Security
	}
	if len(requirements) == 0 || requirements[0].Requirements == nil || j.doc.Components == nil || j.doc.Components.SecuritySchemes == nil {
		return
	}
	for name := range requirements[0].Requirements.FromOldest() {
		scheme, ok := j.doc.Components.SecuritySchemes.Get(name)
		switch {
		case !ok:
		case scheme.Type == "apiKey" && scheme.In == "query":
			query.Set(scheme.Name, "corpus-key")
		case scheme.Type == "apiKey" && scheme.In == "cookie":
			r.Header.Add("Cookie", (&http.Cookie{Name: scheme.Name, Value: "corpus-key"}).String())
		case scheme.Type == "apiKey":
			r.Header.Set(scheme.Name, "corpus-key")
		case strings.EqualFold(scheme.Scheme, "basic"):
			r.SetBasicAuth("corpus-key", "secret")
		default:
			r.Header.Set("Authorization", "Bearer corpus-key")
		}
	}
}

// documentsOnly reports whether an operation documents a status and no success.
func (j *judge) documentsOnly(op operation, status int) bool {
	if op.Responses == nil || op.Responses.Codes == nil || op.Responses.Default != nil {
		return false
	}
	found := false
	for code := range op.Responses.Codes.FromOldest() {
		if strings.HasPrefix(code, "2") {
			return false
		}
		found = found || code == fmt.Sprint(status)
	}
	return found
}

// validate checks a response against the document.
func (j *judge) validate(op operation, request *http.Request, response *http.Response, body []byte) error {
	read := *response
	read.Body = io.NopCloser(bytes.NewReader(body))
	ok, mistakes := j.GetResponseBodyValidator().ValidateResponseBodyWithPathItem(request, &read, op.item, op.path)
	if ok {
		return nil
	}
	text := reasons(mistakes)
	if strings.Contains(text, "failed schema compilation") {
		return errUnjudged
	}
	return errors.New(text)
}

func reasons(mistakes []*invalid.ValidationError) string {
	var all []string
	for _, m := range mistakes {
		text := m.Message
		for _, s := range m.SchemaValidationErrors {
			text += "; " + s.Reason + " at " + s.FieldPath
		}
		all = append(all, text)
	}
	return strings.Join(all, " | ")
}
