package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/idmock/idmock/openapi"
)

// placeholderURL is the base URL of requests that are matched and never sent.
const placeholderURL = "http://provider.invalid"

// placeholderKey is the key of requests that are matched against the document. The real key replaces it when the request is
// sent, because the document may take the real one for a bad key of the mock.
const placeholderKey = "a-good-key"

// Request is a request to a provider, with the meaning that the document gives it.
type Request struct {
	Op      *openapi.Operation // nil: no operation of the document
	Method  string
	Path    string // below the base URL, escaped
	Query   url.Values
	Header  http.Header
	Body    []byte
	Refused *openapi.Error // the documented refusal; nil: the request is valid
	Key     string         // replaces the placeholder key when sent; empty: the request is sent unchanged

	Example string // the documented response that the request asks for, if any
	Status  int    // the status of that example
}

// Clone returns a copy that shares no headers and no parameters.
func (r *Request) Clone() *Request {
	clone := *r
	clone.Query, clone.Header = url.Values{}, r.Header.Clone()
	for name, values := range r.Query {
		clone.Query[name] = append([]string(nil), values...)
	}
	return &clone
}

// Name returns the operation and the example, or else the method and the path.
func (r *Request) Name() string {
	if r.Op != nil && r.Example != "" {
		return r.Op.ID + " example " + r.Example
	}
	if r.Op != nil {
		return r.Op.ID
	}
	return r.Method + " " + r.Path
}

// build returns the HTTP request to a base URL.
func (r *Request) build(ctx context.Context, base string) (*http.Request, error) {
	request, err := http.NewRequestWithContext(ctx, r.Method, base+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return nil, err
	}
	request.URL.RawQuery = r.Query.Encode()
	request.Header = r.Header.Clone()
	return request, nil
}

// Match matches the request against the document. The error is nil if the request is valid.
func (r *Request) Match(p *openapi.Provider) (*openapi.Call, *openapi.Error) {
	request, err := r.build(context.Background(), placeholderURL)
	if err != nil {
		return nil, &openapi.Error{Kind: openapi.Internal, Message: err.Error()}
	}
	call, err := p.Match(request)
	var refused *openapi.Error
	if errors.As(err, &refused) {
		return call, refused
	}
	return call, nil
}

// put sets a parameter, or a member of the body.
func (r *Request) put(in, name, value string) {
	switch in {
	case "path":
		r.Path = strings.ReplaceAll(r.Path, "{"+name+"}", url.PathEscape(value))
	case "query":
		r.Query.Set(name, value)
	case "header":
		r.Header.Set(name, value)
	case "body":
		var body map[string]any
		if json.Unmarshal(r.Body, &body) == nil && body != nil {
			body[name] = value
			if text, err := json.Marshal(body); err == nil {
				r.Body = text
			}
		}
	}
}

// AtPath returns the request with a value in place of each parameter of an operation's path.
func (r *Request) AtPath(op *openapi.Operation, value string) *Request {
	clone := r.Clone()
	clone.Path = op.Path
	for strings.Contains(clone.Path, "{") {
		_, after, _ := strings.Cut(clone.Path, "{")
		name, _, _ := strings.Cut(after, "}")
		clone.put("path", name, value)
	}
	return clone
}

// ForRun returns the request that asks an operation for a run by its name.
func (r *Request) ForRun(op *openapi.Operation, name string) *Request {
	clone := r.Clone()
	clone.Path = op.Path
	for _, place := range op.FindsBy() {
		if place[0] == "body" && len(clone.Body) == 0 {
			clone.put("query", place[1], name)
			continue
		}
		clone.put(place[0], place[1], name)
	}
	return clone
}

// members returns the members of the body, or nil if it is not a JSON object.
func (r *Request) members() map[string]any {
	var members map[string]any
	if json.Unmarshal(r.Body, &members) != nil {
		return nil
	}
	return members
}

// withMembers returns the request with another body. The members must be JSON values.
func (r *Request) withMembers(members map[string]any) *Request {
	clone := r.Clone()
	clone.Body, _ = json.Marshal(members)
	return clone
}

// encodeForm writes the example as the form that the operation accepts.
func (r *Request) encodeForm(form openapi.Form) error {
	var fields map[string]any
	if err := json.Unmarshal(form.Example, &fields); err != nil {
		return fmt.Errorf("%s: the documented form must be an object: %w", r.Op.ID, err)
	}
	values := url.Values{}
	for name, value := range fields {
		values.Set(name, fmt.Sprint(value))
	}
	if form.MediaType == "application/x-www-form-urlencoded" {
		r.Body = []byte(values.Encode())
		return nil
	}
	const boundary = "a-part-of-the-form"
	var b strings.Builder
	for name := range values {
		fmt.Fprintf(&b, "--%s\r\nContent-Disposition: form-data; name=%q\r\n\r\n%s\r\n", boundary, name, values.Get(name))
	}
	b.WriteString("--" + boundary + "--\r\n")
	r.Body = []byte(b.String())
	r.Header.Set("Content-Type", form.MediaType+"; boundary="+boundary)
	return nil
}
