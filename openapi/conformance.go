package openapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/signing"
)

// Conformance is what the checks of a webhook receiver have to know of a provider's events, beside what is known of
// them anyway: the key conformance of provider.yaml. Places in a body are JSON Pointers (RFC 6901).
type Conformance struct {
	// Operation is the one that started the runs that events tell of; events quote its answers.
	Operation string `yaml:"operation"`
	// ID is where an event has a name of its own, the same on each attempt: "header NAME", or a place in the body. Empty
	// where nothing tells a repeat from a second event but its bytes.
	ID string `yaml:"id"`
	// Happened is the place of the time at which it happened: by it, a receiver knows the newer of two events.
	Happened string `yaml:"happened"`
	// Mode is the place of the member that distinguishes sandbox events from live ones.
	Mode string `yaml:"mode"`
	// Text is the place of a text that people read, such as a name. The checks put unusual characters there.
	Text string `yaml:"text"`
	// Required is the place of a member without which the event means nothing; Optional are places of those that may be
	// missing, or null.
	Required string   `yaml:"required"`
	Optional []string `yaml:"optional"`
	// Version is where an event says of which version it is. The checks put a newer one there.
	Version ConformanceVersion `yaml:"version"`
	// Roles are the provider's events by their meaning to an application.
	Roles map[string]ConformanceRole `yaml:"roles"`
	// Start says how an application begins a verification.
	Start ConformanceStart `yaml:"start"`
	// Handshake is the request that the provider sends to a URL before it sends events there; empty: none.
	Handshake Handshake `yaml:"handshake"`
}

// Handshake is the way in which a provider verifies that a URL accepts its events.
type Handshake struct {
	// Kind is one of
	//
	//	cloudevents  OPTIONS, as CloudEvents HTTP Web Hooks 1.0, section 4, has it; events are CloudEvents in binary mode,
	//	             with its attributes in headers ce-…
	//	websub       GET with hub.challenge, as W3C WebSub, section 5.3, has it
	//	echo-token   a webhook's method with an empty object, and a token that the answer's body has to hold
	Kind string `yaml:"kind"`
	// Origin is the name by which a sender of cloudevents asks, such as provider.example.
	Origin string `yaml:"origin"`
	// Topic is the subscribed topic, of websub.
	Topic string `yaml:"topic"`
	// Header holds the token, of echo-token.
	Header string `yaml:"header"`
}

func (h Handshake) check() error {
	needed, known := map[string][2]string{"": {"", "-"}, "cloudevents": {"origin", h.Origin}, "websub": {"topic", h.Topic}, "echo-token": {"header", h.Header}}[h.Kind]
	switch {
	case !known:
		return fmt.Errorf("conformance handshake: kind %q is not known, want cloudevents, websub or echo-token", h.Kind)
	case needed[1] == "":
		return fmt.Errorf("conformance handshake: %s needs %s", h.Kind, needed[0])
	}
	return nil
}

// ConformanceRole is an event that means something in particular.
type ConformanceRole struct {
	Event string         `yaml:"event"`
	Run   map[string]any `yaml:"run"`  // the state of the run of the event, which the API reports as well
	Body  ast.Node       `yaml:"body"` // laid over the rendered event; strings may be expressions

	over *template.Node
}

// ConformanceStart is the call with which an application begins a verification.
type ConformanceStart struct {
	Operation string `yaml:"operation"`
	Reference string `yaml:"reference"` // the place of the run's name in the answer
}

// ConformanceVersion is the version of an event, and one that is newer than any that is documented.
type ConformanceVersion struct {
	At    string `yaml:"at"` // a place in the body
	Newer any    `yaml:"newer"`
}

// ConformanceRoles are the possible meanings of events, each with its description.
func ConformanceRoles() map[string]string {
	return map[string]string{
		"approved":       "the verification is through: access may be given",
		"pending":        "nothing is decided yet",
		"review":         "a person has to look at it",
		"rejected":       "it was refused",
		"expired":        "it was not finished in time",
		"not-final":      "positive so far, but not final",
		"face-mismatch":  "the document is right and the face is another",
		"borderline":     "the face is like the document's, but not like enough",
		"aml-hit":        "somebody who was approved stands on a list now",
		"reversal":       "an approval is taken back",
		"sandbox":        "an approval in the sandbox, which is not about a real person",
		"unknown-status": "a known event with a status that no document names",
		"unknown-event":  "an event that no document names",
		"test":           "the provider's own test event",
		"thin":           "something changed, and what it is stands in the API alone",
	}
}

func (c *Conformance) prepare(p *Provider, bad func(err error, path ...string)) {
	for name, pointer := range map[string]string{"happened": c.Happened, "mode": c.Mode, "text": c.Text, "required": c.Required, "id": c.ID, "version": c.Version.At} {
		_, header := strings.CutPrefix(pointer, "header ")
		if pointer != "" && !strings.HasPrefix(pointer, "/") && !(name == "id" && header) {
			bad(fmt.Errorf("conformance %s: %q is no place in a body: it begins with a slash", name, pointer), "conformance", name)
		}
	}
	bad(c.Handshake.check(), "conformance", "handshake")
	known := ConformanceRoles()
	for name, role := range c.Roles {
		at := []string{"conformance", "roles", name}
		if known[name] == "" {
			bad(fmt.Errorf("conformance: role %q is not known, want one of %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", ")), at...)
		}
		if p.set.Events[role.Event].Template == "" {
			bad(fmt.Errorf("conformance role %s: no event is called %q", name, role.Event), append(at, "event")...)
		}
		if role.Body != nil {
			over, err := template.FromYAML(role.Body)
			bad(err, append(at, "body")...)
			role.over = over
		}
		c.Roles[name] = role
	}
	if c.Version.At != "" && c.Version.Newer == nil {
		bad(errors.New("conformance version: newer is missing, a version that no document names"), "conformance", "version")
	}
}

// Conformance is the value of this key of provider.yaml; nil if absent.
func (p *Provider) Conformance() *Conformance { return p.set.Conformance }

// Role renders an event that means something in particular, as [Provider.Deliver] does. The scope's run has the state
// that goes with it: [Conformance.Roles] tells. edit, if not nil, changes the body before it is signed.
func (p *Provider) Role(name string, s *template.Scope, m signing.Message, edit func([]byte) ([]byte, error)) (Delivery, error) {
	role, ok := p.set.Conformance.Roles[name]
	if !ok {
		return Delivery{}, fmt.Errorf("provider %s names no event that means %s", p.Name, name)
	}
	d, err := p.Deliver(role.Event, nil, s, m.Sent)
	if err != nil {
		return Delivery{}, err
	}
	signature := p.Signature(s.Endpoint)
	before, err := signature.Sign([]byte(secretOf(signature, s)), signing.Message{ID: m.ID, Sent: m.Sent, Body: d.Body})
	if err != nil {
		return Delivery{}, err
	}
	if role.over != nil {
		body, err := template.ParseData(d.Body)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: %w", role.Event, err)
		}
		if d.Body, err = body.Merge(role.over).Append(nil, s); err != nil {
			return Delivery{}, fmt.Errorf("conformance role %s: %w", name, err)
		}
	}
	if edit != nil {
		if d.Body, err = edit(d.Body); err != nil {
			return Delivery{}, fmt.Errorf("conformance role %s: %w", name, err)
		}
	}
	after, err := signature.Sign([]byte(secretOf(signature, s)), signing.Message{ID: m.ID, Sent: m.Sent, Body: d.Body})
	if err != nil {
		return Delivery{}, err
	}
	for i, h := range d.Header {
		if before != "" {
			d.Header[i][1] = strings.ReplaceAll(h[1], before, after)
		}
	}
	return d, nil
}

func secretOf(signature signing.Config, s *template.Scope) string {
	secret, _ := s.Account[signature.Secret].(string)
	return secret
}

// Pointer returns the value at a place in a JSON body, and whether it exists.
func Pointer(body []byte, place string) (any, bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var at any
	if err := d.Decode(&at); err != nil {
		return nil, false
	}
	for _, step := range pointer("#" + place) {
		m, ok := at.(map[string]any)
		if !ok {
			return nil, false
		}
		if at, ok = m[step]; !ok {
			return nil, false
		}
	}
	return at, true
}
