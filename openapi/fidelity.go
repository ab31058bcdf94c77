package openapi

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/template"
)

// Fidelity is how far the mock goes in being like the service.
type Fidelity string

// How far the mock goes. A document says it of an operation, and of the operation of a webhook, as x-idmock-fidelity;
// where it does not, it is told from the folder itself.
const (
	// Modelled operations have state: they start a run, concern one, or act as a screen of the dashboard.
	Modelled Fidelity = "modelled"
	// Validated operations accept and return values that the schemas allow, without further effects.
	Validated Fidelity = "validated"
	// Stubbed operations return undocumented content: an open object, an empty record.
	Stubbed Fidelity = "stubbed"
	// Guess marks unpublished behaviour. Only the document can declare it.
	Guess Fidelity = "guess"
)

func fidelities() []Fidelity { return []Fidelity{Modelled, Validated, Stubbed, Guess} }

// Fidelity is how far the mock goes with the operation.
func (op *Operation) Fidelity() Fidelity {
	if said := text(op.node.Lookup("x-idmock-fidelity")); said != "" {
		return Fidelity(said)
	}
	switch {
	case op.stubbed():
		return Stubbed
	case op.run != nil || op.dashboard != nil:
		return Modelled
	default:
		return Validated
	}
}

// stubbed reports whether the document leaves open what the operation succeeds with: no schema that names a member, or
// an example whose data is an empty object.
func (op *Operation) stubbed() bool {
	examples := op.documented()
	if len(examples) == 0 {
		return true
	}
	first := examples[0]
	if data := first.node.Lookup("data"); data.IsObject() && len(data.Members()) == 0 {
		return true
	}
	response := op.doc.resolve(op.doc.resolve(op.node.Lookup("responses")).Lookup(strconv.Itoa(first.status)))
	schema := op.doc.resolve(op.doc.resolve(response.Lookup("content")).Lookup(first.mediaType)).Lookup("schema")
	schema = op.doc.resolve(schema)
	return !slices.ContainsFunc(schema.Members(), func(m template.Member) bool {
		return slices.Contains([]string{"properties", "items", "allOf", "anyOf", "oneOf", "enum"}, m.Key)
	})
}

// EventFidelity is how far the mock goes with an event. Every body is judged by the webhook's schema, so it is
// [Validated] where the document says nothing else.
func (p *Provider) EventFidelity(e *Event) (Fidelity, error) {
	d, err := p.load()
	if err != nil {
		return "", err
	}
	for _, m := range d.resolve(d.root.Lookup("webhooks", e.webhook)).Members() {
		if said := text(m.Value.Lookup("x-idmock-fidelity")); said != "" {
			return Fidelity(said), nil
		}
	}
	return Validated, nil
}

// checkFidelity reports unknown fidelity levels in the document.
func (p *Provider) checkFidelity(d *document) []error {
	var problems []error
	for _, section := range []string{"paths", "webhooks"} {
		for _, item := range d.root.Lookup(section).Members() {
			for _, m := range d.resolve(item.Value).Members() {
				if said := m.Value.Lookup("x-idmock-fidelity"); said != nil && !slices.Contains(fidelities(), Fidelity(text(said))) {
					problems = append(problems, place("openapi.yaml", []string{section, item.Key, m.Key, "x-idmock-fidelity"},
						fmt.Errorf("x-idmock-fidelity %q is not known: want %s", text(said), strings.Trim(fmt.Sprint(fidelities()), "[]"))))
				}
			}
		}
	}
	return problems
}
