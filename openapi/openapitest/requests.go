package openapitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi"
)

const (
	form      = "application/x-www-form-urlencoded"
	multiform = "multipart/form-data"
	boundary  = "a-boundary"
)

// call is a request as a client would send it: with a key, and with the parameters that the document demands.
func (s *suite) call(t *testing.T, op *openapi.Operation, mediaType string, body []byte) *http.Request {
	t.Helper()
	path, query, headers := op.Path, url.Values{}, http.Header{}
	parameters := slices.Concat(s.document.Lookup("paths", op.Path, "parameters").Items(), s.node(op).Lookup("parameters").Items())
	for _, n := range parameters {
		n = s.resolve(n)
		name, example := str(n.Lookup("name")), value(n.Lookup("example"))
		if example == nil {
			example = value(s.resolve(n.Lookup("schema")).Lookup("example"))
		}
		required, _ := value(n.Lookup("required")).(bool)
		if example == nil && required {
			t.Errorf("%s: the parameter %s is required and has no example, so the operation cannot be tried", op.ID, name)
		}
		if example == nil {
			continue
		}
		switch str(n.Lookup("in")) {
		case "path":
			path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(fmt.Sprint(example)))
		case "query":
			query.Set(name, fmt.Sprint(example))
		case "header":
			headers.Set(name, fmt.Sprint(example))
		}
	}
	r, err := http.NewRequest(op.Method, "http://mock.example"+s.p.Prefix+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.URL.RawQuery, r.Header = query.Encode(), headers
	if mediaType == multiform {
		mediaType += "; boundary=" + boundary
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	s.p.SetCredential(r, account)
	return r
}

// encode writes a body in a media type; not ok where the media type cannot say it.
func encode(t *testing.T, mediaType string, body any) (text []byte, ok bool) {
	t.Helper()
	if mediaType == form || mediaType == multiform {
		fields, isObject := body.(map[string]any)
		values := url.Values{}
		for key, v := range fields {
			switch v.(type) {
			case map[string]any, []any, nil:
				return nil, false
			}
			values.Set(key, fmt.Sprint(v))
		}
		if mediaType == multiform {
			return encodeMultipart(t, values), isObject
		}
		return []byte(values.Encode()), isObject
	}
	if mediaType != "application/json" {
		return nil, false
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return text, true
}

// encodeMultipart writes a form, with the pictures in it as files.
func encodeMultipart(t *testing.T, values url.Values) []byte {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(boundary); err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		part, err := w.CreateFormField(name)
		if strings.HasPrefix(name, "image") {
			part, err = w.CreateFormFile(name, name+".jpg")
		}
		if err == nil {
			_, err = part.Write([]byte(values.Get(name)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// accepted: every request example of the document is accepted, by path and by host, in each media type, and starts or
// finds a run where the operation does.
func (s *suite) accepted(t *testing.T) {
	for _, op := range s.operations {
		requests := s.requests(op)
		if requests == nil {
			requests = []request{{name: "no body"}}
		}
		for _, r := range requests {
			text, ok := encode(t, r.mediaType, r.body)
			if r.mediaType != "" && !ok {
				continue
			}
			for _, prefix := range []string{s.p.Prefix, ""} {
				in := s.call(t, op, r.mediaType, text)
				in.URL.Path = prefix + strings.TrimPrefix(in.URL.Path, s.p.Prefix)
				in.URL.RawPath = ""
				call, err := s.p.Match(in)
				switch {
				case err != nil:
					t.Errorf("%s: its request %s %s is refused: %v\n%s", op.ID, r.mediaType, r.name, err, text)
				case call.Operation != op:
					t.Errorf("%s: its request is taken for one to %s", op.ID, call.Operation.ID)
				case !op.Public && call.Account != account:
					t.Errorf("%s: the call is of account %q", op.ID, call.Account)
				case op.Starts() && call.Subject == "":
					t.Errorf("%s: starts a run without a subject in %s", op.ID, text)
				}
				if _, finds := op.Finds(); finds && err == nil && call.Reference == "" && call.Alias == "" {
					t.Errorf("%s: queries a run without a reference in %s", op.ID, text)
				}
			}
		}
	}
}

// refused: a request that violates one rule of the schema is refused with the provider's error, which names the field.
func (s *suite) refused(t *testing.T) {
	for _, op := range s.operations {
		for _, r := range s.requests(op) {
			body, _ := r.body.(map[string]any)
			if body == nil {
				continue
			}
			for _, bad := range mistakes(body, r.schema) {
				if r.mediaType != "application/json" && (bad.untold || len(bad.body) == 0) {
					continue // a form has no types, and is empty without fields
				}
				if text, ok := encode(t, r.mediaType, bad.body); ok {
					s.refuses(t, op, s.call(t, op, r.mediaType, text), openapi.Invalid, bad.field, bad.what)
				}
			}
		}
	}
}

// mistake is a body with one thing wrong.
type mistake struct {
	what, field string
	body        map[string]any
	untold      bool // a form cannot make it
}

func mistakes(body map[string]any, schema *schema) []mistake {
	var all []mistake
	without := func(fields ...string) map[string]any {
		rest := maps.Clone(body)
		for _, field := range fields {
			delete(rest, field)
		}
		return rest
	}
	for _, field := range schema.required {
		all = append(all, mistake{"without " + field, field, without(field), false})
	}
	if len(schema.anyOf) > 0 {
		var any []string
		for _, alternative := range schema.anyOf {
			any = append(any, alternative...)
		}
		if len(any) > 0 {
			all = append(all, mistake{"without any of " + strings.Join(any, ", "), any[0], without(any...), false})
		}
	}
	for _, field := range keysOf(schema.properties) {
		property := schema.properties[field]
		with := func(what string, value any) {
			changed := maps.Clone(body)
			changed[field] = value
			_, isText := value.(string)
			all = append(all, mistake{field + " " + what, field, changed, !isText})
		}
		if _, given := body[field]; !given {
			continue // an alternative that this request is not about
		}
		if !property.takes("object") {
			with("is an object", map[string]any{"a": 1})
		}
		if !property.takes("array") {
			with("is a list", []any{1})
		}
		if !property.takes("boolean") {
			with("is true", true)
		}
		if !property.takes("null") {
			with("is null", nil)
		}
		if property.minLength > 0 && property.takes("string") {
			with("is empty", "")
		}
		if len(property.enum) > 0 {
			with("is none of the choices", "none-of-the-choices")
		}
	}
	return all
}

// refuses judges one refusal: its kind, its field, and that it renders in the provider's shape and fits the document.
func (s *suite) refuses(t *testing.T, op *openapi.Operation, r *http.Request, kind openapi.Kind, field, what string) {
	t.Helper()
	call, err := s.p.Match(r)
	var refused *openapi.Error
	if !errors.As(err, &refused) {
		t.Errorf("%s: %s: was accepted", op.ID, what)
		return
	}
	if refused.Kind != kind || !strings.Contains(refused.Field, field) || !strings.Contains(refused.Message, field) {
		t.Errorf("%s: %s: refused with %s, field %q: %s\nwant %s, field %s", op.ID, what, refused.Kind, refused.Field, refused.Message, kind, field)
		return
	}
	reply, err := s.p.Refuse(refused, call.Scope())
	if err == nil && s.documents(op, reply.Status) {
		err = op.ValidateResponse(reply.Status, reply.Body)
	}
	if err != nil || !json.Valid(reply.Body) {
		t.Errorf("%s: %s: %v\n%s", op.ID, what, err, reply.Body)
	}
}

// uncallable: errors before schema validation.
func (s *suite) uncallable(t *testing.T) {
	for _, op := range s.operations {
		bare := func(mediaType, body string) *http.Request { return s.call(t, op, mediaType, []byte(body)) }
		if requests := s.requests(op); len(requests) > 0 {
			mediaType := requests[0].mediaType
			s.refuses(t, op, bare("text/x-nothing", "x"), openapi.MediaType, "", "another media type")
			if requests[0].required {
				s.refuses(t, op, bare(mediaType, ""), openapi.Invalid, "body", "no body")
			}
			if mediaType == "application/json" {
				s.refuses(t, op, bare(mediaType, `{"half`), openapi.BadJSON, "", "half a body")
				s.refuses(t, op, bare(mediaType, `{} {}`), openapi.BadJSON, "", "two bodies")
			}
		}
		if !op.Public {
			r := bare("", "")
			s.p.SetCredential(r, "")
			s.refuses(t, op, r, openapi.MissingCredential, "", "no credential")
			r = bare("", "")
			s.p.SetCredential(r, "a\x00b")
			s.refuses(t, op, r, openapi.BadCredential, "", "a control character in the credential")
		}
		r := bare("", "")
		r.Method = "PURGE"
		s.refuses(t, op, r, openapi.Method, "", "another method")
		r = bare("", "")
		r.URL.Path += "/no/such/path" // one step more may be the name of something
		s.refuses(t, op, r, openapi.UnknownPath, "", "another path")
	}
}
