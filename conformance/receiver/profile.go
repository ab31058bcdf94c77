package receiver

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/signing"
)

// Profile is a provider as its receivers know it: what its events look like, how they are signed, and what they mean.
type Profile struct {
	*openapi.Provider
	conf      *openapi.Conformance
	operation *openapi.Operation // that started the runs
	endpoint  map[string]any
	signature signing.Config
	weaker    map[string]any // an endpoint of which the provider signs as it did before, in a weaker way; nil: it never did
	account   map[string]any // its name and credentials
	headers   [][2]string    // that the provider was told to send
	secret    string
	given     map[string]string // credentials that were not derived
	more      map[string]string // secrets beside it, by what they are: see secrets.go
	accept    webhook.Accept
	finds     bool // the API can be asked for a run
	https     bool
	named     bool // the receiver's host is a name, not a number
	seed      uint64
	keysAt    string // where attackers' keys can be had
	nonce     string // of this run of the checks: an application that keeps what it saw must not know these events
	agent     string
}

// NewProfile reads a provider for the checks.
func NewProfile(p *openapi.Provider, t Target, seed uint64, nonce string) (*Profile, error) {
	made := &Profile{Provider: p, conf: p.Conformance(), seed: seed, nonce: nonce, agent: "idmock/" + t.Version, given: t.Credentials, https: strings.HasPrefix(t.URL, "https:")}
	if made.conf == nil || made.conf.Roles["approved"].Event == "" {
		return nil, fmt.Errorf("the folder of %s does not say what its events mean: add conformance.roles with at least approved to its provider.yaml", p.Name)
	}
	if err := p.CheckSwitches(t.Switches); err != nil {
		return nil, err
	}
	made.named = named(t.URL)
	made.endpoint = p.EndpointValues("e-check", t.URL, t.Switches)
	made.signature = p.Signature(made.endpoint)
	for _, value := range p.Switches()["signature"] {
		endpoint := p.EndpointValues("e-check", t.URL, map[string]string{"signature": value})
		other := p.Signature(endpoint)
		body := made.signature.CoversBody() && !other.CoversBody()
		if made.weaker == nil && other.Signs() && (body || made.signature.CoversTime() && !other.CoversTime()) {
			made.weaker = endpoint
		}
	}
	credentials, err := p.Credentials(t.account(), seed)
	if err != nil {
		return nil, err
	}
	for name, value := range t.Credentials {
		if _, ok := credentials[name]; !ok {
			return nil, fmt.Errorf("credential %s: %s has none of that name, want one of %s", name, p.Name, strings.Join(slices.Sorted(maps.Keys(credentials)), ", "))
		}
		credentials[name] = value
	}
	credentials["name"], credentials["seed"] = t.account(), seed
	made.account = credentials
	made.secret, _ = credentials[made.signature.Secret].(string)
	if made.headers = t.Headers; !made.signature.Signs() && len(t.Headers) > 0 {
		made.signature = signing.Static(strings.ToLower(t.Headers[0][0]))
		made.secret = t.Headers[0][1]
		if scheme, value, ok := strings.Cut(made.secret, " "); ok && (scheme == "Bearer" || scheme == "Basic") {
			made.secret = value
		}
		made.given = map[string]string{made.signature.Secret: made.secret}
	}
	if made.signature.Signs() && made.secret == "" {
		return nil, fmt.Errorf("%s signs with %s, which is empty: give it with --credential", p.Name, made.signature.Secret)
	}
	if _, err := made.signature.Sign([]byte(made.secret), signing.Message{}); err != nil {
		return nil, fmt.Errorf("credential %w", err)
	}
	if made.more, err = made.secrets(t); err != nil {
		return nil, err
	}
	if made.accept, err = webhook.ParseAccept(p.Accept()); err != nil {
		return nil, err
	}
	operations, err := p.Operations()
	if err != nil {
		return nil, err
	}
	for _, op := range operations {
		if _, finds := op.Finds(); finds && !op.Dashboard {
			made.finds = true
		}
		if op.ID == made.conf.Operation || made.operation == nil && op.Starts() {
			made.operation = op
		}
	}
	return made, made.forget()
}

// forget leaves out the places that are not in this endpoint's events: a switch may give them another shape.
func (p *Profile) forget() error {
	s, err := p.newSubject("shape")
	if err != nil {
		return err
	}
	d, err := p.Role("approved", p.scope(s, "shape", p.conf.Roles["approved"].Run, time.Now()), signing.Message{ID: "shape"}, nil)
	if err != nil {
		return err
	}
	has := func(place string) bool {
		_, ok := openapi.Pointer(d.Body, place)
		return ok
	}
	conf := *p.conf
	for _, place := range []*string{&conf.ID, &conf.Happened, &conf.Text, &conf.Required} {
		if strings.HasPrefix(*place, "/") && !has(*place) {
			*place = ""
		}
	}
	conf.Optional = slices.DeleteFunc(slices.Clone(conf.Optional), func(place string) bool { return !has(place) })
	p.conf = &conf
	return nil
}

// Secret is the credential that proves who sent an event: its name, what a receiver has to know of it, and whether it was
// given.
func (p *Profile) Secret() (name, known string, given bool) {
	known, err := p.signature.ReceiverSecret(p.secret)
	if err != nil { // of which signing tells
		known = p.secret
	}
	return p.signature.Secret, known, p.given[p.signature.Secret] != ""
}

// Shared reports whether the receiver holds the very secret that signs, rather than a public key.
func (p *Profile) Shared() bool { return p.signature.Shared() }

// subject is somebody that events are about. Nobody else's events are about the same.
type subject struct {
	name      string // what the application knows it by: an id of ours, all digits
	reference string // the provider's name for the run
	body      any    // of the call that started the run
	fake      *fake.Person
}

// newSubject makes somebody up.
func (p *Profile) newSubject(words ...string) (*subject, error) {
	seed := fake.Seed(p.seed, append([]string{p.nonce}, words...)...)
	s := &subject{name: fmt.Sprintf("7%010d", seed%10_000_000_000), fake: fake.New(seed)}
	s.reference = fake.UUID(seed, p.Name, s.name)
	if p.operation == nil {
		return s, nil
	}
	_, body, err := p.operation.Request(s.name)
	if err != nil { // the subject is made of several fields
		_, body, err = p.operation.Request("")
	}
	if err != nil {
		return nil, err
	}
	if body != nil {
		if s.body, err = body.Value(nil); err != nil {
			return nil, err
		}
	}
	own, err := p.operation.Reference(p.scope(s, "", nil, time.Now()))
	if own != "" {
		s.reference = own
	}
	return s, err
}

// scope is what expressions see of a run about somebody.
func (p *Profile) scope(s *subject, id string, state map[string]any, now time.Time) *template.Scope {
	run := map[string]any{"id": s.reference, "reference": s.reference, "scenario": "default", "subject": s.name, "started": now.UTC()}
	if p.operation != nil {
		run["operation"] = p.operation.ID
	}
	maps.Copy(run, state)
	return &template.Scope{Subject: s.name, Body: s.body, Account: p.account, Run: run, Fake: s.fake, Now: now.UTC(),
		Endpoint: maps.Clone(p.endpoint), Delivery: map[string]any{"id": id}}
}

// namesBoth reports whether an event says both whom it is about and which run.
func (p *Profile) namesBoth() bool {
	now := time.Now()
	s, err := p.newSubject("both")
	if err != nil {
		return false
	}
	d, err := p.Role("approved", p.scope(s, "", p.conf.Roles["approved"].Run, now), signing.Message{Sent: now}, nil)
	says := func(text string) bool {
		return bytes.Contains(d.Body, []byte(text)) || slices.ContainsFunc(d.Header, func(h [2]string) bool { return strings.Contains(h[1], text) })
	}
	return err == nil && says(s.name) && says(s.reference)
}

// message is what a signature covers.
func (s *signedEvent) message() signing.Message {
	return signing.Message{ID: s.id, Sent: s.sent, Body: s.body}
}

// textAt is the text at a place in a body.
func (p *Profile) textAt(body []byte, place string) (string, bool) {
	if place == "" {
		return "", false
	}
	v, ok := openapi.Pointer(body, place)
	text, isText := v.(string)
	return text, ok && isText
}

// build makes the request of a variant.
func (p *Profile) build(v *variant, s *subject, id string, target *wireTarget) (*request, error) {
	now := time.Now()
	instant := now
	if v.Happened != "" && !v.began.IsZero() {
		instant = v.began
	}
	happened, err := shift(instant, v.Happened)
	if err != nil {
		return nil, err
	}
	sent, err := shift(now, v.Sent)
	if err != nil {
		return nil, err
	}
	var edit func([]byte) ([]byte, error)
	if change := bodies[v.body]; change != nil {
		edit = func(body []byte) ([]byte, error) { return change(p, body) }
	}
	scope := p.scope(s, id, p.conf.Roles[v.role].Run, happened)
	if v.sign == "legacy" { // with the headers that went with it, and without the others
		scope.Endpoint = maps.Clone(p.weaker)
	}
	d, err := p.Role(v.role, scope, signing.Message{ID: id, Sent: sent}, edit)
	if err != nil {
		return nil, err
	}
	made := &signedEvent{Profile: p, id: id, sent: sent, body: d.Body, seed: p.seed}
	if made.good, err = p.signature.Sign([]byte(p.secret), made.message()); err != nil {
		return nil, err
	}
	r := &request{method: p.WebhookMethod(), target: target.url.RequestURI(), body: d.Body, wire: v.wire, over: v.Over, timeout: p.Timeout()}
	if v.method != "" {
		r.method = v.method
	}
	if r.timeout <= 0 {
		r.timeout = webhook.DefaultTimeout
	}
	r.header = [][2]string{{"Host", target.url.Host}, {"User-Agent", p.agent}}
	d.Header = append(d.Header, p.headers...)
	r.header = append(r.header, p.signed(made, d.Header, v.sign)...)
	switch v.contentType {
	case "":
	case "none":
		set(r, "Content-Type", "")
	default:
		set(r, "Content-Type", v.contentType)
	}
	if v.Query != "" {
		r.query(v.Query)
	}
	if change := tampers[v.tamper]; change != nil {
		change(made, r)
	}
	if change := headerChanges[v.headers]; change != nil {
		names := map[string]bool{}
		for _, h := range d.Header {
			names[strings.ToLower(h[0])] = made.good != "" && strings.Contains(h[1], made.good)
		}
		change(r, func(name string) bool { return names[strings.ToLower(name)] })
	}
	return r, nil
}

// signed puts another signature where the good one stands, and another time where that is.
func (p *Profile) signed(s *signedEvent, header [][2]string, how string) [][2]string {
	change := signs[how]
	if change == nil || s.good == "" {
		return header
	}
	text := change(s)
	stamp, stamped := s.stamp(how)
	var made [][2]string
	for _, h := range header {
		switch {
		case strings.Contains(h[1], s.good):
			if text == gone {
				continue
			}
			h[1] = strings.ReplaceAll(h[1], s.good, text)
			if text == "" {
				h[1] = ""
			}
		case stamped && h[1] == s.ts():
			if stamp == gone {
				continue
			}
			h[1] = stamp
		}
		made = append(made, h)
	}
	if word, named := s.named(how); named {
		for i, h := range made {
			made[i][1] = strings.ReplaceAll(h[1], s.signature.Algorithm, word)
		}
	}
	return made
}

// shift moves a time by a duration such as -1h.
func shift(t time.Time, by string) (time.Time, error) {
	if by == "" {
		return t, nil
	}
	d, err := time.ParseDuration(by)
	return t.Add(d), err
}
