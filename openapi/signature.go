package openapi

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"time"
)

// ErrSignature says that a signature does not belong to the body and the secret.
var ErrSignature = errors.New("signature does not match")

// Signature says how a provider proves that a webhook is its own.
type Signature struct {
	// Scheme is base64-key: the secret itself in base64, which proves no more than that the sender knows it.
	Scheme string `yaml:"scheme"`
	// Secret names the credential of the account that is the secret.
	Secret string `yaml:"secret"`
}

// scheme computes the text of a signature from a secret and the exact bytes of a body sent at a wall time.
type scheme struct {
	sign       func(secret, body []byte, at time.Time) string
	coversBody bool
}

var schemes = map[string]scheme{
	"": {sign: func(_, _ []byte, _ time.Time) string { return "" }},
	"base64-key": {sign: func(secret, _ []byte, _ time.Time) string {
		return base64.StdEncoding.EncodeToString(secret)
	}},
}

// CoversBody reports whether the signature depends on the body, so that a receiver can tell a changed one.
func (s Signature) CoversBody() bool { return schemes[s.Scheme].coversBody }

// Sign returns the signature's text.
func (s Signature) Sign(secret, body []byte, at time.Time) string {
	return schemes[s.Scheme].sign(secret, body, at)
}

// Verify judges a signature as a careful receiver does. The error is [ErrSignature].
func (s Signature) Verify(secret []byte, text string, body []byte, now time.Time) error {
	want := s.Sign(secret, body, now)
	if want == "" || subtle.ConstantTimeCompare([]byte(want), []byte(text)) != 1 {
		return ErrSignature
	}
	return nil
}

func (s Signature) check() error {
	if schemes[s.Scheme].sign == nil {
		return fmt.Errorf("signature scheme %q is not known: want base64-key", s.Scheme)
	}
	if s.Scheme != "" && s.Secret == "" {
		return fmt.Errorf("signature scheme %s needs secret: the name of a credential", s.Scheme)
	}
	return nil
}

// Retry is a table of waits: the first is the time from the first failed attempt to the second attempt.
type Retry []Duration

// After returns how long to wait after so many failed attempts (1 or more), and false when there is no further one.
func (r Retry) After(failed int) (time.Duration, bool) {
	if failed < 1 || failed > len(r) {
		return 0, false
	}
	return time.Duration(r[failed-1]), true
}
