package openapi

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// ErrSignature says that a signature does not belong to the message and the secret, or no longer.
var ErrSignature = errors.New("signature does not match")

// Tolerance is how far the time that is signed may lie from the receiver's own, to either side, where a scheme signs one.
const Tolerance = 5 * time.Minute

// Signature says how a provider proves that a webhook is its own.
type Signature struct {
	// Scheme is one of
	//
	//	base64-key         the secret itself in base64, which proves no more than that the sender knows it
	//	token              the secret as it is, likewise
	//	hmac-sha256        the keyed hash of the exact bytes of the body
	//	standard-webhooks  Standard Webhooks 1.0.0: v1, and the hash, in base64, of delivery, time and body; the secret is
	//	                   whsec_ and base64
	//	t-v1               t=, the time, ,v1= and the hash, in hex, of time and body
	//	standard-webhooks-ed25519
	//	                   Standard Webhooks 1.0.0: v1a, and the Ed25519 signature, in base64, of delivery, time and body; the
	//	                   secret is whsk_ and base64 of the private key, of which receivers know the public half: see Known
	Scheme string `yaml:"scheme"`
	// Encoding of a hash is base64, which is the default, or hex. The last three schemes have their own.
	Encoding string `yaml:"encoding"`
	// Algorithm is the word with which a header names the way of signing, such as HMAC_SHA256_HEX, where one does. Whoever
	// sends can write another word there, so a receiver is to insist on this one.
	Algorithm string `yaml:"algorithm"`
	// Secret names the credential of the account that is the secret.
	Secret string `yaml:"secret"`
}

// Message is what is signed.
type Message struct {
	ID   string    // the delivery's, the same on each of its attempts
	Sent time.Time // wall time of the attempt; only whole seconds count
	Body []byte    // exactly as it is sent
}

var encodings = map[string]func([]byte) string{
	"":       base64.StdEncoding.EncodeToString,
	"base64": base64.StdEncoding.EncodeToString,
	"hex":    hex.EncodeToString,
}

// CoversBody reports whether the signature depends on the body, so that a receiver can tell a changed one.
func (s Signature) CoversBody() bool { return schemes[s.Scheme].coversBody }

// CoversTime reports whether the signature depends on when the message was sent, so that a receiver can tell an old one.
func (s Signature) CoversTime() bool { return schemes[s.Scheme].coversTime }

// Shared reports whether the receiver holds the very secret that signs, rather than a public key.
func (s Signature) Shared() bool { return s.Scheme != "" && schemes[s.Scheme].known == nil }

// Known is what a receiver has to know of a secret: the secret itself, or its public half, whpk_ and base64, where the
// scheme has one. The error says what is wrong with the secret.
func (s Signature) Known(secret string) (string, error) {
	if known := schemes[s.Scheme].known; known != nil {
		text, err := known([]byte(secret))
		if err != nil {
			return "", fmt.Errorf("%s: %w", s.Secret, err)
		}
		return text, nil
	}
	return secret, nil
}

// Sign returns the signature's text. The error says what is wrong with the secret.
func (s Signature) Sign(secret []byte, m Message) (string, error) {
	key, err := s.Key(secret)
	if err != nil {
		return "", err
	}
	return schemes[s.Scheme].sign(key, m, encodings[s.Encoding]), nil
}

// Key returns the bytes of a secret that are signed with. The error says what is wrong with the secret.
func (s Signature) Key(secret []byte) ([]byte, error) {
	how := schemes[s.Scheme]
	if how.key == nil {
		return secret, nil
	}
	key, err := how.key(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Secret, err)
	}
	return key, nil
}

// signWith is Sign, with a key of no bytes for an empty secret where that is what is asked for.
func (s Signature) signWith(secret string, maybeEmpty bool, m Message) (string, error) {
	if how := schemes[s.Scheme]; secret == "" && maybeEmpty && how.sign != nil {
		return how.sign(nil, m, encodings[s.Encoding]), nil
	}
	return s.Sign([]byte(secret), m)
}

// Verify judges a signature as a careful receiver does, who looks at his own clock as well. Of the message, ID and Sent
// are what came beside the signature; where the time is in the signature's text, Sent is not looked at. The error is
// [ErrSignature], unless the secret cannot be one.
func (s Signature) Verify(secret []byte, text string, m Message, now time.Time) error {
	how := schemes[s.Scheme]
	if how.sent != nil {
		sent, err := how.sent(text)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrSignature, err)
		}
		m.Sent = sent
	}
	if apart := now.Sub(m.Sent).Abs(); how.coversTime && apart > Tolerance {
		return fmt.Errorf("%w: it was sent %v away from now", ErrSignature, apart)
	}
	want, err := s.Sign(secret, m)
	if err != nil {
		return err
	}
	given := []string{text}
	if how.several { // while a secret is being replaced, both sign
		given = strings.Split(text, " ")
	}
	for _, one := range given {
		if want != "" && subtle.ConstantTimeCompare([]byte(want), []byte(one)) == 1 {
			return nil
		}
	}
	return ErrSignature
}

func (s Signature) check() error {
	how := schemes[s.Scheme]
	if how.sign == nil {
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(schemes)), func(name string) bool { return name == "" })
		return fmt.Errorf("signature scheme %q is not known: want %s", s.Scheme, strings.Join(names, ", "))
	}
	if how.plain && s.Encoding != "" {
		return fmt.Errorf("signature scheme %s takes no encoding", s.Scheme)
	}
	if encodings[s.Encoding] == nil || s.Encoding == "hex" && !how.coversBody {
		return fmt.Errorf("signature encoding %q is not known for %s: want base64, or hex for a hash", s.Encoding, s.Scheme)
	}
	if s.Algorithm != "" && s.Scheme != "hmac-sha256" {
		return fmt.Errorf("signature algorithm: the headers of %s name none, only those of hmac-sha256 may", s.Scheme)
	}
	if s.Scheme != "" && s.Secret == "" {
		return fmt.Errorf("signature scheme %s needs secret: the name of a credential", s.Scheme)
	}
	return nil
}
