package openapi

import (
	"fmt"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
)

// Reply answers a call to an operation with one of its documented examples; over, if not nil, is laid on top of it. The
// empty name means the first documented success. Live values are looked up in the scope, whose Example is set.
func (p *Provider) Reply(op *Operation, name string, over *template.Node, s *template.Scope) (Reply, error) {
	e, err := op.example(name)
	if err != nil {
		return Reply{}, err
	}
	return p.reply(op, e, over, s)
}

// ReplyWith answers with the documented example of this status, of this name, or of both: the first that fits. 0 and the
// empty name ask for nothing. The error is an [*Error] that lists the existing ones.
func (p *Provider) ReplyWith(op *Operation, status int, name string, s *template.Scope) (Reply, error) {
	d, err := op.details()
	if err != nil {
		return Reply{}, err
	}
	var there []string
	for _, e := range d.examples {
		if (status == 0 || status == e.status) && (name == "" || name == e.name) {
			return p.reply(op, e, nil, s)
		}
		there = append(there, fmt.Sprintf("code=%d, example=%s", e.status, e.name))
	}
	return Reply{}, &Error{Kind: Invalid, Field: "Prefer", Message: fmt.Sprintf("Prefer: %s documents no such answer, there are %s", op.ID, strings.Join(there, "; "))}
}

func (p *Provider) reply(op *Operation, e *example, over *template.Node, s *template.Scope) (Reply, error) {
	var err error
	s.Example = p.exampler(s)
	body := make([]byte, 0, 1024)
	if over == nil {
		body, err = e.compact.Append(body, s)
	} else {
		body, err = e.node.Merge(over).Append(body, s)
	}
	if err != nil {
		return Reply{}, fmt.Errorf("%s: example %s: %w", op.ID, e.name, err)
	}
	return Reply{Status: e.status, Header: [][2]string{{"Content-Type", e.mediaType}}, Body: body}, nil
}

// exampler lets templates quote an operation's answer: the webhook of these services is the answer once more.
//
// With keys, what is quoted is the first of these members that the example has, or an empty object: the generations of a
// service put one record under different names.
func (p *Provider) exampler(s *template.Scope) func(string, string, ...string) (template.Raw, error) {
	return func(id, name string, keys ...string) (template.Raw, error) {
		op, err := p.Operation(id)
		if err != nil {
			return nil, err
		}
		if op == nil {
			return nil, fmt.Errorf("no operation is called %q", id)
		}
		if len(keys) == 0 {
			reply, err := p.Reply(op, name, nil, s)
			return reply.Body, err
		}
		e, err := op.example(name)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if n := e.node.Lookup(key); n != nil {
				return n.Append(nil, s)
			}
		}
		return template.Raw("{}"), nil
	}
}

// Delivery is a rendered and signed webhook.
type Delivery struct {
	Header [][2]string // in the order in which they are sent
	Body   []byte
	// SignedBy names the credential that signed the body; empty if the provider does not sign.
	SignedBy string
	// Signature is the text that proves it, which is in one or more headers; empty if unsigned.
	Signature string
}

// Deliver renders an event and signs its exact bytes: [Provider.Compose], then [Provider.Seal].
func (p *Provider) Deliver(event string, over *template.Node, s *template.Scope, at time.Time) (Delivery, error) {
	body, err := p.Compose(event, over, s, at)
	if err != nil {
		return Delivery{}, err
	}
	return p.Seal(event, body, s, at, Key{})
}

// Compose renders an event's body. over, if not nil, is laid over the part of it that the folder names. at is the wall
// time of the attempt, and the scope's Delivery says which webhook it is an attempt of.
func (p *Provider) Compose(event string, over *template.Node, s *template.Scope, at time.Time) ([]byte, error) {
	e := p.events[event]
	if e == nil {
		return nil, fmt.Errorf("provider %s has no event %q", p.Name, event)
	}
	s.Example = p.exampler(s)
	s.Endpoint = p.switched(s)
	s.Sent = at.Unix()
	node := e.body(s.Endpoint)
	if over != nil {
		bound, err := p.bind(node, e.overlay, s)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", event, err)
		}
		node = bound.MergeAt(e.overlay, over)
	}
	body, err := node.Append(make([]byte, 0, 1024), s)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", event, err)
	}
	return body, nil
}

// bind evaluates the expression on the way to the overlay, which would otherwise be replaced instead of laid over.
func (p *Provider) bind(n *template.Node, path []string, s *template.Scope) (*template.Node, error) {
	for i := range path {
		at := n.Lookup(path[:i+1]...)
		if at == nil || at.IsObject() {
			continue
		}
		bound, err := at.Bind(s)
		if err != nil {
			return nil, err
		}
		return n.ReplaceAt(path[:i+1], bound), nil
	}
	return n, nil
}
