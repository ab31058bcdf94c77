package openapi

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/internal/bounds"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/decode"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/spec"
)

// MaxBody is the limit of a request body in bytes: two photographs in base64.
const MaxBody = 16 << 20

// Call is a decoded request.
type Call struct {
	Operation *Operation // nil: unknown
	Account   string     // the credential; empty: none
	Raw       []byte     // the body's bytes, without a content encoding
	Body      any        // the decoded body: map[string]any, []any, string, int, float64, bool or nil
	Path      map[string]string
	Query     map[string]string
	Header    map[string]string
	Subject   string // a request with a subject starts a run
	Reference string // of the run that the request concerns
	Alias     string // another name of that run, without a reference
	Sandbox   string // outcome of the request in the sandbox; empty outside, and for operations without values

	mediaType string
	values    url.Values      // of the query
	read      bool            // Raw is set
	scope     *template.Scope // made by Match, for the first Scope
}

// Scope returns the variables of expressions that a request sets. Each is the caller's own.
func (c *Call) Scope() *template.Scope {
	if s := c.scope; s != nil {
		c.scope = nil
		s.Subject, s.Sandbox = c.Subject, c.Sandbox
		s.Resource, _ = c.Body.(map[string]any)
		return s
	}
	resource, _ := c.Body.(map[string]any)
	return &template.Scope{Body: c.Body, Resource: resource, Path: c.Path, Query: c.Query, Header: c.Header, Subject: c.Subject, Sandbox: c.Sandbox}
}

// Match routes, authenticates and validates a request to the provider. The error is an [*Error]. The call is never nil; for
// an invalid request it holds the parts decoded so far.
//
// The provider's prefix is optional in the request's URL. Match reads the body up to [MaxBody].
func (p *Provider) Match(r *http.Request) (*Call, error) { return match(p, r, false) }

// MatchStrict is Match for requests that a cautious client sends: the media types of the document alone, and bodies that
// satisfy x-idmock-strict, the part of a schema that no page of the provider states.
func (p *Provider) MatchStrict(r *http.Request) (*Call, error) { return match(p, r, true) }

func match(p *Provider, r *http.Request, strict bool) (*Call, error) {
	c := &Call{Header: decode.FirstValues(r.Header, decode.LowerName)}
	if r.URL.RawQuery != "" {
		c.values = r.URL.Query()
		c.Query = decode.FirstValues(c.values, func(s string) string { return s })
	}
	d, err := p.load()
	if err != nil {
		return c, &Error{Kind: Internal, Message: err.Error()}
	}
	op, refusal := d.find(r)
	c.Operation = op
	// The real services check the key before the path: an unknown path with a bad key is a 401.
	if err := c.authenticate(&p.read().set.Credential, r, refusal); err != nil {
		return c, err
	}
	if refusal != nil {
		return c, refusal
	}
	schemas, err := op.Load()
	if err != nil {
		return c, &Error{Kind: Internal, Message: err.Error()}
	}
	c.Path = schemas.PathValues(r)
	if err := c.readBody(r, schemas, p.read().set.Forms == settings.Anywhere && !strict); err != nil {
		return c, err
	}
	if p.read().set.Parameters == settings.Anywhere {
		c.gather(schemas)
	}
	if v := schemas.ValidateRequest(spec.Request{Path: c.Path, Query: c.Query, Values: c.values, Header: c.Header, MediaType: c.mediaType, Body: c.Body, Strict: strict}); v != nil {
		return c, &Error{Kind: Invalid, Field: v.Field, Message: v.Message}
	}
	if op.run != nil {
		scope := c.Scope()
		c.Subject = op.Subject(scope)
		c.Reference = op.run.Find.First(scope)
		if c.Reference == "" && len(op.run.Find) > 0 {
			c.Alias = op.run.Alias.First(scope)
		}
		c.scope = scope
	}
	c.Sandbox = c.sandbox(p.read(), r.Host)
	return c, nil
}

// readRaw reads the body, once.
func (c *Call) readRaw(r *http.Request) error {
	if c.read {
		return nil
	}
	body, size := io.Reader(r.Body), r.ContentLength
	var err error
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" {
		body, err = decode.Encoded(encoding, io.LimitReader(r.Body, MaxBody))
		size = -1
	}
	if errors.Is(err, decode.ErrEncoding) {
		return &Error{Kind: MediaType, Field: "Content-Encoding", Message: err.Error()}
	}
	var raw []byte
	if err == nil {
		raw, err = bounds.ReadAll(io.LimitReader(body, MaxBody+1), size, MaxBody)
	}
	switch {
	case errors.Is(err, admission.ErrBusy):
		return &Error{Kind: Unavailable, Message: err.Error()}
	case len(raw) > MaxBody, errors.As(err, new(*http.MaxBytesError)):
		return &Error{Kind: TooLarge, Message: fmt.Sprintf("the body is larger than %d bytes", MaxBody)}
	case err != nil:
		return &Error{Kind: BadJSON, Message: "the body could not be read: " + err.Error()}
	}
	c.Raw, c.read = raw, true
	return nil
}

// readBody reads and decodes the body. forms accepts a form where the document has JSON.
func (c *Call) readBody(r *http.Request, schemas *spec.Schemas, forms bool) error {
	if err := c.readRaw(r); err != nil {
		return err
	}
	if len(c.Raw) == 0 {
		if schemas.BodyRequired {
			return &Error{Kind: Invalid, Message: "a request body is required", Field: "body"}
		}
		return nil
	}
	if !schemas.HasBody() {
		return nil // the real services ignore an undocumented body
	}
	mediaType, boundary, err := decode.ContentType(r.Header.Get("Content-Type"))
	documented := mediaType
	if forms && (mediaType == decode.Form || mediaType == decode.Multipart) && !schemas.Accepts(mediaType) && schemas.Accepts(decode.JSON) {
		documented = decode.JSON
	}
	if (err != nil || !schemas.Accepts(documented)) && !schemas.AcceptsAll() {
		return &Error{Kind: MediaType, Field: "Content-Type", Message: fmt.Sprintf("media type %q is not accepted here, use %s",
			r.Header.Get("Content-Type"), strings.Join(schemas.MediaTypes(), " or "))}
	}
	c.mediaType = documented
	c.Body, err = c.decode(mediaType, boundary)
	if fields, ok := c.Body.(map[string][]any); ok {
		c.Body = schemas.Form(documented, fields)
	}
	return err
}

// decode decodes the body. The error is an [*Error].
func (c *Call) decode(mediaType, boundary string) (any, error) {
	body, err := decode.Body(mediaType, boundary, c.Raw)
	var bad *decode.Error
	if errors.As(err, &bad) {
		kind := BadJSON
		if bad.TooLarge {
			kind = TooLarge
		}
		return nil, &Error{Kind: kind, Message: bad.Message}
	}
	return body, err
}

// gather adds the query to the body, so that schemas and expressions find a parameter in either place. Members of the body
// take precedence.
func (c *Call) gather(schemas *spec.Schemas) {
	if len(c.Query) == 0 {
		return
	}
	body, ok := c.Body.(map[string]any)
	if !ok && c.Body != nil {
		return
	}
	if body == nil {
		body = make(map[string]any, len(c.Query))
	}
	for name, value := range c.Query {
		if _, exists := body[name]; !exists {
			body[name] = value
		}
	}
	c.Body = body
	if c.mediaType == "" && schemas.Accepts(decode.JSON) {
		c.mediaType = decode.JSON
	}
}

// sandbox returns the outcome that the sandbox has for the request.
func (c *Call) sandbox(provider *contents, host string) string {
	host, _, _ = strings.Cut(host, ":")
	s := &provider.set.Sandbox
	if !s.Keys.Match(c.Account) && !slices.Contains(s.Hosts, host) {
		return ""
	}
	body, _ := c.Body.(map[string]any)
	return provider.outcomes.Sandbox(c.Operation.ID, body)
}
