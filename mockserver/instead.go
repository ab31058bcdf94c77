package mockserver

import (
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
)

// instead is what somebody wants to be sent instead of what would be.
type instead struct {
	Body     []byte             `json:"body,omitempty"` // nil: the rendered one
	Headers  map[string]*string `json:"headers,omitempty"`
	Tampered bool               `json:"tampered,omitzero"` // signed is what would have been sent
}

// newInstead reads a request to send again. What was sent otherwise the first time stays so unless that is changed, too.
func newInstead(as control.Resend, before *instead) (*instead, error) {
	next := instead{}
	if before != nil {
		next = *before
	}
	switch {
	case as.Body != nil:
		next.Body = []byte(*as.Body)
	case as.Base64 != nil:
		next.Body = as.Base64
	}
	if as.Headers != nil {
		next.Headers = as.Headers
	}
	for name, value := range as.Headers {
		if name == "" || strings.ContainsAny(name, " :\r\n\t") || value != nil && strings.ContainsAny(*value, "\r\n\x00") {
			return nil, control.Invalidf("headers: %q cannot be sent as a header line", name)
		}
	}
	if as.Sign != nil {
		next.Tampered = !*as.Sign
	}
	if next.Body == nil && next.Headers == nil {
		return nil, nil
	}
	return &next, nil
}

// of puts it in place of what was rendered.
func (i *instead) of(p *provider, event string, rendered openapi.Delivery, scope *template.Scope) (openapi.Delivery, error) {
	if i.Body != nil && !i.Tampered {
		signed, err := p.Seal(event, i.Body, scope, time.Now(), openapi.Key{})
		if err != nil {
			return rendered, err
		}
		rendered = signed
	} else if i.Body != nil {
		rendered.Body = i.Body
	}
	var header [][2]string
	given := map[string]bool{}
	for _, line := range rendered.Header {
		name, value, ok := i.header(line[0])
		switch {
		case !ok:
			header = append(header, line)
		case value != nil:
			header = append(header, [2]string{line[0], *value})
		}
		given[name] = ok
	}
	var more []string
	for name, value := range i.Headers {
		if !given[name] && value != nil {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	for _, name := range more {
		header = append(header, [2]string{name, *i.Headers[name]})
	}
	rendered.Header = header
	return rendered, nil
}

// header finds what is wanted of a header, under the name that was given for it.
func (i *instead) header(name string) (given string, value *string, ok bool) {
	for given, value := range i.Headers {
		if strings.EqualFold(given, name) {
			return given, value, true
		}
	}
	return "", nil, false
}
