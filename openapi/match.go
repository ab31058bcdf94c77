package openapi

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// MaxBody is the largest request body that is read, in bytes: room for two photographs in base64.
const MaxBody = 16 << 20

// Call is a request, understood.
type Call struct {
	Operation *Operation // nil where the request named none
	Account   string     // the credential; empty where there was none
	Raw       []byte     // the body as it came
	Body      any        // the body, decoded: map[string]any, []any, string, int, float64, bool or nil
	Path      map[string]string
	Query     map[string]string
	Header    map[string]string
	Subject   string // a call with a subject starts a run
	Reference string // the run that the call asks for
	Alias     string // another name of that run, for calls without a reference
	Sandbox   string // known or unknown; empty outside the sandbox

	mediaType string
	read      bool // Raw is the received body
}

// Scope returns the variables of the call in expressions.
func (c *Call) Scope() *template.Scope {
	return &template.Scope{Body: c.Body, Path: c.Path, Query: c.Query, Header: c.Header, Subject: c.Subject, Sandbox: c.Sandbox}
}

// Match routes, authenticates and validates a request to the provider. The call is never nil; what could be understood
// of a bad request is in it. The error is an [*Error].
//
// The request's URL may carry the provider's prefix or not. Its body is read, up to [MaxBody].
func (p *Provider) Match(r *http.Request) (*Call, error) {
	c := &Call{Header: firsts(r.Header, strings.ToLower), Query: query(r.URL)}
	d, err := p.load()
	if err != nil {
		return c, &Error{Kind: Internal, Message: err.Error()}
	}
	op, refusal := d.find(r)
	c.Operation = op
	// The real services look at the key before they look at the path: an unknown path with a bad key is a 401.
	if err := p.authenticate(c, r); err != nil {
		return c, err
	}
	if refusal != nil {
		return c, refusal
	}
	details, err := op.details()
	if err != nil {
		return c, &Error{Kind: Internal, Message: err.Error()}
	}
	c.Path = details.pathValues(r)
	if err := c.readBody(r, details); err != nil {
		return c, err
	}
	if p.set.Parameters == anywhere {
		c.gather(details)
	}
	if err := c.validate(details); err != nil {
		return c, err
	}
	if op.run != nil {
		scope := c.Scope()
		c.Subject = op.Subject(scope)
		c.Reference = op.run.Find.first(scope)
		if c.Reference == "" && len(op.run.Find) > 0 {
			c.Alias = op.run.Alias.first(scope)
		}
	}
	c.Sandbox = p.sandbox(c, r.Host)
	return c, nil
}

// readRaw reads the body, once.
func (c *Call) readRaw(r *http.Request) error {
	if c.read {
		return nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	switch {
	case err != nil:
		return &Error{Kind: BadJSON, Message: "the body could not be read: " + err.Error()}
	case len(raw) > MaxBody:
		return &Error{Kind: TooLarge, Message: fmt.Sprintf("the body is larger than %d bytes", MaxBody)}
	}
	c.Raw, c.read = raw, true
	return nil
}

func (c *Call) readBody(r *http.Request, op *details) error {
	if err := c.readRaw(r); err != nil {
		return err
	}
	raw := c.Raw
	if len(raw) == 0 {
		if op.bodyRequired {
			return &Error{Kind: Invalid, Message: "a request body is required", Field: "body"}
		}
		return nil
	}
	if op.bodies == nil {
		return nil // an unexpected body is ignored, as the real services do
	}
	mediaType, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if _, known := op.bodies[mediaType]; err != nil || !known {
		return &Error{Kind: MediaType, Field: "Content-Type", Message: fmt.Sprintf("media type %q is not accepted here, use %s",
			r.Header.Get("Content-Type"), strings.Join(op.mediaTypes(), " or "))}
	}
	c.mediaType = mediaType
	c.Body, err = decodeBody(mediaType, parameters["boundary"], raw)
	if form, ok := c.Body.(map[string]any); ok && (mediaType == formType || mediaType == multipartType) && op.bodies[mediaType] != nil {
		typedForm(op.bodies[mediaType], form)
	}
	return err
}

const (
	formType      = "application/x-www-form-urlencoded"
	multipartType = "multipart/form-data"
)

// decodeMultipart reads a form with files. A file is its base64, as it would be in JSON.
func decodeMultipart(boundary string, raw []byte) (any, error) {
	refuse := func(err error) (any, error) {
		return nil, &Error{Kind: BadJSON, Message: "the form could not be decoded: " + err.Error()}
	}
	if boundary == "" {
		return refuse(errors.New("its Content-Type names no boundary"))
	}
	body := map[string]any{}
	for parts := multipart.NewReader(bytes.NewReader(raw), boundary); ; {
		part, err := parts.NextPart()
		if err == io.EOF {
			return body, nil
		}
		if err != nil {
			return refuse(err)
		}
		value, err := io.ReadAll(part)
		if err != nil {
			return refuse(err)
		}
		if part.FileName() != "" {
			body[part.FormName()] = base64.StdEncoding.EncodeToString(value)
		} else {
			body[part.FormName()] = string(value)
		}
	}
}

func decodeBody(mediaType, boundary string, raw []byte) (any, error) {
	if mediaType == multipartType {
		return decodeMultipart(boundary, raw)
	}
	if mediaType == formType {
		form, err := url.ParseQuery(string(raw))
		if err != nil {
			return nil, &Error{Kind: BadJSON, Message: "the form could not be decoded: " + err.Error()}
		}
		body := make(map[string]any, len(form))
		for name, values := range form {
			body[name] = values[0]
		}
		return body, nil
	}
	body, err := template.DecodeJSON(raw)
	if err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, &Error{Kind: BadJSON, Message: fmt.Sprintf("the body is not JSON: %v at byte %d", err, syntax.Offset)}
		}
		return nil, &Error{Kind: BadJSON, Message: "the body is not JSON: " + err.Error()}
	}
	return body, nil
}

func (op *details) mediaTypes() []string {
	var all []string
	for mediaType := range op.bodies {
		all = append(all, mediaType)
	}
	slices.Sort(all)
	return all
}

func (p *Provider) sandbox(c *Call, host string) string {
	host, _, _ = strings.Cut(host, ":")
	if !p.set.Sandbox.Keys.Match(c.Account) && !slices.Contains(p.set.Sandbox.Hosts, host) {
		return ""
	}
	body, _ := c.Body.(map[string]any)
	listed := false
	for pattern, values := range p.set.Sandbox.Values {
		if !(globs{pattern}).match(c.Operation.ID) {
			continue
		}
		listed = true
		if slices.ContainsFunc(values, func(want map[string]any) bool { return holds(body, want) }) {
			return "known"
		}
	}
	if !listed {
		return ""
	}
	return "unknown"
}

// holds reports whether a body has all these values; 214 and "214" count as the same.
func holds(body, want map[string]any) bool {
	for key, value := range want {
		if have, ok := body[key]; !ok || fmt.Sprint(have) != fmt.Sprint(value) {
			return false
		}
	}
	return true
}

func firsts(from map[string][]string, name func(string) string) map[string]string {
	m := make(map[string]string, len(from))
	for k, v := range from {
		if len(v) > 0 {
			m[name(k)] = v[0]
		}
	}
	return m
}

func query(u *url.URL) map[string]string {
	if u.RawQuery == "" {
		return nil
	}
	return firsts(u.Query(), func(s string) string { return s })
}
