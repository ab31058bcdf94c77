package openapitest

import (
	"bytes"
	"testing"
	"time"
)

// vectors are what providers, or the standards they refer to, have published of each scheme.
var vectors = map[string][]struct {
	secret, body string
	at           time.Time
	text         string
}{
	"token":      {{secret: "6750ba3a4b8a4bd4", body: `{"any":"body"}`, at: at, text: "6750ba3a4b8a4bd4"}},
	"base64-key": {{secret: "pk_demo_123", body: `{"any":"body"}`, at: at, text: "cGtfZGVtb18xMjM="}},
	// RFC 4231, section 4.3, in base64
	"hmac-sha256": {{secret: "Jefe", body: "what do ya want for nothing?", at: at, text: "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="}},
}

// signatures: a delivery carries one that its receiver can verify, and that nobody else could have made, whatever an
// endpoint's switch chooses.
func (s *suite) signatures(t *testing.T) {
	s.signature(t, nil)
	for _, choice := range s.p.Switches()["signature"] {
		t.Run(choice, func(t *testing.T) { s.signature(t, map[string]string{"signature": choice}) })
	}
}

func (s *suite) signature(t *testing.T, switches map[string]string) {
	endpoint := s.p.EndpointValues("e1", "https://app.example.com/hook", switches)
	scheme := s.p.Signature(endpoint)
	if scheme.Scheme == "" {
		return // the provider signs nothing
	}
	if len(vectors[scheme.Scheme]) == 0 {
		t.Errorf("the suite has no published vector of %s", scheme.Scheme)
	}
	for _, v := range vectors[scheme.Scheme] {
		if got := scheme.Sign([]byte(v.secret), []byte(v.body), v.at); got != v.text {
			t.Errorf("%s of %q is %q, published is %q", scheme.Scheme, v.secret, got, v.text)
		}
		if err := scheme.Verify([]byte(v.secret), v.text, []byte(v.body), v.at); err != nil {
			t.Errorf("the published signature %q is refused: %v", v.text, err)
		}
	}
	op := append(s.starting(), s.operations[0])[0]
	for _, event := range s.p.Events() {
		scope := asked(t, s.scope(t, 1, op, "00000000001", nil), op)
		scope.Endpoint = endpoint
		secret, _ := scope.Account[scheme.Secret].(string)
		if secret == "" {
			t.Fatalf("the account has no %s to sign with", scheme.Secret)
		}
		d, err := s.p.Deliver(event.Name, nil, scope, at)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		text := scheme.Sign([]byte(secret), d.Body, at)
		carried := false
		for _, h := range d.Header {
			carried = carried || bytes.Contains([]byte(h[1]), []byte(text))
		}
		if !carried || d.SignedBy != scheme.Secret {
			t.Errorf("event %s: no header carries the signature %q, said to be by %s: %v", event.Name, text, d.SignedBy, d.Header)
		}
		verify := func(secret string, body []byte) error { return scheme.Verify([]byte(secret), text, body, at) }
		if err := verify(secret, d.Body); err != nil {
			t.Errorf("event %s: its own signature is refused: %v", event.Name, err)
		}
		if verify(secret+"x", d.Body) == nil {
			t.Errorf("event %s: another secret's signature is accepted", event.Name)
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
