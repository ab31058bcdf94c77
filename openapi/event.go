package openapi

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/spec"
)

// Event is an event that the provider sends to webhooks.
type Event struct {
	Name, Description string

	// OnRequest sends the event only to endpoints that list it by name.
	OnRequest bool

	// Reports are the outcomes that the event can report; empty: all.
	Reports []string

	p         *Provider
	template  *template.Node // nil: generated
	to        settings.Expression
	id        string // path of the reference in a generated body
	sampled   sync.Once
	generated *template.Node
	shapes    map[string]*template.Node
	overlay   []string
	webhook   string
	secret    string                     // credential that signs the event; empty: that of all events
	filled    map[filling]*template.Node // where an outcome has data for the event
	stated    sync.Once
	states    outcome.Statements
}

// Reporting reports whether the event can report an outcome.
func (e *Event) Reporting(outcome string) bool {
	return len(e.Reports) == 0 || slices.Contains(e.Reports, outcome)
}

// filling is a template by the switch shape, with the data of an outcome.
type filling struct{ shape, outcome string }

// fill prepares the templates for the outcomes that have data for the event.
func (e *Event) fill(outcomes *outcome.Table) {
	e.filled = map[filling]*template.Node{}
	for _, o := range outcomes.All() {
		data := o.Events[e.Name]
		if data == nil {
			continue
		}
		if e.template != nil {
			e.filled[filling{"", o.Name}] = e.template.FillAt(e.overlay, data)
		}
		for shape, n := range e.shapes {
			e.filled[filling{shape, o.Name}] = n.FillAt(e.overlay, data)
		}
	}
}

// body returns the template in the shape that the endpoint's switches choose, as an outcome says, which may be nil.
func (e *Event) body(endpoint map[string]any, o *outcome.Outcome) *template.Node {
	shape, _ := endpoint["shape"].(string)
	n := e.shapes[shape]
	if n == nil {
		n, shape = e.whole(), ""
	}
	if o != nil {
		if filled := e.filled[filling{shape, o.Name}]; filled != nil {
			return filled
		}
		if data := o.Events[e.Name]; data != nil {
			return n.FillAt(e.overlay, data)
		}
	}
	return n
}

// whole returns the event's template, which is generated from the document if the directory has none.
func (e *Event) whole() *template.Node {
	if e.template != nil {
		return e.template
	}
	e.sampled.Do(func() {
		e.generated = template.Object(nil)
		if w, err := e.documented(); err == nil {
			v := valuesOf(&e.p.read().set, nil)
			if v.Echo = true; e.id != "" {
				v.ID = strings.Split(e.id, ".")
			}
			e.generated = w.Sample(v)
		}
	})
	return e.generated
}

// Addresses returns the URLs from a request that starts a run, which events of the run are sent to, by event; nil without
// one.
func (p *Provider) Addresses(s *template.Scope) map[string]string {
	var all map[string]string
	for _, e := range p.read().addressed {
		if address := e.address(s); address != "" {
			if all == nil {
				all = map[string]string{}
			}
			all[e.Name] = address
		}
	}
	return all
}

func (e *Event) address(s *template.Scope) string {
	if e.to.Expression == nil {
		return ""
	}
	return settings.Expressions{e.to.Expression}.First(s)
}

// Addressed reports whether the event is sent to a URL from the request.
func (e *Event) Addressed() bool { return e.to.Expression != nil }

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
