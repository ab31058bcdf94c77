package openapi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/bundle"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/signing"
)

// The sections of provider.yaml that users of Webhooks and [Provider.Conformance] read.
type (
	Registration = settings.Registration
	Conformance  = settings.Conformance
)

// Families of roles of events.
const (
	Contradiction = settings.Contradiction // events whose facts disagree
	Hit           = settings.Hit           // further events about a watch list
	Approval      = settings.Approval      // further events that grant access
	Signal        = settings.Signal        // events that decide nothing
	Neutral       = settings.Neutral       // signals that give no reason to withdraw access either
)

// ConformanceRoles returns the meanings of events, with the consequence for a receiver.
func ConformanceRoles() map[string]string { return settings.ConformanceRoles() }

// Webhooks renders, signs and validates a provider's webhooks, and has their settings.
type Webhooks struct{ p *Provider }

// Method returns the HTTP method of a delivery.
func (w Webhooks) Method() string {
	if m := w.p.read().set.Webhook.Method; m != "" {
		return m
	}
	return http.MethodPost
}

// Timeout returns the limit of an attempt, from dialling to the last byte.
func (w Webhooks) Timeout() time.Duration { return time.Duration(w.p.read().set.Webhook.Timeout) }

// Accept returns the statuses that acknowledge a delivery, such as 200 or 2xx.
func (w Webhooks) Accept() []string { return w.p.read().set.Webhook.Accept }

// Source returns the local address of deliveries; the zero Addr leaves it to the system.
func (w Webhooks) Source() netip.Addr { return w.p.read().source }

// Retry returns the rule for repeating failed deliveries, where no policy has another.
func (w Webhooks) Retry() settings.Retry { return w.p.read().set.Webhook.Retry }

// Policy returns how an event is sent to an endpoint with these values (see [settings.Switches.Endpoint]).
func (w Webhooks) Policy(event string, endpoint map[string]any) settings.Policy {
	set := &w.p.read().set
	hook := &set.Webhook
	value, _ := set.Switches.Complete(endpoint)["policy"].(string)
	policy, ok := hook.Policy(value, event)
	if !ok {
		policy.Retry, policy.Redirects = hook.Retry, hook.Redirects
	}
	if len(policy.Accept) == 0 {
		policy.Accept = hook.Accept
	}
	return policy
}

// Limits returns how often an event is attempted at most, and the statuses that acknowledge it: by the rules for all events and by
// each policy.
func (w Webhooks) Limits(event string) (attempts int, accept [][]string) {
	policies := []settings.Policy{w.Policy(event, nil)}
	for value := range w.p.read().set.Webhook.Policies {
		policies = append(policies, w.Policy(event, map[string]any{"policy": value}))
	}
	for _, p := range policies {
		attempts = max(attempts, 1+len(p.Waits))
		accept = append(accept, p.Accept)
	}
	return attempts, accept
}

// Registration returns the requirements for a webhook's URL.
func (w Webhooks) Registration() Registration { return w.p.read().set.Webhook.Registration }

// Exhausted returns the addresses to notify after the last failed attempt of a delivery.
func (w Webhooks) Exhausted(s *template.Scope) []string {
	if w.p.read().set.Webhook.Exhausted.Expression == nil {
		return nil
	}
	v, err := w.p.read().set.Webhook.Exhausted.Value(s)
	if err != nil { // an endpoint from outside the dashboard has no addresses
		return nil
	}
	list, _ := v.([]any)
	addresses := make([]string, len(list))
	for i, address := range list {
		addresses[i] = fmt.Sprint(address)
	}
	return addresses
}

// Signature returns the signature of deliveries to an endpoint with these values (see [settings.Switches.Endpoint]). nil
// means an endpoint with default switches. An event may be signed with another secret, see [Webhooks.SignatureOf].
func (w Webhooks) Signature(endpoint map[string]any) signing.Config {
	name, _ := endpoint["signature"].(string)
	if s, ok := w.p.read().set.Webhook.Signatures[name]; ok {
		return s
	}
	return w.p.read().set.Webhook.Signature
}

// SignatureOf returns the signature of an event's deliveries to an endpoint with these values.
func (w Webhooks) SignatureOf(event string, endpoint map[string]any) signing.Config {
	signature := w.Signature(endpoint)
	if e := w.p.read().events[event]; e != nil && e.secret != "" && signature.Signs() {
		signature.Secret = e.secret
	}
	return signature
}

// Signatures returns the alternative signatures by the values of the switch signature.
func (w Webhooks) Signatures() map[string]signing.Config { return w.p.read().set.Webhook.Signatures }

// Delivery is a rendered and signed webhook.
type Delivery struct {
	Header [][2]string // in the order of sending
	Body   []byte
	// SignedBy names the credential that signed the body; empty: not signed.
	SignedBy string
	// Signature is the text of the signature, which one or more headers contain; empty: not signed.
	Signature string
}

// Deliver renders and signs an event: [Webhooks.Compose], then [Webhooks.Sign].
func (w Webhooks) Deliver(event string, overlay *template.Node, s *template.Scope, at time.Time) (Delivery, error) {
	body, err := w.Compose(event, overlay, s, at)
	if err != nil {
		return Delivery{}, err
	}
	return w.Sign(event, body, s, at, Key{})
}

// Compose renders an event's body as the outcome of the scope's run says. overlay, if not nil, is merged into the part that provider.yaml names. at is the wall
// time of the attempt, and the scope's Delivery identifies the delivery; it is given the name of the event.
func (w Webhooks) Compose(event string, overlay *template.Node, s *template.Scope, at time.Time) ([]byte, error) {
	e := w.p.read().events[event]
	if e == nil {
		return nil, w.unknown(event)
	}
	s.Example = w.p.exampler(s)
	s.Endpoint = w.p.read().set.Switches.Complete(s.Endpoint)
	s.Sent = at.Unix()
	if s.Delivery == nil {
		s.Delivery = map[string]any{}
	}
	s.Delivery["event"] = event
	node := e.body(s.Endpoint, w.p.read().outcomes.Of(s.Run))
	if overlay != nil {
		bound, err := bind(node, e.overlay, s)
		if err != nil {
			return nil, fmt.Errorf("event %s: %w", event, err)
		}
		node = bound.MergeAt(e.overlay, overlay)
	}
	body, err := node.Append(make([]byte, 0, 1024), s)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", event, err)
	}
	return body, nil
}

func (w Webhooks) unknown(event string) error {
	return fmt.Errorf("provider %s has no event %q", w.p.Name, event)
}

// bind evaluates the expression on the path to the overlay, which the overlay would otherwise replace.
func bind(n *template.Node, path []string, s *template.Scope) (*template.Node, error) {
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

// Key is a signing key other than the account's secret. The zero value is the account's secret.
type Key struct {
	// Name of the key's owner in [Delivery.SignedBy]; empty: the account.
	Name string
	// Secret in the format of the provider's scheme. An empty one with a Name signs with a key of no bytes.
	Secret string
}

// Sign signs a body unchanged and renders the headers for the scope's endpoint. at is the signed time. The scope must have
// been passed to [Webhooks.Compose].
func (w Webhooks) Sign(event string, body []byte, s *template.Scope, at time.Time, key Key) (Delivery, error) {
	signature := w.SignatureOf(event, s.Endpoint)
	s.Sent = at.Unix()
	d := Delivery{Body: body}
	secret, signedBy := secretOf(signature, s), signature.Secret
	if key.Name != "" { // headers may quote the secret as well
		secret, signedBy = key.Secret, signature.Secret+" ("+key.Name+")"
		account := maps.Clone(s.Account)
		account[signature.Secret] = secret
		s.Account = account
	}
	id, _ := s.Delivery["id"].(string)
	var err error
	m := signing.Message{ID: id, Sent: at, Body: body}
	if secret == "" && key.Name != "" { // a fault
		s.Signature = signature.SignContent(nil, m.Content())
	} else if s.Signature, err = signature.Sign([]byte(secret), m); err != nil {
		return Delivery{}, fmt.Errorf("event %s: cannot be signed: %w", event, err)
	}
	for _, h := range w.p.read().headers {
		v, err := h.Value.Value(s)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: header %s: %w", event, h.Key, err)
		}
		if v == nil {
			continue // nil omits a header, for example by a switch
		}
		text := fmt.Sprint(v)
		if s.Signature != "" && strings.Contains(text, s.Signature) {
			d.SignedBy, d.Signature = signedBy, s.Signature
		}
		d.Header = append(d.Header, [2]string{h.Key, text})
	}
	return d, nil
}

// Role renders the event of a role, as [Webhooks.Deliver] does. The scope's run has the role's state, see
// [settings.ConformanceRole]. edit, if not nil, changes the body before it is signed.
func (w Webhooks) Role(name string, s *template.Scope, m signing.Message, edit func([]byte) ([]byte, error)) (Delivery, error) {
	role, ok := w.p.read().set.Conformance.Roles[name]
	if !ok {
		return Delivery{}, fmt.Errorf("provider %s has no event for the role %s", w.p.Name, name)
	}
	d, err := w.Deliver(role.Event, nil, s, m.Sent)
	if err != nil {
		return Delivery{}, err
	}
	signature := w.SignatureOf(role.Event, s.Endpoint)
	before, err := signature.Sign([]byte(secretOf(signature, s)), signing.Message{ID: m.ID, Sent: m.Sent, Body: d.Body})
	if err != nil {
		return Delivery{}, err
	}
	if role.Overlay != nil {
		body, err := template.ParseData(d.Body)
		if err != nil {
			return Delivery{}, fmt.Errorf("event %s: %w", role.Event, err)
		}
		if d.Body, err = body.Merge(role.Overlay).Append(nil, s); err != nil {
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

// Validate checks the body of an event against the document.
func (w Webhooks) Validate(event string, body []byte) error {
	e := w.p.read().events[event]
	if e == nil {
		return w.unknown(event)
	}
	documented, err := e.documented()
	if err == nil {
		err = documented.Validate(body)
	}
	if err != nil {
		return fmt.Errorf("event %s: %w", event, err)
	}
	return nil
}

// Keyword returns the keyword of the event's schema that a body violates, such as required or enum, or type for a body that
// is not JSON. It is empty for a valid body and without a schema.
func (w Webhooks) Keyword(event string, body []byte) string {
	e := w.p.read().events[event]
	if e == nil {
		return ""
	}
	documented, err := e.documented()
	if err != nil {
		return ""
	}
	return documented.Keyword(body)
}

// Pointer returns the value at a JSON Pointer in a body of objects; ok is false if there is none.
func Pointer(body []byte, place string) (value any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		return nil, false
	}
	for _, step := range bundle.Pointer(place) {
		m, isObject := value.(map[string]any)
		if !isObject {
			return nil, false
		}
		if value, ok = m[step]; !ok {
			return nil, false
		}
	}
	return value, true
}
