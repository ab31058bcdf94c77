// Package suite is the language of the checks' YAML: a check with its steps, the event that a step sends, the
// conditions under which a check applies to a provider, and the validation of all of it.
//
// Does not belong here: the checks themselves, which are data (receiver/checks), and the performance of a step (package
// receiver).
package suite

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/handshake"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/openapi"
)

// Check is a requirement on a receiver: its events, and the expected responses and effects.
type Check struct {
	conformance.Check `yaml:",inline"`
	// Levels replaces the level for receivers of a signature scheme, or of a provider with a kind of handshake.
	Levels map[string]conformance.Level `yaml:"levels"`
	// Needs are the properties that the provider must have for the check to apply: see needs.go. "role NAME" is a role.
	Needs []string `yaml:"needs"`
	// Cause is the most likely flaw of a receiver that fails.
	Cause string `yaml:"cause"`
	// Explains lists globs of the checks whose failures follow from a failure of this one.
	Explains Words `yaml:"explains"`
	// Undermines is set if the cause loses, refuses or mixes up valid events of other checks, whichever happen to meet it: their
	// failures follow from this one, except those in which an event should have been refused.
	Undermines bool   `yaml:"undermines"`
	Secret     string `yaml:"secret"` // a further secret that the check requires: next, other or old
	Slow       bool   `yaml:"slow"`   // waits for wall time, and starts first
	Alone      bool   `yaml:"alone"`  // puts load on the receiver: nothing else is sent meanwhile
	Last       bool   `yaml:"last"`   // runs after all others: it evaluates them, or disturbs the receiver's memory
	Steps      []Step `yaml:"steps"`
}

// Step is one action or one observation. Exactly one of its verbs is set.
type Step struct {
	Send *Shot `yaml:"send"` // send an event
	Want Words `yaml:"want"` // the response: accept, a status (405), a class (4xx), closed

	// The response beyond its status.
	Header string `yaml:"header"` // has this header
	P95    string `yaml:"p95"`    // 19 of 20 responses arrive within this time
	Clean  bool   `yaml:"clean"`  // reveals no personal data, secret, signature or stack trace
	Same   bool   `yaml:"same"`   // is of the same class for all variants
	Small  bool   `yaml:"small"`  // has at most 20 kB
	Allow  bool   `yaml:"allow"`  // has Allow, if it is a 405
	Retry  bool   `yaml:"retry"`  // may refuse at first: the event is sent until it is accepted, as providers do

	// The application's view of a subject.
	State   string `yaml:"state"`   // a change, granted or withdrawn, or the absence of one: withheld, kept
	Effects *int   `yaml:"effects"` // number of effects on the subject
	Text    string `yaml:"text"`    // the profile's text, unchanged
	Called  bool   `yaml:"called"`  // the application queried the API about the subject
	Asked   bool   `yaml:"asked"`   // if the application queried the API after the last event, then about the subject
	Of      string `yaml:"of"`      // the subject: a (default) or b; each: those of all variants of the last send with each

	Timing    bool   `yaml:"timing"`    // refusals take the same time wherever the signature is wrong
	Shake     string `yaml:"shake"`     // handshake before events: see package handshake
	Canary    bool   `yaml:"canary"`    // a valid event about another subject is accepted in time
	Storm     *Storm `yaml:"storm"`     // release a queue of events
	Pairs     *Pairs `yaml:"pairs"`     // the newer event of two arrives first
	Backlog   int    `yaml:"backlog"`   // send the events of this number of people at once, in any order
	Others    int    `yaml:"others"`    // send this number of events about another subject
	Recover   bool   `yaml:"recover"`   // the application grants access without an event, within the bound that the user gives
	Throttled bool   `yaml:"throttled"` // every 429 and 503 of this run had a valid Retry-After
	TLS       string `yaml:"tls"`       // TLS handshake: chain, as a careful provider does, or old, with TLS 1.1 at most

	// Severe fails the check if this step does, whatever the check's level.
	Severe bool `yaml:"severe"`
	// Unless is why the check does not apply if this step fails.
	Unless string `yaml:"unless"`
	// Else is why the check is inconclusive if this step fails, because the following steps depend on it.
	Else string `yaml:"else"`

	// Actions around the receiver.
	API     string `yaml:"api"`     // the API's responses about the subject: down, held, up, or the state of a role
	Begin   bool   `yaml:"begin"`   // make the application start a verification; the response is held until End
	End     bool   `yaml:"end"`     // send that response
	Pause   string `yaml:"pause"`   // wait
	Reuse   string `yaml:"reuse"`   // close the connection of this name
	Restart bool   `yaml:"restart"` // restart the application and wait until it is reachable
	Ordered bool   `yaml:"ordered"` // the events have a time, or the application queried the API: only then it knows the order
}

// SecretHints are the further secrets that a receiver may know, each with advice for when it is not given.
var SecretHints = map[string]string{
	"next":  "the receiver's next secret is unknown: configure a second secret and set --next-secret",
	"other": "the receiver's secret of another account is unknown: configure another account of the provider and set --other-secret",
	"old":   "no expired secret of the receiver is known: set --old-secret to one that it accepted until it was replaced",
}

// Validate checks the fields that only checks of receivers have.
func (c *Check) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if strings.TrimSpace(c.Cause) == "" {
		bad("missing cause")
	}
	if len(c.Steps) == 0 {
		bad("missing steps")
	}
	if c.Secret != "" && SecretHints[c.Secret] == "" {
		bad("unknown secret %q", c.Secret)
	}
	for _, need := range c.Needs {
		role, isRole := strings.CutPrefix(need, "role ")
		if isRole && openapi.ConformanceRoles()[role] == "" || !isRole && needs[need] == nil {
			bad("unknown need %q", need)
		}
	}
	for i, s := range c.Steps {
		if err := s.validate(); err != nil {
			bad("step %d: %w", i+1, err)
		}
	}
	return errors.Join(problems...)
}

func (s *Step) validate() error {
	var problems []error
	if s.Shake != "" && !handshake.Has(s.Shake) {
		problems = append(problems, fmt.Errorf("unknown handshake %q", s.Shake))
	}
	if s.Storm != nil {
		problems = append(problems, s.Storm.validate())
	}
	for _, label := range []string{s.Of, shotSubject(s.Send)} {
		form, named := strings.CutPrefix(label, "named ")
		if named && profile.NameForms[form] == nil {
			problems = append(problems, fmt.Errorf("unknown form of a name %q", form))
		}
	}
	if s.Pairs != nil {
		problems = append(problems, s.Pairs.validate())
	}
	if s.Send != nil {
		problems = append(problems, s.Send.validate())
		if len(s.Want) == 0 {
			problems = append(problems, errors.New("missing want"))
		}
	}
	return errors.Join(problems...)
}

// shotSubject is the subject of a shot; empty without one.
func shotSubject(s *Shot) string {
	if s == nil {
		return ""
	}
	return s.Subject
}

// LevelFor is how strongly the check is required of receivers of a provider.
func (c *Check) LevelFor(p *profile.Profile) conformance.Level {
	for _, name := range []string{p.Events.Handshake.Kind, p.Signing.Scheme} {
		if l, ok := c.Levels[name]; ok {
			return l
		}
	}
	return c.Level
}

// Inapplicable is why the check does not apply to receivers of a provider; empty if it does.
func (c *Check) Inapplicable(p *profile.Profile) string {
	for _, name := range c.Needs {
		if role, isRole := strings.CutPrefix(name, "role "); isRole {
			if _, has := p.Events.Roles[role]; !has {
				return fmt.Sprintf("the directory of %s names no event for %s (%s)", p.Name, role, openapi.ConformanceRoles()[role])
			}
			continue
		}
		if n := needs[name]; !n.met(p) {
			return n.reason
		}
	}
	return ""
}

// Words are one word or several.
type Words []string

// Has reports whether a word is among them.
func (w Words) Has(word string) bool { return slices.Contains(w, word) }
