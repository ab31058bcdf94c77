package openapi

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// Error is a request that the provider refuses. [Provider.Refuse] renders it in the provider's format.
type Error struct {
	Kind    Kind
	Message string // the cause and a valid alternative; safe to send
	Field   string // the invalid field, header or parameter, if there is one
	Allow   string // the allowed methods, for Method
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Message }

// Kind is the reason for refusing a request. The directory defines the HTTP status and body of each kind.
type Kind string

// The kinds that a directory must define, with their usual HTTP status.
const (
	MissingCredential Kind = "missing-credential" // 401
	BadCredential     Kind = "bad-credential"     // 401
	UnknownPath       Kind = "unknown-path"       // 404
	Method            Kind = "method"             // 405
	MediaType         Kind = "media-type"         // 415
	TooLarge          Kind = "too-large"          // 413
	BadJSON           Kind = "bad-json"           // 400
	Invalid           Kind = "invalid"            // 400
	Internal          Kind = "internal"           // 500
	Unavailable       Kind = "unavailable"        // 503
)

// The kinds that a directory may define.
const (
	MalformedCredential Kind = "malformed-credential" // a header that cannot be parsed; default: as bad-credential
	Forbidden           Kind = "forbidden"            // a valid key without permission
	TooManyRequests     Kind = "too-many-requests"    // default: as unavailable
	NotFound            Kind = "not-found"            // a run that was removed; default: as unknown-path
)

// Kinds returns the kinds that every directory must define.
func Kinds() []Kind {
	return []Kind{MissingCredential, BadCredential, UnknownPath, Method, MediaType, TooLarge, BadJSON, Invalid, Internal, Unavailable}
}

func optionalKinds() []Kind { return []Kind{MalformedCredential, Forbidden, TooManyRequests, NotFound} }

type errorTemplate struct {
	status    int
	mediaType string
	body      *template.Node
}

// Kinds returns the kinds of errors that the provider defines.
func (p *Provider) Kinds() []Kind {
	kinds := Kinds()
	for _, kind := range optionalKinds() {
		if _, ok := p.read().errors[kind]; ok {
			kinds = append(kinds, kind)
		}
	}
	return kinds
}

// Forbids reports whether the provider distinguishes a key without permission from an unknown key.
func (p *Provider) Forbids() bool { return p.read().forbids() }

func (c *contents) forbids() bool {
	_, ok := c.errors[Forbidden]
	return ok
}

// Refuse renders an error in the provider's format.
func (p *Provider) Refuse(e *Error, s *template.Scope) (Reply, error) {
	t, ok := p.read().errors[e.Kind]
	if !ok { // the others that are refused without their own template
		t = p.read().errors[map[Kind]Kind{MalformedCredential: BadCredential, NotFound: UnknownPath}[e.Kind]]
	}
	s.Error = map[string]any{"kind": string(e.Kind), "message": e.Message, "field": e.Field}
	body, err := t.body.Append(nil, s)
	if err != nil {
		return Reply{}, fmt.Errorf("provider %s: error %s: %w", p.Name, e.Kind, err)
	}
	reply := Reply{Status: t.status, Header: [][2]string{{"Content-Type", t.mediaType}}, Body: body}
	if e.Kind == Method && e.Allow != "" {
		reply.Header = append(reply.Header, [2]string{"Allow", e.Allow})
	}
	return reply, nil
}

// failures maps statuses to the kind of error with the same meaning.
func failures() map[int]Kind {
	return map[int]Kind{http.StatusTooManyRequests: TooManyRequests, http.StatusInternalServerError: Internal, http.StatusServiceUnavailable: Unavailable}
}

// Fail responds to a request with a failure of the provider: 429 or a 5xx. It is the document's example of that status,
// else the error of that kind, else the error for 503 with its numbers changed to the status.
func (p *Provider) Fail(op *Operation, status int, s *template.Scope) (Reply, error) {
	schemas, err := op.Load()
	if err != nil {
		return Reply{}, err
	}
	if i := slices.IndexFunc(schemas.Examples, func(e *spec.Example) bool { return e.Status == status }); i >= 0 {
		return p.Reply(op, schemas.Examples[i].Name, nil, s)
	}
	message := http.StatusText(status) + ": try again later"
	kind := failures()[status]
	t, ok := p.read().errors[kind]
	if ok && t.status == status {
		return p.Refuse(&Error{Kind: kind, Message: message}, s)
	}
	t = p.read().errors[Unavailable]
	s.Error = map[string]any{"kind": string(Unavailable), "message": message, "field": ""}
	body, err := template.Renumber(t.body, t.status, status).Append(nil, s)
	if err != nil {
		return Reply{}, fmt.Errorf("provider %s: error %d: %w", p.Name, status, err)
	}
	return Reply{Status: status, Header: [][2]string{{"Content-Type", t.mediaType}}, Body: body}, nil
}
