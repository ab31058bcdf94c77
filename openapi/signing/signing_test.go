package signing_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/openapi/signing"
)

func config(scheme, encoding string) signing.Config {
	return signing.Config{Scheme: scheme, Encoding: encoding, Secret: "signing_secret"}
}

// other is a different secret of the same form.
func other(t *testing.T, c signing.Config, secret string) string {
	t.Helper()
	key, err := c.Key([]byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	key = bytes.Clone(key)
	key[0] ^= 1
	return c.EncodeKey(key)
}

// Every vector signs and verifies; no changed secret, body, time, id or signature does, as far as the scheme covers it.
func TestVectors(t *testing.T) {
	for _, v := range signing.Vectors() {
		c := config(v.Scheme, v.Encoding)
		t.Run(fmt.Sprintf("%s %s, %s", v.Scheme, v.Encoding, v.Source), func(t *testing.T) {
			if got, err := c.Sign([]byte(v.Secret), v.Message); got != v.Text || err != nil {
				t.Fatalf("signed %s, %v, want %s", got, err, v.Text)
			}
			sent := v.Message.Sent
			verify := func(name string, valid bool, secret, text string, m signing.Message, now time.Time) {
				t.Helper()
				if err := c.Verify([]byte(secret), text, m, now); (err == nil) != valid || !valid && !errors.Is(err, signing.ErrSignature) {
					t.Errorf("%s: %v", name, err)
				}
			}
			verify("unchanged", true, v.Secret, v.Text, v.Message, sent)
			verify("oldest", true, v.Secret, v.Text, v.Message, sent.Add(signing.Tolerance))
			verify("newest", true, v.Secret, v.Text, v.Message, sent.Add(-signing.Tolerance))
			verify("stale", !c.CoversTime(), v.Secret, v.Text, v.Message, sent.Add(signing.Tolerance+time.Second))
			verify("from the future", !c.CoversTime(), v.Secret, v.Text, v.Message, sent.Add(-signing.Tolerance-time.Second))
			verify("another secret", false, other(t, c, v.Secret), v.Text, v.Message, sent)
			verify("empty", false, v.Secret, "", v.Message, sent)
			for i := range v.Message.Body {
				flipped := v.Message
				flipped.Body = slices.Clone(v.Message.Body)
				flipped.Body[i] ^= 1
				verify(fmt.Sprintf("byte %d flipped", i), !c.CoversBody(), v.Secret, v.Text, flipped, sent)
			}
			for i := range v.Text {
				text := []byte(v.Text)
				text[i] ^= 1
				verify(fmt.Sprintf("character %d of the signature flipped", i), false, v.Secret, string(text), v.Message, sent)
			}
			anotherID, later := v.Message, v.Message
			anotherID.ID, later.Sent = "msg_other", sent.Add(time.Second)
			verify("another id", !c.CoversID(), v.Secret, v.Text, anotherID, sent)
			if stamped := c.Stamp(v.Text, "1614265331"); stamped != v.Text {
				verify("another time in the text", false, v.Secret, stamped, v.Message, sent)
			} else {
				verify("another time", !c.CoversTime(), v.Secret, v.Text, later, sent)
			}
		})
	}
}

// A row without a vector is not proved by anybody but us.
func TestSchemesHaveVectors(t *testing.T) {
	vectors := signing.Vectors()
	for _, s := range signing.Schemes() {
		for i, encoding := range s.Encodings {
			if !slices.ContainsFunc(vectors, func(v signing.Vector) bool {
				return v.Scheme == s.Name && (v.Encoding == encoding || v.Encoding == "" && i == 0)
			}) {
				t.Errorf("no published vector of %s in %s", s.Name, encoding)
			}
		}
	}
}

// A scheme with versioned signatures accepts several, and ignores those of another version.
func TestSeveralSignatures(t *testing.T) {
	for _, v := range signing.Vectors() {
		c := config(v.Scheme, v.Encoding)
		if !c.Versioned() {
			continue
		}
		stamp, parts := c.Split(v.Text)
		if len(parts) != 1 || c.Join(stamp, parts...) != v.Text || c.Digest(v.Text) != parts[0].Digest {
			t.Fatalf("%s splits into %q %q", v.Text, stamp, parts)
		}
		wrong, foreign := signing.Part{Version: c.Version(), Digest: c.Forge([64]byte{1}, v.Secret)}, signing.Part{Version: c.OtherVersion(), Digest: parts[0].Digest}
		for want, text := range map[bool]string{true: c.Join(stamp, wrong, foreign, parts[0]), false: c.Join(stamp, wrong, foreign)} {
			if err := c.Verify([]byte(v.Secret), text, v.Message, v.Message.Sent); (err == nil) != want {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

func TestForge(t *testing.T) {
	for _, v := range signing.Vectors() {
		c := config(v.Scheme, v.Encoding)
		forged := c.Forge([64]byte{7}, v.Secret)
		if len(forged) != len(c.Digest(v.Text)) && c.CoversBody() {
			t.Errorf("%s: forged %q, which is not as long as %q", v.Scheme, forged, c.Digest(v.Text))
		}
		if c.Verify([]byte(v.Secret), c.Join("1614265330", signing.Part{Version: c.Version(), Digest: forged}), v.Message, v.Message.Sent) == nil {
			t.Errorf("%s: forged %q verifies", v.Scheme, forged)
		}
	}
}

func TestSignBody(t *testing.T) {
	for scheme, want := range map[string]string{
		"t-v1":              "v1=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		"standard-webhooks": "v1,W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
		"hmac-sha256":       "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=",
	} {
		if got := config(scheme, "").SignBody([]byte("Jefe"), []byte("what do ya want for nothing?")); got != want {
			t.Errorf("%s: %s, want %s", scheme, got, want)
		}
	}
}

func TestUnsigned(t *testing.T) {
	var c signing.Config
	m := signing.Message{Sent: time.Unix(1700000000, 0), Body: []byte("any")}
	if text, err := c.Sign([]byte("x"), m); text != "" || err != nil || c.Signs() || c.Shared() {
		t.Errorf("signed %q, %v", text, err)
	}
	if err := c.Verify([]byte("x"), "", m, m.Sent); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("verified: %v", err)
	}
	if err := config("token", "").Verify(nil, "", m, m.Sent); !errors.Is(err, signing.ErrSignature) {
		t.Errorf("an empty secret proves something: %v", err)
	}
}

// Receivers hold the public half of a key pair, and the whole of any other secret.
func TestReceiverSecret(t *testing.T) {
	for _, v := range []struct{ scheme, secret, want string }{
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="},
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbc=", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="},
		{"standard-webhooks", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
		{"token", "t", "t"},
	} {
		c := config(v.scheme, "")
		if got, err := c.ReceiverSecret(v.secret); got != v.want || err != nil {
			t.Errorf("%s %s: %s, %v, want %s", v.scheme, v.secret, got, err, v.want)
		}
		if c.Shared() != (v.want == v.secret) {
			t.Errorf("%s: shared is %v", v.scheme, c.Shared())
		}
	}
}

// An unusable secret is reported with the name of its credential.
func TestUnusableSecrets(t *testing.T) {
	for _, v := range []struct{ scheme, secret, want string }{
		{"standard-webhooks-ed25519", "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=", "use the private key, whsk_"},
		{"standard-webhooks-ed25519", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "must begin with whsk_"},
		{"standard-webhooks-ed25519", "whsk_%", "must be base64 after whsk_"},
		{"standard-webhooks-ed25519", "whsk_MfKQ9r8GKYqrTwjUPD8=", "want 32, or 64"},
		{"standard-webhooks-ed25519", "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlaaaaaaaaaaAJ6p9lMicMFs6Kvg==", "public key of another"},
		{"standard-webhooks", "", "must begin with whsec_"},
		{"standard-webhooks", "c2VjcmV0", "must begin with whsec_"},
		{"standard-webhooks", "whsec_", "is empty after whsec_"},
		{"standard-webhooks", "whsec_secret", "must be base64 after whsec_"},
	} {
		c := config(v.scheme, "")
		_, signErr := c.Sign([]byte(v.secret), signing.Message{})
		errs := map[string]error{"Sign": signErr, "Verify": c.Verify([]byte(v.secret), "v1,AAAA", signing.Message{}, time.Unix(0, 0))}
		if !c.Shared() {
			_, errs["ReceiverSecret"] = c.ReceiverSecret(v.secret)
		}
		for name, err := range errs {
			if err == nil || !strings.Contains(err.Error(), "signing_secret") || !strings.Contains(err.Error(), v.want) {
				t.Errorf("%s of %q: %v, want %q", name, v.secret, err, v.want)
			}
		}
		if got := string(c.KeyOrText(v.secret)); got != v.secret {
			t.Errorf("%q is taken as %q", v.secret, got)
		}
	}
}

// Only text that was signed with the secret is accepted.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("pk_demo_123"), "cGtfZGVtb18xMjM=", []byte(`{}`))
	f.Add([]byte(""), "", []byte(""))
	f.Add([]byte("\x00"), "AA==", []byte("x"))
	f.Add([]byte("\x00"), "AB==", []byte("x"))
	s := config("base64-key", "")
	f.Fuzz(func(t *testing.T, secret []byte, text string, body []byte) {
		now := time.Unix(1700000000, 0)
		m := signing.Message{Sent: now, Body: body}
		signed, err := s.Sign(secret, m)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Verify(secret, signed, m, now); (err == nil) != (len(secret) > 0) {
			t.Fatalf("its own signature %q: %v", signed, err)
		}
		if err := s.Verify(secret, text, m, now); err == nil && text != signed {
			t.Fatalf("%q was accepted for %q", text, signed)
		}
	})
}
