package openapitest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/openapi"
)

// vectors are what providers, or the standards they refer to, have published of each scheme, and of its encoding where that
// is not base64.
var vectors = map[string][]struct {
	secret, body string
	id           string
	at           time.Time
	text         string
}{
	"token":      {{secret: "6750ba3a4b8a4bd4", body: `{"any":"body"}`, at: at, text: "6750ba3a4b8a4bd4"}},
	"base64-key": {{secret: "pk_demo_123", body: `{"any":"body"}`, at: at, text: "cGtfZGVtb18xMjM="}},
	// RFC 4231, section 4.3
	"hmac-sha256":     {{secret: "Jefe", body: "what do ya want for nothing?", at: at, text: "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="}},
	"hmac-sha256 hex": {{secret: "Jefe", body: "what do ya want for nothing?", at: at, text: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}},
	// The vector of the specification's own libraries.
	"standard-webhooks": {{secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: time.Unix(1614265330, 0),
		body: `{"test": 2432232314}`, text: "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}},
	// Of Svix, in the tests of its server.
	"standard-webhooks-ed25519": {{secret: "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==", id: "msg_p5jXN8AQM9LWM0D4loKWxJek", at: time.Unix(1614265330, 0),
		body: `{"test": 2432232314}`, text: "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg=="}},
	// printf '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac umbra_secret_5f2b
	"t-v1": {{secret: "umbra_secret_5f2b", at: time.Unix(1614265330, 0), body: `{"test": 2432232314}`,
		text: "t=1614265330,v1=286e3740017ea3a81e2979a131f45ea4f6d6aa47c0478f2623075a81c7b4bf19"}},
}

// another is a secret of the same form.
func another(secret string) string {
	if text, ok := strings.CutPrefix(secret, "whsec_"); ok {
		return "whsec_AAAA" + text
	}
	if text, ok := strings.CutPrefix(secret, "whsk_"); ok {
		key, err := base64.StdEncoding.DecodeString(text)
		if err == nil && len(key) >= ed25519.SeedSize {
			key[0] ^= 1
			return "whsk_" + base64.StdEncoding.EncodeToString(key[:ed25519.SeedSize]) // another has another public key behind it
		}
	}
	return secret + "x"
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
	published := vectors[strings.TrimSuffix(scheme.Scheme+" "+strings.TrimPrefix(scheme.Encoding, "base64"), " ")]
	if len(published) == 0 {
		t.Errorf("the suite has no published vector of %s %s", scheme.Scheme, scheme.Encoding)
	}
	for _, v := range published {
		m := openapi.Message{ID: v.id, Sent: v.at, Body: []byte(v.body)}
		if got, err := scheme.Sign([]byte(v.secret), m); got != v.text || err != nil {
			t.Errorf("%s of %q is %q (%v), published is %q", scheme.Scheme, v.secret, got, err, v.text)
		}
		if err := scheme.Verify([]byte(v.secret), v.text, m, v.at); err != nil {
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
		id, _ := scope.Delivery["id"].(string)
		m := openapi.Message{ID: id, Sent: at, Body: d.Body}
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
			return scheme.Verify([]byte(secret), text, openapi.Message{ID: id, Sent: at, Body: body}, at)
		}
		if err := verify(secret, d.Body); err != nil {
			t.Errorf("event %s: its own signature is refused: %v", event.Name, err)
		}
		if verify(another(secret), d.Body) == nil {
			t.Errorf("event %s: another secret's signature is accepted", event.Name)
		}
		for _, off := range []time.Duration{-openapi.Tolerance - time.Second, openapi.Tolerance + time.Second} {
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
