package openapi_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/openapi"
)

// The vectors of hmac-sha256 are test cases 1, 2 and 6 of RFC 4231, section 4; those of base64-key are of RFC 4648,
// section 10, and the key that the documentation of these services shows.
func TestSignaturesMeetPublishedVectors(t *testing.T) {
	for _, v := range []struct {
		scheme, encoding, secret, body, want string
	}{
		{"hmac-sha256", "hex", strings.Repeat("\x0b", 20), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{"hmac-sha256", "hex", "Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{"hmac-sha256", "base64", "Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="},
		{"hmac-sha256", "", "Jefe", "what do ya want for nothing?", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="},
		{"hmac-sha256", "hex", strings.Repeat("\xaa", 131), "Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{"base64-key", "", "foobar", "any body", "Zm9vYmFy"},
		{"base64-key", "base64", "pk_demo_123", "any body", "cGtfZGVtb18xMjM="},
	} {
		s := openapi.Signature{Scheme: v.scheme, Encoding: v.encoding, Secret: "public_key"}
		now := time.Now()
		m := openapi.Message{Sent: now, Body: []byte(v.body)}
		if got, err := s.Sign([]byte(v.secret), m); got != v.want || err != nil {
			t.Errorf("%s %s of %q = %s (%v), want %s", v.scheme, v.encoding, v.body, got, err, v.want)
		}
		if err := s.Verify([]byte(v.secret), v.want, m, now); err != nil {
			t.Errorf("%s %s refuses its own signature: %v", v.scheme, v.encoding, err)
		}
		if err := s.Verify([]byte(v.secret+"x"), v.want, m, now); !errors.Is(err, openapi.ErrSignature) {
			t.Errorf("%s %s accepts another secret", v.scheme, v.encoding)
		}
		m.Body = []byte(v.body + " ")
		if err := s.Verify([]byte(v.secret), v.want, m, now); (err == nil) != (v.scheme == "base64-key") {
			t.Errorf("%s %s on a changed body: %v", v.scheme, v.encoding, err)
		}
	}
}

// The vector of standard-webhooks is that of the specification's own libraries; that of standard-webhooks-ed25519 is
// Svix's, in the tests of its server, with the private key in either form. That of t-v1 was computed by another
// program: printf '1614265330.{"test": 2432232314}' | openssl dgst -sha256 -hmac umbra_secret_5f2b
func TestSignaturesWithATime(t *testing.T) {
	sent := time.Unix(1614265330, 0)
	for _, v := range []struct {
		scheme, secret, other, text, late string
	}{
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_NfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
			"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", ""},
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==", "whsk_5Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=",
			"v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==", ""},
		{"t-v1", "umbra_secret_5f2b", "umbra_secret_5f2c",
			"t=1614265330,v1=286e3740017ea3a81e2979a131f45ea4f6d6aa47c0478f2623075a81c7b4bf19",
			"t=1614265331,v1=286e3740017ea3a81e2979a131f45ea4f6d6aa47c0478f2623075a81c7b4bf19"},
	} {
		t.Run(v.scheme, func(t *testing.T) {
			s := openapi.Signature{Scheme: v.scheme, Secret: "secret"}
			m := openapi.Message{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", Sent: sent, Body: []byte(`{"test": 2432232314}`)}
			if got, err := s.Sign([]byte(v.secret), m); got != v.text || err != nil {
				t.Fatalf("signed %s, %v, want %s", got, err, v.text)
			}
			verify := func(what string, good bool, secret, text string, m openapi.Message, now time.Time) {
				t.Helper()
				if err := s.Verify([]byte(secret), text, m, now); (err == nil) != good || !good && !errors.Is(err, openapi.ErrSignature) {
					t.Errorf("%s: %v", what, err)
				}
			}
			verify("as it was sent", true, v.secret, v.text, m, sent)
			verify("almost too late", true, v.secret, v.text, m, sent.Add(openapi.Tolerance))
			verify("almost too early", true, v.secret, v.text, m, sent.Add(-openapi.Tolerance))
			verify("too late", false, v.secret, v.text, m, sent.Add(openapi.Tolerance+time.Second))
			verify("too early", false, v.secret, v.text, m, sent.Add(-openapi.Tolerance-time.Second))
			verify("another secret", false, v.other, v.text, m, sent)
			verify("nothing", false, v.secret, "", m, sent)
			for i := range m.Body {
				flipped := m
				flipped.Body = slices.Clone(m.Body)
				flipped.Body[i] ^= 1
				verify(fmt.Sprintf("byte %d flipped", i), false, v.secret, v.text, flipped, sent)
			}
			for i := range v.text {
				text := []byte(v.text)
				text[i] ^= 1
				verify(fmt.Sprintf("character %d of the signature flipped", i), false, v.secret, string(text), m, sent)
			}
			if v.late != "" { // the time is in the text
				verify("another time", false, v.secret, v.late, m, sent)
				return
			}
			later, other := m, m
			later.Sent, other.ID = sent.Add(time.Second), "msg_other"
			verify("another time", false, v.secret, v.text, later, sent)
			verify("another delivery", false, v.secret, v.text, other, sent)
			verify("the second of two", true, v.secret, "v1,AAAA "+v.text, m, sent)
			verify("two that are wrong", false, v.secret, "v1,AAAA v2,BBBB", m, sent)
		})
	}
}

// Receivers know the public half of a private key, and the whole of any other secret.
func TestKnown(t *testing.T) {
	for _, v := range []struct{ scheme, secret, want string }{
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="},
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		{"token", "t", "t"},
	} {
		s := openapi.Signature{Scheme: v.scheme, Secret: "secret"}
		if got, err := s.Known(v.secret); got != v.want || err != nil {
			t.Errorf("of %s %s is known: %s, %v, want %s", v.scheme, v.secret, got, err, v.want)
		}
		if s.Shared() != (v.want == v.secret) {
			t.Errorf("%s: shared is %v", v.scheme, s.Shared())
		}
	}
	s := openapi.Signature{Scheme: "standard-webhooks-ed25519", Secret: "signing_secret"}
	for secret, want := range map[string]string{
		"whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=": "want the private key, whsk_",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw":            "begins with whsk_",
		"whsk_%":                                            "is base64 after whsk_",
		"whsk_MfKQ9r8GKYqrTwjUPD8=":                         "has 32 bytes, or 64",
		"whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlaaaaaaaaaaAJ6p9lMicMFs6Kvg==": "not another's",
	} {
		for what, err := range map[string]error{"Known": second(s.Known(secret)), "Sign": second(s.Sign([]byte(secret), openapi.Message{}))} {
			if err == nil || !strings.Contains(err.Error(), "signing_secret") || !strings.Contains(err.Error(), want) {
				t.Errorf("%s of %s: %v, want %q", what, secret, err, want)
			}
		}
	}
}

func second(_ string, err error) error { return err }

// A secret that cannot be one is said to be so, rather than signed with.
func TestSecretsOfStandardWebhooks(t *testing.T) {
	s := openapi.Signature{Scheme: "standard-webhooks", Secret: "signing_secret"}
	for secret, want := range map[string]string{
		"":             "begins with whsec_",
		"c2VjcmV0":     "begins with whsec_",
		"whsec_":       "has something after",
		"whsec_secret": "is base64 after whsec_",
	} {
		_, err := s.Sign([]byte(secret), openapi.Message{})
		if err == nil || !strings.Contains(err.Error(), "signing_secret") || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", secret, err, want)
		}
		if err := s.Verify([]byte(secret), "v1,AAAA", openapi.Message{}, time.Unix(0, 0)); err == nil {
			t.Errorf("%q verifies", secret)
		}
	}
}
