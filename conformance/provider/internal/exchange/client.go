package exchange

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// Client builds requests from a provider's document and sends them to a server.
type Client struct {
	Provider *openapi.Provider
	URL      string // the base URL, without a slash at its end
	HTTP     *http.Client
	Redactor *conformance.Redactor
}

// Response is the response to a request.
type Response struct {
	Status   int
	Header   http.Header
	Body     []byte
	Err      error                // nil if there is a response
	Exchange conformance.Exchange // for the report
}

// Summary returns the status and the beginning of the body.
func (r *Response) Summary() string {
	return fmt.Sprintf("status %d: %s", r.Status, Clip(strings.TrimSpace(string(r.Body)), 160))
}

// Rejected reports whether the server refused the request as the client's error.
func (r *Response) Rejected() bool { return r.Status >= 400 && r.Status < 500 }

// Call is a request and its response.
type Call struct {
	*Request
	Got *Response
}

// Send sends a request.
func (c *Client) Send(ctx context.Context, r *Request) *Response {
	if r.Key != "" {
		r = c.WithKey(r, r.Key)
	}
	request, err := r.build(ctx, c.URL)
	if err != nil {
		return &Response{Err: err}
	}
	began := time.Now()
	response := &Response{}
	got, err := c.HTTP.Do(request)
	if err == nil {
		response.Status, response.Header = got.StatusCode, got.Header
		response.Body, err = io.ReadAll(io.LimitReader(got.Body, openapi.MaxBody))
		got.Body.Close()
	}
	response.Err = err
	response.Exchange = c.record(r, request, response)
	response.Exchange.Took, response.Exchange.Ended = time.Since(began), time.Now()
	return response
}

// Documented returns the documented request of an operation. Required parameters without a documented value get one that
// the document accepts, if a common one does.
func (c *Client) Documented(op *openapi.Operation, key string) (*Request, error) {
	form, err := op.Form()
	if err != nil {
		return nil, err
	}
	r := &Request{Op: op, Key: key, Method: op.Method, Path: op.Path, Query: url.Values{}, Header: http.Header{}, Body: form.Example}
	if form.Example != nil {
		r.Header.Set("Content-Type", form.MediaType)
		if strings.Contains(form.MediaType, "form") {
			if err := r.encodeForm(form); err != nil {
				return nil, err
			}
		}
	}
	request, err := r.build(context.Background(), placeholderURL)
	if err != nil {
		return nil, err
	}
	c.setKey(request, placeholderKey)
	r.Header, r.Query = request.Header, request.URL.Query()
	for _, field := range form.Fields {
		r = c.withParameter(r, field)
	}
	_, r.Refused = r.Match(c.Provider)
	return r, nil
}

// withParameter returns the request with a value for a parameter that needs one.
func (c *Client) withParameter(r *Request, field openapi.Field) *Request {
	if field.In == "body" || field.In != "path" && (!field.Required || r.Query.Has(field.Name) || r.Header.Get(field.Name) != "") {
		return r
	}
	values := append(append([]string(nil), field.Enum...), "5a6d1c0e-0000-4000-8000-000000000001", "605a6d1c0e00004000800000", "1", "true", "2026-01-01")
	for _, value := range values {
		candidate := r.Clone()
		candidate.put(field.In, field.Name, value)
		_, refused := candidate.Match(c.Provider)
		if refused == nil || refused.Field != field.Name && refused.Kind != openapi.UnknownPath {
			return candidate
		}
	}
	return r
}
