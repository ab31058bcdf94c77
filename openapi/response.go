package openapi

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/decode"
	"github.com/idmock/idmock/openapi/mediatype"
	"github.com/idmock/idmock/openapi/spec"
)

// Reply is an HTTP response.
type Reply struct {
	Status int
	Header [][2]string
	Body   []byte
}

// Reply responds to a request with a documented example; overlay, if not nil, is merged into it. The empty name means the
// example of the run's outcome or else the first documented success. Expressions are evaluated in the scope, and Reply sets its Example.
func (p *Provider) Reply(op *Operation, name string, overlay *template.Node, s *template.Scope) (Reply, error) {
	e, err := exampleOf(p.read().outcomes, op, name, s)
	if err != nil {
		return Reply{}, err
	}
	return p.render(op, e, overlay, s)
}

// exampleOf returns an example by name; the empty name means that of the run's outcome.
func exampleOf(outcomes *outcome.Table, op *Operation, name string, s *template.Scope) (*spec.Example, error) {
	if name == "" {
		name = op.OutcomeExample(outcomes.Of(s.Run), s)
	}
	return op.Example(name)
}

// OutcomeExample returns the name of the example for an outcome, which may be nil. It is empty if the operation documents
// none of the outcome's examples. A nil scope skips examples with expressions.
func (op *Operation) OutcomeExample(o *outcome.Outcome, s *template.Scope) string {
	if o == nil || op.dashboard != nil {
		return ""
	}
	choices := o.Reply
	if _, finds := op.Finds(); finds {
		choices = o.Poll
	}
	return choices.For(op.ID, op.Examples(), s)
}

// ReplyWith responds with the first documented example of a status, a name, or both. 0 and the empty name match all. The
// error is an [*Error] that lists the examples.
func (p *Provider) ReplyWith(op *Operation, status int, name string, s *template.Scope) (Reply, error) {
	schemas, err := op.Load()
	if err != nil {
		return Reply{}, err
	}
	var available []string
	for _, e := range schemas.Examples {
		if (status == 0 || status == e.Status) && (name == "" || name == e.Name) {
			return p.render(op, e, nil, s)
		}
		available = append(available, fmt.Sprintf("code=%d, example=%s", e.Status, e.Name))
	}
	return Reply{}, &Error{Kind: Invalid, Field: "Prefer", Message: fmt.Sprintf("Prefer: %s has no such response: use %s", op.ID, strings.Join(available, "; "))}
}

func (p *Provider) render(op *Operation, e *spec.Example, overlay *template.Node, s *template.Scope) (Reply, error) {
	var err error
	s.Example = p.exampler(s)
	var body []byte
	switch {
	case e.Node == nil && overlay == nil:
		return Reply{Status: e.Status}, nil
	case overlay == nil:
		body, err = e.Compact.Append(make([]byte, 0, e.Compact.Size()), s)
	case e.Node == nil:
		body, err = overlay.Append(nil, s)
	default:
		body, err = e.Node.Merge(overlay).Append(nil, s)
	}
	if err != nil {
		return Reply{}, fmt.Errorf("%s: example %s: %w", op.ID, e.Name, err)
	}
	return Reply{Status: e.Status, Header: [][2]string{{"Content-Type", cmp.Or(e.MediaType, decode.JSON)}}, Body: payload(e.MediaType, body)}, nil
}

// payload converts a rendered body, which is JSON, to its media type: a text as it is, bytes from base64.
func payload(mediaType string, body []byte) []byte {
	plain, _, _ := strings.Cut(mediaType, ";")
	if plain == "" || mediatype.IsJSON(plain) || len(body) == 0 || body[0] != '"' {
		return body
	}
	var text string
	if err := json.Unmarshal(body, &text); err != nil {
		return body
	}
	if !strings.HasPrefix(plain, "text/") && !strings.HasSuffix(plain, "xml") {
		if raw, err := base64.StdEncoding.DecodeString(text); err == nil {
			return raw
		}
	}
	return []byte(text)
}

// exampler returns the function example of templates, which quotes the response of an operation: a webhook of these
// services repeats the response.
//
// With keys, it quotes the first of these members that the example has, or an empty object: generations of a service name
// one record differently.
func (p *Provider) exampler(s *template.Scope) func(string, string, ...string) (template.Raw, error) {
	return func(id, name string, keys ...string) (template.Raw, error) {
		leave, err := s.Enter()
		defer leave()
		if err != nil {
			return nil, err
		}
		op, err := p.Operation(id)
		if err != nil {
			return nil, err
		}
		if op == nil {
			return nil, fmt.Errorf("unknown operation %q", id)
		}
		if len(keys) == 0 {
			reply, err := p.Reply(op, name, nil, s)
			return reply.Body, err
		}
		e, err := exampleOf(p.read().outcomes, op, name, s)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if n := e.Node.Lookup(key); n != nil {
				return n.Append(nil, s)
			}
		}
		return template.Raw("{}"), nil
	}
}
