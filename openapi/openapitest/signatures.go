package openapitest

import (
	"bytes"
	"testing"
	"time"

	"github.com/idmock/idmock/openapi/signing"
)

// another is a secret of the same form.
func another(c signing.Config, secret string) string {
	key := bytes.Clone(c.KeyOrText(secret))
	if len(key) == 0 {
		return secret + "x"
	}
	key[0] ^= 1
	return c.EncodeKey(key)
}

// signatures: a delivery carries one that its receiver can verify, and that others could not have made, for every switch
// of an endpoint.
func (s *suite) signatures(t *testing.T) {
	s.signature(t, nil)
	for _, choice := range s.p.Switches()["signature"] {
		t.Run(choice, func(t *testing.T) { s.signature(t, map[string]string{"signature": choice}) })
	}
}

func (s *suite) signature(t *testing.T, switches map[string]string) {
	endpoint := s.p.Switches().Endpoint("e1", "https://app.example.com/hook", switches)
	if !s.p.Webhooks().Signature(endpoint).Signs() {
		return // the provider signs nothing
	}
	op := append(s.starting(), s.operations[0])[0]
	for _, event := range s.p.Events() {
		scope := asked(t, s.scope(t, 1, op, "00000000001", nil), op)
		scope.Endpoint = endpoint
		scheme := s.p.Webhooks().SignatureOf(event.Name, endpoint)
		secret, _ := scope.Account[scheme.Secret].(string)
		if secret == "" {
			t.Fatalf("the account has no %s to sign with", scheme.Secret)
		}
		d, err := s.p.Webhooks().Deliver(event.Name, nil, scope, at)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		id, _ := scope.Delivery["id"].(string)
		m := signing.Message{ID: id, Sent: at, Body: d.Body}
		text, err := scheme.Sign([]byte(secret), m)
		if err != nil {
			t.Errorf("event %s: %v", event.Name, err)
			continue
		}
		carried := false
		for _, h := range d.Header {
			carried = carried || bytes.Contains([]byte(h[1]), []byte(text))
		}
		if !carried || d.SignedBy != scheme.Secret {
			t.Errorf("event %s: no header carries the signature %q, said to be by %s: %v", event.Name, text, d.SignedBy, d.Header)
		}
		verify := func(secret string, body []byte) error {
			return scheme.Verify([]byte(secret), text, signing.Message{ID: id, Sent: at, Body: body}, at)
		}
		if err := verify(secret, d.Body); err != nil {
			t.Errorf("event %s: its own signature is refused: %v", event.Name, err)
		}
		if verify(another(scheme, secret), d.Body) == nil {
			t.Errorf("event %s: another secret's signature is accepted", event.Name)
		}
		for _, off := range []time.Duration{-signing.Tolerance - time.Second, signing.Tolerance + time.Second} {
			if accepted := scheme.Verify([]byte(secret), text, m, at.Add(off)) == nil; accepted == scheme.CoversTime() {
				t.Errorf("event %s: %v away, accepted is %v; that the scheme covers the time is %v", event.Name, off, accepted, scheme.CoversTime())
			}
		}
		for i := range d.Body {
			flipped := bytes.Clone(d.Body)
			flipped[i] ^= 1
			if accepted := verify(secret, flipped) == nil; accepted == scheme.CoversBody() {
				t.Errorf("event %s: with byte %d flipped, accepted is %v; that the scheme covers the body is %v", event.Name, i, accepted, scheme.CoversBody())
				break
			}
		}
	}
}
