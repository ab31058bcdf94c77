package openapi

import (
	"cmp"

	"github.com/idmock/idmock/openapi/settings"
)

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
	// Guess is undocumented behavior: nothing public states it.
	Guess Fidelity = "guess"
)

// The extensions of the document.
const (
	fidelityKey = "x-idmock-fidelity"
	sourceKey   = "x-idmock-source" // confidence and source of an operation, such as "vendor page: docs/psv-license"
)

func fidelities() []Fidelity { return []Fidelity{Modelled, Validated, Stubbed, Guess} }

// Fidelity returns the operation's fidelity: that of the document, else [Guess] without a public source.
func (op *Operation) Fidelity() Fidelity {
	switch f := op.Extension(fidelityKey); {
	case f != "":
		return Fidelity(f)
	case guessed(op.source):
		return Guess
	case op.Open():
		return Stubbed
	case op.run != nil || op.dashboard != nil:
		return Modelled
	default:
		return Validated
	}
}

func guessed(s settings.Source) bool {
	return s.Confidence == settings.Inferred || s.Confidence == settings.PathOnly
}

// Source returns where the operation is known from, how sure that is, and which parts are guesses.
func (op *Operation) Source() settings.Source {
	s := op.source
	if s.Confidence == "" && (op.Dashboard || op.Mock) {
		s.Source, s.Confidence = cmp.Or(s.Source, "idmock"), settings.Own
	}
	return s
}

// Source returns where the event is known from, how sure that is, and which parts are guesses.
func (e *Event) Source() settings.Source { return e.p.read().set.Sources.Of(e.Name) }

// Fidelity returns the event's fidelity: that of the document, else [Guess] without a public source, else [Validated],
// because every body is validated.
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
	if guessed(e.Source()) {
		return Guess, nil
	}
	return Validated, nil
}
