package openapi

import (
	"fmt"
	"slices"
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
func (p *Provider) exampler(s *template.Scope) func(string, string) (template.Raw, error) {
	return func(id, name string) (template.Raw, error) {
		op, err := p.Operation(id)
		if err != nil {
			return nil, err
		}
		if op == nil {
			return nil, fmt.Errorf("no operation is called %q", id)
		}
		reply, err := p.Reply(op, name, nil, s)
		return reply.Body, err
	}
}

// Examples names the documented answers, lowest status first.
func (op *Operation) Examples() []string {
	names := make([]string, len(op.examples))
	for i, e := range op.examples {
		names[i] = e.name
	}
	return names
}

func (op *Operation) example(name string) (*example, error) {
	if name == "" {
		return op.examples[0], nil
	}
	i := slices.IndexFunc(op.examples, func(e *example) bool { return e.name == name })
	if i < 0 {
		return nil, fmt.Errorf("%s has no example %q, it has %s", op.ID, name, strings.Join(op.Examples(), ", "))
	}
	return op.examples[i], nil
}

// Starts reports whether calls to the operation start a run.
func (op *Operation) Starts() bool { return op.run != nil && len(op.run.Find) == 0 }

// DashboardVerb says what a dashboard operation does: read, update or test, and with test the event. It is empty for
// every other operation.
func (op *Operation) DashboardVerb() (verb, event string) {
	switch d := op.dashboard; {
	case d == nil:
		return "", ""
	case d.Test != "":
		return "test", d.Test
	case d.Update.Expression != nil:
		return "update", ""
	default:
		return "read", ""
	}
}

// WebhookURL returns the URL that a dashboard update sets; empty takes the webhook away.
func (op *Operation) WebhookURL(s *template.Scope) (string, error) {
	v, err := op.dashboard.Update.Value(s)
	if err != nil || v == nil {
		return "", err
	}
	return fmt.Sprint(v), nil
}

// Request returns the documented request body with the subject put in, as a client would send it. It is nil where the
// document shows none.
func (op *Operation) Request(subject string) (*template.Node, error) {
	if op.request == nil || subject == "" || op.run == nil {
		return op.request, nil
	}
	subjectNode, err := template.Literal(subject)
	if err != nil {
		return nil, err
	}
	for _, alternative := range op.run.Subject {
		path, ok := strings.CutPrefix(alternative.String(), "body.")
		if !ok || strings.ContainsAny(path, " ()?+[") {
			continue
		}
		if steps := strings.Split(path, "."); op.request.Lookup(steps...) != nil {
			return op.request.MergeAt(steps, subjectNode), nil
		}
	}
	return nil, fmt.Errorf("%s: its documented request has no field that holds a subject", op.ID)
}

// MediaType returns the media type of the documented request body.
func (op *Operation) MediaType() string {
	if types := op.mediaTypes(); len(types) > 0 {
		return types[0]
	}
	return ""
}

// Delivery is a rendered and signed webhook.
type Delivery struct {
	Header [][2]string // in the order in which they are sent
	Body   []byte
	// SignedBy names the credential whose value signed the body; empty where the provider signs nothing.
	SignedBy string
}

// Deliver renders an event and signs its exact bytes. over, if not nil, is laid over the part of the body that the
// folder names. at is the wall time of the attempt.
func (p *Provider) Deliver(event string, over *template.Node, s *template.Scope, at time.Time) (Delivery, error) {
	e := p.events[event]
	if e == nil {
		return Delivery{}, fmt.Errorf("provider %s has no event %q", p.Name, event)
	}
	s.Example = p.exampler(s)
	node := e.template
	if over != nil {
		bound, err := p.bind(node, e.overlay, s)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: %w", event, err)
		}
		node = bound.MergeAt(e.overlay, over)
	}
	body, err := node.Append(make([]byte, 0, 1024), s)
	if err != nil {
		return Delivery{}, fmt.Errorf("event %s: %w", event, err)
	}
	d := Delivery{Body: body, SignedBy: p.set.Webhook.Signature.Secret}
	secret, _ := s.Account[d.SignedBy].(string)
	s.Signature = p.set.Webhook.Signature.Sign([]byte(secret), body, at)
	for _, h := range p.headers {
		v, err := h.Value.Value(s)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: header %s: %w", event, h.Key, err)
		}
		if v == nil {
			v = "" // a header whose value is unknown is sent empty rather than as <nil>
		}
		d.Header = append(d.Header, [2]string{h.Key, fmt.Sprint(v)})
	}
	return d, nil
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
