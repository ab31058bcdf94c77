package settings

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
)

// Conformance describes a provider's events for the checks of a webhook receiver. Places in a body are JSON Pointers (RFC
// 6901).
type Conformance struct {
	// Operation started the runs of the events; events quote its responses.
	Operation string `yaml:"operation"`
	// ID is the place of an event's id, the same on each attempt: "header NAME", or a place in the body. Empty: only its
	// bytes distinguish a repeated event from a second one.
	ID string `yaml:"id"`
	// Happened is the place of the event's time, by which a receiver finds the newer of two events.
	Happened string `yaml:"happened"`
	// Mode is the place of the value that distinguishes sandbox events from those about real people.
	Mode string `yaml:"mode"`
	// Text is the place of a text for people, such as a name. The checks insert unusual characters.
	Text string `yaml:"text"`
	// Required is the place of an indispensable member; Optional are places of members that may be missing or null.
	Required string   `yaml:"required"`
	Optional []string `yaml:"optional"`
	// Version is the place of an event's version. The checks insert a newer one.
	Version ConformanceVersion `yaml:"version"`
	// Roles are the provider's events by their meaning for an application.
	Roles map[string]ConformanceRole `yaml:"roles"`
	// Contradictions are events whose facts disagree, by name. None of them is an approval. Each becomes the role "contradiction
	// NAME".
	Contradictions map[string]ConformanceRole `yaml:"contradictions"`
	// Signals are events that decide nothing, by name: a face was recognised, a step was finished. None of them grants access.
	// Each becomes the role "signal NAME".
	Signals map[string]ConformanceRole `yaml:"signals"`
	// Hits are further events about a watch list, by name: each withdraws an approval. Each becomes the role "hit NAME".
	Hits map[string]ConformanceRole `yaml:"hits"`
	// Approvals are further events that grant access, by name: facts at the edge of their range. Each becomes the role "approval
	// NAME".
	Approvals map[string]ConformanceRole `yaml:"approvals"`
	// Unused are the events without a role, with the reason.
	Unused map[string]string `yaml:"unused"`
	// Start is the request with which an application starts a verification.
	Start ConformanceStart `yaml:"start"`
	// Handshake validates an address before the first event; empty: there is none.
	Handshake Handshake `yaml:"handshake"`
}

// Handshake is the way a provider validates an address.
type Handshake struct {
	// Kind is one of
	//
	//	cloudevents  OPTIONS (CloudEvents HTTP Web Hooks 1.0, section 4); events are CloudEvents in binary mode, with
	//	             attributes in the headers ce-…
	//	websub       GET with hub.challenge (W3C WebSub, section 5.3)
	//	echo-token   the webhook's method with an empty object and a token, which the response body must contain
	Kind string `yaml:"kind"`
	// Origin is the sender's name for cloudevents, such as provider.example.
	Origin string `yaml:"origin"`
	// Topic is the application's subscription for websub.
	Topic string `yaml:"topic"`
	// Header carries the token of echo-token.
	Header string `yaml:"header"`
}

func (h Handshake) check() error {
	required, known := map[string][2]string{"": {"", "-"}, "cloudevents": {"origin", h.Origin}, "websub": {"topic", h.Topic}, "echo-token": {"header", h.Header}}[h.Kind]
	switch {
	case !known:
		return fmt.Errorf("conformance handshake: unknown kind %q: use cloudevents, websub or echo-token", h.Kind)
	case required[1] == "":
		return fmt.Errorf("conformance handshake: %s requires %s", h.Kind, required[0])
	}
	return nil
}

// ConformanceRole is an event with a meaning.
type ConformanceRole struct {
	Event   string         `yaml:"event"`
	Outcome string         `yaml:"outcome"` // of the event's run, which has its state
	Run     map[string]any `yaml:"run"`     // state of the event's run, also in responses of the API
	Body    ast.Node       `yaml:"body"`    // overlays the rendered event; strings may be expressions
	Without []string       `yaml:"without"` // places of members that the event lacks
	Neutral bool           `yaml:"neutral"` // of a signal: it gives no reason to withdraw access either

	Overlay *template.Node `yaml:"-"` // Body, parsed by Check
}

// settle adds the outcome and its state to the run.
func (r *ConformanceRole) settle(table *outcome.Table) error {
	o := table.Find(r.Outcome)
	if o == nil {
		return fmt.Errorf("unknown outcome %q%s", r.Outcome, suggest.Meant(r.Outcome, table.Names()))
	}
	state := map[string]any{outcome.Key: o.Name}
	maps.Copy(state, o.Literal())
	maps.Copy(state, r.Run)
	r.Run = state
	return nil
}

// ConformanceStart is the request with which an application starts a verification.
type ConformanceStart struct {
	Operation string `yaml:"operation"`
	Reference string `yaml:"reference"` // the place of the run's name in the response
}

// ConformanceVersion is the place of a version, and a version newer than all documented ones.
type ConformanceVersion struct {
	At    string `yaml:"at"` // a place in the body
	Newer any    `yaml:"newer"`
}

// Contradiction is the family of roles that a provider's contradictions are in.
const Contradiction = "contradiction"

// Signal is the family of roles that a provider's signals are in.
const Signal = "signal"

// Neutral is the word for the signals that are neutral.
const Neutral = "neutral"

// Hit is the family of roles that a provider's further hits are in.
const Hit = "hit"

// Approval is the family of roles that a provider's further approvals are in.
const Approval = "approval"

// ConformanceRoles returns the meanings of events, with the consequence for a receiver.
func ConformanceRoles() map[string]string {
	return map[string]string{
		"approved":        "the verification passed: access may be given",
		"pending":         "not decided yet",
		"review":          "a person has to review it",
		"rejected":        "it was rejected",
		"expired":         "it was not finished in time",
		"not-final":       "positive so far, but not final",
		"face-mismatch":   "the document is valid and the face is another",
		"borderline":      "the face resembles the document's, but not enough",
		"aml-hit":         "an approved person is now on a watch list",
		"aml-clear":       "a hit of a watch list has ended: it is not an approval",
		"manual":          "a person has reviewed it and approves",
		"reversal":        "an approval is revoked",
		"sandbox":         "an approval in the sandbox, not about a real person",
		"sandbox-refusal": "a rejection in the sandbox, not about a real person",
		"unknown-status":  "a known event with an undocumented status",
		"unknown-event":   "an undocumented event",
		"test":            "the provider's own test event",
		Contradiction:     "its facts disagree: not an approval",
		Approval:          "the verification passed, with facts at the edge of their range",
		Hit:               "the person is on a watch list: access must be withdrawn",
		Signal:            "it decides nothing, whatever it contains: it grants no access",
		"thin":            "a notification of a change whose details only the API has",
	}
}

// Check reports invalid places, roles and handshakes, parses the bodies of the roles and adds the state of their outcomes.
// hasEvent reports whether the provider has an event.
func (c *Conformance) Check(table *outcome.Table, hasEvent func(name string) bool, report Reporter) {
	for name, pointer := range map[string]string{"happened": c.Happened, "mode": c.Mode, "text": c.Text, "required": c.Required, "id": c.ID, "version": c.Version.At} {
		header := name == "id" && strings.HasPrefix(pointer, "header ")
		if pointer != "" && !strings.HasPrefix(pointer, "/") && !header {
			report(fmt.Errorf("conformance %s: invalid place %q: use a JSON Pointer, which begins with a slash", name, pointer), "conformance", name)
		}
	}
	report(c.Handshake.check(), "conformance", "handshake")
	known := ConformanceRoles()
	for name, role := range c.Roles {
		path := []string{"conformance", "roles", name}
		if known[name] == "" {
			report(fmt.Errorf("conformance: unknown role %q: use %s", name, strings.Join(slices.Sorted(maps.Keys(known)), ", ")), path...)
		}
		c.Roles[name] = checkRole(name, role, table, hasEvent, path, report)
	}
	for family, members := range map[string]map[string]ConformanceRole{Contradiction: c.Contradictions, Signal: c.Signals, Hit: c.Hits, Approval: c.Approvals} {
		for name, role := range members {
			path := []string{"conformance", family + "s", name}
			c.Roles[family+" "+name] = checkRole(name, role, table, hasEvent, path, report)
		}
	}
	for name := range c.Unused {
		if !hasEvent(name) {
			report(fmt.Errorf("conformance unused: unknown event %q", name), "conformance", "unused", name)
		}
	}
	if c.Version.At != "" && c.Version.Newer == nil {
		report(errors.New("conformance version: newer is missing: a version that no document has"), "conformance", "version")
	}
}

// checkRole checks a role, parses its body and adds the state of its outcome.
func checkRole(name string, role ConformanceRole, table *outcome.Table, hasEvent func(name string) bool, path []string, report Reporter) ConformanceRole {
	if !hasEvent(role.Event) {
		report(fmt.Errorf("conformance role %s: unknown event %q", name, role.Event), append(path, "event")...)
	}
	for _, place := range role.Without {
		if !strings.HasPrefix(place, "/") {
			report(fmt.Errorf("conformance role %s: invalid place %q: use a JSON Pointer, which begins with a slash", name, place), append(path, "without")...)
		}
	}
	if role.Body != nil {
		overlay, err := template.FromYAML(role.Body)
		report(err, append(path, "body")...)
		role.Overlay = overlay
	}
	if role.Outcome != "" {
		report(role.settle(table), append(path, "outcome")...)
	}
	return role
}
