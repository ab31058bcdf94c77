package openapi

import (
	"fmt"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/spec"
)

// Event is an event that the provider sends to webhooks.
type Event struct {
	Name, Description string

	// OnRequest sends the event only to endpoints that list it by name.
	OnRequest bool

	p        *Provider
	template *template.Node
	shapes   map[string]*template.Node
	overlay  []string
	webhook  string
}

// body returns the template in the shape that the endpoint's switches choose.
func (e *Event) body(endpoint map[string]any) *template.Node {
	shape, _ := endpoint["shape"].(string)
	if n := e.shapes[shape]; n != nil {
		return n
	}
	return e.template
}

// documented returns the document's webhook of the event.
func (e *Event) documented() (*spec.Webhook, error) {
	d, err := e.p.load()
	if err != nil {
		return nil, err
	}
	w := d.Webhook(e.webhook)
	if w == nil {
		return nil, fmt.Errorf("openapi.yaml has no webhook %q", e.webhook)
	}
	return w, nil
}

// Fidelity is the degree to which the mock imitates the service.
type Fidelity string

// The degrees of fidelity. The document sets one with x-idmock-fidelity, at an operation or at the operation of a webhook;
// the default follows from the directory.
const (
	// Modelled behaves like the service: the operation starts or concerns a run, or acts as a screen of the dashboard.
	Modelled Fidelity = "modelled"
	// Validated follows the schemas, without consequences.
	Validated Fidelity = "validated"
	// Stubbed responds where the document leaves the response open: an open object, an empty record.
	Stubbed Fidelity = "stubbed"
	// Guess is undocumented behavior. Only the document sets it.
	Guess Fidelity = "guess"
)

// fidelityKey is the extension of the document.
const fidelityKey = "x-idmock-fidelity"

func fidelities() []Fidelity { return []Fidelity{Modelled, Validated, Stubbed, Guess} }

// Fidelity returns the operation's fidelity.
func (op *Operation) Fidelity() Fidelity {
	if f := op.Extension(fidelityKey); f != "" {
		return Fidelity(f)
	}
	switch {
	case op.Open():
		return Stubbed
	case op.run != nil || op.dashboard != nil:
		return Modelled
	default:
		return Validated
	}
}

// Fidelity returns the event's fidelity: [Validated] unless the document sets another, because every body is validated.
func (e *Event) Fidelity() (Fidelity, error) {
	d, err := e.p.load()
	if err != nil {
		return "", err
	}
	if w := d.Webhook(e.webhook); w != nil {
		if f := w.Extension(fidelityKey); f != "" {
			return Fidelity(f), nil
		}
	}
	return Validated, nil
}
