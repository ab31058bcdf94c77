package delivery

import (
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
)

// Override replaces the body or headers of a resent delivery.
type Override struct {
	Body     []byte             `json:"body,omitempty"`    // nil: as rendered
	Headers  map[string]*string `json:"headers,omitempty"` // nil removes one
	Tampered bool               `json:"tampered,omitzero"` // the signature is that of the rendered body
}

// newOverride reads a request to resend. Changes of an earlier override stay unless they are changed again.
func newOverride(want control.Resend, before *Override) (*Override, error) {
	next := Override{}
	if before != nil {
		next = *before
	}
	switch {
	case want.Body != nil:
		next.Body = []byte(*want.Body)
	case want.Base64 != nil:
		next.Body = want.Base64
	}
	if want.Headers != nil {
		next.Headers = want.Headers
	}
	for name, value := range want.Headers {
		if name == "" || strings.ContainsAny(name, " :\r\n\t") || value != nil && strings.ContainsAny(*value, "\r\n\x00") {
			return nil, control.Invalidf("headers: invalid header %q", name)
		}
	}
	if want.Sign != nil {
		next.Tampered = !*want.Sign
	}
	if next.Body == nil && next.Headers == nil {
		return nil, nil
	}
	return &next, nil
}

// apply overrides what was rendered.
func (o *Override) apply(p *library.Provider, event string, rendered openapi.Delivery, scope *template.Scope) (openapi.Delivery, error) {
	if o.Body != nil && !o.Tampered {
		signed, err := p.Webhooks().Sign(event, o.Body, scope, time.Now(), openapi.Key{})
		if err != nil {
			return rendered, err
		}
		rendered = signed
	} else if o.Body != nil {
		rendered.Body = o.Body
	}
	var header [][2]string
	used := map[string]bool{}
	for _, line := range rendered.Header {
		name, value, ok := o.header(line[0])
		switch {
		case !ok:
			header = append(header, line)
		case value != nil:
			header = append(header, [2]string{line[0], *value})
		}
		used[name] = ok
	}
	var added []string
	for name, value := range o.Headers {
		if !used[name] && value != nil {
			added = append(added, name)
		}
	}
	slices.Sort(added)
	for _, name := range added {
		header = append(header, [2]string{name, *o.Headers[name]})
	}
	rendered.Header = header
	return rendered, nil
}

// header finds the override of a header, and the name that it has there.
func (o *Override) header(name string) (own string, value *string, ok bool) {
	for own, value := range o.Headers {
		if strings.EqualFold(own, name) {
			return own, value, true
		}
	}
	return "", nil, false
}
