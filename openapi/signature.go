package openapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// ErrSignature says that a signature does not belong to the body and the secret.
var ErrSignature = errors.New("signature does not match")

// Signature says how a provider proves that a webhook is its own.
type Signature struct {
	// Scheme is base64-key, the secret itself in base64, or token, the secret as it is, which prove no more than that the
	// sender knows it; or hmac-sha256, the keyed hash of the exact bytes of the body.
	Scheme string `yaml:"scheme"`
	// Encoding of a hash is base64, which is the default, or hex.
	Encoding string `yaml:"encoding"`
	// Secret names the credential of the account that is the secret.
	Secret string `yaml:"secret"`
}

// scheme computes a signature from a secret and the exact bytes of a body sent at a wall time.
type scheme struct {
	sign       func(secret, body []byte, at time.Time) []byte
	coversBody bool
	plain      bool // the signature is text as it is, and takes no encoding
}

func itself(secret, _ []byte, _ time.Time) []byte { return secret }

var schemes = map[string]scheme{
	"":           {sign: func(_, _ []byte, _ time.Time) []byte { return nil }},
	"base64-key": {sign: itself},
	"token":      {sign: itself, plain: true},
	"hmac-sha256": {coversBody: true, sign: func(secret, body []byte, _ time.Time) []byte {
		hash := hmac.New(sha256.New, secret)
		hash.Write(body)
		return hash.Sum(nil)
	}},
}

var encodings = map[string]func([]byte) string{
	"":       base64.StdEncoding.EncodeToString,
	"base64": base64.StdEncoding.EncodeToString,
	"hex":    hex.EncodeToString,
}

// CoversBody reports whether the signature depends on the body, so that a receiver can tell a changed one.
func (s Signature) CoversBody() bool { return schemes[s.Scheme].coversBody }

// Sign returns the signature's text.
func (s Signature) Sign(secret, body []byte, at time.Time) string {
	how := schemes[s.Scheme]
	if how.plain {
		return string(secret)
	}
	return encodings[s.Encoding](how.sign(secret, body, at))
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
	how := schemes[s.Scheme]
	if how.sign == nil {
		return fmt.Errorf("signature scheme %q is not known: want base64-key, token or hmac-sha256", s.Scheme)
	}
	if encodings[s.Encoding] == nil || s.Encoding == "hex" && !how.coversBody || how.plain && s.Encoding != "" {
		return fmt.Errorf("signature encoding %q is not known for %s: want base64, or hex for a hash", s.Encoding, s.Scheme)
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
