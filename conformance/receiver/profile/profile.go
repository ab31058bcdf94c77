// Package profile is a provider as its receivers see it: the events it sends, how it signs them, and their meaning. It
// reads a provider's directory, or one of the generic profiles for receivers that know their sender by a common scheme
// only.
//
// Does not belong here: the mutations of an event (package mutate), the wire (package wire), and which checks
// apply (package suite).
package profile

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/signing"
)

// Options are the receiver's settings for its provider. Every field has a useful zero value.
type Options struct {
	URL         string            // the webhook's
	Switches    map[string]string // choices that the provider leaves open, such as its signature
	Account     string            // empty: conformance
	Credentials map[string]string // those not given are derived from Account and Seed
	Headers     [][2]string       // sent with every event
	// Secrets are further secrets, by their role: Next, Previous or OtherTenant. Empty ones are unknown.
	Secrets map[mutate.Secret]string

	Seed uint64
	// Nonce makes names and ids of this run new: an application that stores them must not have seen them.
	Nonce   string
	Version string // of idmock, for User-Agent
}

// Profile is a provider with the credentials of one receiver.
type Profile struct {
	*openapi.Provider
	Options  Options
	Events   *openapi.Conformance // roles of the events and places in their bodies
	Signing  signing.Config
	Secret   string                   // signs the events
	Secrets  map[mutate.Secret]string // further secrets, without empty ones
	Weaker   map[string]any           // settings of an endpoint that signs in the provider's former, weaker way; nil: none
	Accepted webhook.Accept           // statuses that the provider takes as acknowledgement
	HasAPI   bool                     // runs can be queried

	credentials map[string]any // with the account's name and seed
	given       bool           // the secret was given, not derived
	start       *openapi.Operation
	endpoint    map[string]any
}

// New reads a provider. The error is the user's: an unknown credential, an unusable secret, a directory without roles.
func New(provider *openapi.Provider, o Options) (*Profile, error) {
	if o.Account == "" {
		o.Account = "conformance"
	}
	p := &Profile{Provider: provider, Options: o, Events: provider.Conformance()}
	if p.Events == nil || p.Events.Roles["approved"].Event == "" {
		return nil, fmt.Errorf("the directory of %s does not define what its events mean: add conformance.roles with at least approved to its provider.yaml", p.Name)
	}
	if err := p.Switches().Check(o.Switches); err != nil {
		return nil, err
	}
	p.endpoint = p.Switches().Endpoint("e-check", o.URL, o.Switches)
	p.Signing = p.Webhooks().Signature(p.endpoint)
	p.findWeaker()
	if err := p.readCredentials(); err != nil {
		return nil, err
	}
	if err := p.readSecrets(); err != nil {
		return nil, err
	}
	var err error
	if p.Accepted, err = webhook.ParseAccept(p.Webhooks().Accept()); err != nil {
		return nil, err
	}
	if err := p.findOperations(); err != nil {
		return nil, err
	}
	return p, p.dropAbsentPlaces()
}

// findWeaker looks for a signature switch that covers less than the receiver's own.
func (p *Profile) findWeaker() {
	for _, value := range p.Switches()["signature"] {
		endpoint := p.Switches().Endpoint("e-check", p.Options.URL, map[string]string{"signature": value})
		other := p.Webhooks().Signature(endpoint)
		lessBody := p.Signing.CoversBody() && !other.CoversBody()
		lessTime := p.Signing.CoversTime() && !other.CoversTime()
		if other.Signs() && (lessBody || lessTime) {
			p.Weaker = endpoint
			return
		}
	}
}

// readCredentials derives the credentials and replaces the given ones. Where the provider signs nothing, the first
// configured header is the proof of the sender.
func (p *Profile) readCredentials() (err error) {
	if p.credentials, err = p.Credentials(p.Options.Account, p.Options.Seed); err != nil {
		return err
	}
	for name, value := range p.Options.Credentials {
		if _, ok := p.credentials[name]; !ok {
			return fmt.Errorf("unknown credential %q of %s: use %s", name, p.Name, strings.Join(slices.Sorted(maps.Keys(p.credentials)), ", "))
		}
		p.credentials[name] = value
	}
	p.credentials["name"], p.credentials["seed"] = p.Options.Account, p.Options.Seed
	p.Secret, _ = p.credentials[p.Signing.Secret].(string)
	p.given = p.Options.Credentials[p.Signing.Secret] != ""
	if !p.Signing.Signs() && len(p.Options.Headers) > 0 {
		p.Signing = signing.Static(strings.ToLower(p.Options.Headers[0][0]))
		p.Secret, p.given = BareToken(p.Options.Headers[0][1]), true
	}
	return nil
}

// BareToken returns the credential of an Authorization header without its scheme.
func BareToken(value string) string {
	if scheme, token, ok := strings.Cut(value, " "); ok && (scheme == "Bearer" || scheme == "Basic") {
		return token
	}
	return value
}

// readSecrets checks that every given secret can sign.
func (p *Profile) readSecrets() error {
	if p.Signing.Signs() && p.Secret == "" {
		return fmt.Errorf("%s signs with %s, which is empty: set it with --credential", p.Name, p.Signing.Secret)
	}
	if _, err := p.Signing.Sign([]byte(p.Secret), signing.Message{}); err != nil {
		return fmt.Errorf("credential %w", err)
	}
	p.Secrets = map[mutate.Secret]string{}
	for which, secret := range p.Options.Secrets {
		if secret == "" {
			continue
		}
		flag := secretFlags[which]
		if secret == p.Secret {
			return fmt.Errorf("%s is the receiver's current secret: use another", flag)
		}
		if !p.Signing.Signs() {
			return fmt.Errorf("%s: %s signs nothing", flag, p.Name)
		}
		if _, err := p.Signing.Sign([]byte(secret), signing.Message{}); err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		p.Secrets[which] = secret
	}
	return nil
}

var secretFlags = map[mutate.Secret]string{mutate.Next: "--next-secret", mutate.Previous: "--old-secret", mutate.OtherTenant: "--other-secret"}

// findOperations finds the operation that starts runs, and whether there is one that queries them.
func (p *Profile) findOperations() error {
	operations, err := p.Operations()
	if err != nil {
		return err
	}
	for _, op := range operations {
		if _, finds := op.Finds(); finds && !op.Dashboard {
			p.HasAPI = true
		}
		if op.ID == p.Events.Operation || p.start == nil && op.Starts() {
			p.start = op
		}
	}
	return nil
}

// dropAbsentPlaces removes the places that this endpoint's events do not have: a switch can give them another shape.
func (p *Profile) dropAbsentPlaces() error {
	s, err := p.NewSubject("shape")
	if err != nil {
		return err
	}
	d, err := p.Webhooks().Role("approved", p.Scope(s, "shape", p.Events.Roles["approved"].Run, time.Now()), signing.Message{ID: "shape"}, nil)
	if err != nil {
		return err
	}
	has := func(place string) bool {
		_, ok := openapi.Pointer(d.Body, place)
		return ok
	}
	events := *p.Events
	for _, place := range []*string{&events.ID, &events.Happened, &events.Text, &events.Required} {
		if strings.HasPrefix(*place, "/") && !has(*place) {
			*place = ""
		}
	}
	events.Optional = slices.DeleteFunc(slices.Clone(events.Optional), func(place string) bool { return !has(place) })
	p.Events = &events
	return nil
}

// Credential is the credential that proves the sender of an event: its name, the receiver's part of it, and whether it
// was given rather than derived.
func (p *Profile) Credential() (name, held string, given bool) {
	held, err := p.Signing.ReceiverSecret(p.Secret)
	if err != nil { // New has checked the secret
		held = p.Secret
	}
	return p.Signing.Secret, held, p.given
}

// Confidential lists the credentials by name, for a redactor. The account's name is public.
func (p *Profile) Confidential() map[string]string {
	secrets := map[string]string{}
	for name, value := range p.credentials {
		if text, ok := value.(string); ok && name != "name" && text != p.Options.Account {
			secrets[name] = text
		}
	}
	for which, secret := range p.Secrets {
		secrets[string(which)+" secret"] = secret
	}
	return secrets
}

// HTTPS reports whether the receiver is reached over https.
func (p *Profile) HTTPS() bool { return strings.HasPrefix(p.Options.URL, "https:") }

// NamesHost reports whether the receiver's URL has a host name rather than an IP address.
func (p *Profile) NamesHost() bool { return wire.NamesHost(p.Options.URL) }

// Precise reports whether the times of events have fractions of a second.
func (p *Profile) Precise() bool {
	s, err := p.NewSubject("precise")
	if err != nil || p.Events.Happened == "" {
		return false
	}
	whole := time.Unix(1_800_000_000, 0)
	at := func(t time.Time) string {
		d, err := p.Webhooks().Role("approved", p.Scope(s, "", p.Events.Roles["approved"].Run, t), signing.Message{Sent: t}, nil)
		if err != nil {
			return ""
		}
		text, _ := TextAt(d.Body, p.Events.Happened)
		return text
	}
	return at(whole) != at(whole.Add(20*time.Millisecond))
}

// NamesBoth reports whether an event names both the person and the run.
func (p *Profile) NamesBoth() bool { return p.names(true, true) }

// NamesPerson reports whether an event names the person.
func (p *Profile) NamesPerson() bool { return p.names(true, false) }

func (p *Profile) names(person, run bool) bool {
	now := time.Now()
	s, err := p.NewSubject("both")
	if err != nil {
		return false
	}
	d, err := p.Webhooks().Role("approved", p.Scope(s, "", p.Events.Roles["approved"].Run, now), signing.Message{Sent: now}, nil)
	names := func(text string) bool {
		return bytes.Contains(d.Body, []byte(text)) || slices.ContainsFunc(d.Header, func(h [2]string) bool { return strings.Contains(h[1], text) })
	}
	return err == nil && (!person || names(s.Name)) && (!run || names(s.Reference))
}

// TextAt returns the string at a JSON pointer in a body.
func TextAt(body []byte, place string) (string, bool) {
	if place == "" {
		return "", false
	}
	v, ok := openapi.Pointer(body, place)
	text, isText := v.(string)
	return text, ok && isText
}

// SendTimeout is how long the provider waits for a response.
func (p *Profile) SendTimeout() time.Duration {
	if d := p.Webhooks().Timeout(); d > 0 {
		return d
	}
	return webhook.DefaultTimeout
}

// Agent is the User-Agent of the checks.
func (p *Profile) Agent() string { return "idmock/" + p.Options.Version }

// Subject is a person that events are about. No two checks share one.
type Subject struct {
	Name      string // identifies the person to the application: digits only
	Reference string // the provider's name for the run

	body any // of the request that started the run
	fake *fake.Person
}

// Named returns the same person with another reference.
func (s *Subject) Named(reference string) *Subject {
	renamed := *s
	renamed.Reference = reference
	return &renamed
}

// NewSubject generates a person from the seed, the nonce and the words.
func (p *Profile) NewSubject(words ...string) (*Subject, error) { return p.NamedSubject("", words...) }

// NameForms are the forms of a person's name. Those of the same words differ only in the form.
var NameForms = map[string]func(digits string) string{
	"":         func(digits string) string { return "7" + digits },
	"plain":    func(digits string) string { return "7" + digits },
	"zeros":    func(digits string) string { return "007" + digits },
	"letters":  func(digits string) string { return "user-" + digits },
	"digits":   func(digits string) string { return digits },
	"capitals": func(digits string) string { return "USER-" + digits },
	"part":     func(digits string) string { return "9" + digits },
	"whole":    func(digits string) string { return "9" + digits + "5" },
	"long":     func(digits string) string { return strings.Repeat("8", 53) + digits + "1" },
	"longer":   func(digits string) string { return strings.Repeat("8", 53) + digits + "2" },
}

// NamedSubject generates a person with a form of name.
func (p *Profile) NamedSubject(form string, words ...string) (*Subject, error) {
	seed := fake.Seed(p.Options.Seed, append([]string{p.Options.Nonce}, words...)...)
	s := &Subject{Name: NameForms[form](fmt.Sprintf("%010d", seed%10_000_000_000)), fake: fake.New(seed)}
	s.Reference = fake.UUID(seed, p.Name, s.Name)
	if p.start == nil {
		return s, nil
	}
	_, body, err := p.start.Request(s.Name)
	if err != nil { // the subject consists of several fields
		_, body, err = p.start.Request("")
	}
	if err != nil {
		return nil, err
	}
	if body != nil {
		if s.body, err = body.Value(nil); err != nil {
			return nil, err
		}
	}
	reference, err := p.start.Reference(p.Scope(s, "", nil, time.Now()))
	if reference != "" {
		s.Reference = reference
	}
	return s, err
}

// Scope returns the values that expressions can use, for a run about a person. id is the delivery's.
func (p *Profile) Scope(s *Subject, id string, state map[string]any, now time.Time) *template.Scope {
	run := map[string]any{"id": s.Reference, "reference": s.Reference, "scenario": "default", "subject": s.Name, "started": now.UTC()}
	if p.start != nil {
		run["operation"] = p.start.ID
	}
	maps.Copy(run, state)
	return &template.Scope{Subject: s.Name, Body: s.body, Account: p.credentials, Run: run, Fake: s.fake, Now: now.UTC(),
		Endpoint: maps.Clone(p.endpoint), Delivery: map[string]any{"id": id}}
}
