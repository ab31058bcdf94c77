package openapi

import (
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// scheme is a way to sign.
type scheme struct {
	// sign computes the text of a signature. encode is how the folder wants bytes to be written.
	sign func(key []byte, m Message, encode func([]byte) string) string
	// key is the key that a secret stands for; nil where that is the secret itself.
	key func(secret []byte) ([]byte, error)
	// known is what a receiver knows of a secret; nil where that is the secret itself.
	known func(secret []byte) (string, error)
	// sent reads from a signature when its message was sent; nil where that is not in it.
	sent func(text string) (time.Time, error)

	coversBody, coversTime bool
	plain                  bool // the text is as it is, and takes no encoding
	several                bool // a header may carry several signatures, with a space between
}

var schemes = map[string]scheme{
	"":           {sign: func([]byte, Message, func([]byte) string) string { return "" }},
	"base64-key": {sign: func(key []byte, _ Message, encode func([]byte) string) string { return encode(key) }},
	"token":      {sign: func(key []byte, _ Message, _ func([]byte) string) string { return string(key) }, plain: true},
	"hmac-sha256": {coversBody: true, sign: func(key []byte, m Message, encode func([]byte) string) string {
		return encode(hash(key, "", m.Body))
	}},
	// github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, version 1.0.0, symmetric signatures.
	"standard-webhooks": {coversBody: true, coversTime: true, plain: true, several: true, key: whsec,
		sign: func(key []byte, m Message, _ func([]byte) string) string {
			prefix := m.ID + "." + strconv.FormatInt(m.Sent.Unix(), 10) + "."
			return "v1," + base64.StdEncoding.EncodeToString(hash(key, prefix, m.Body))
		}},
	// The same with the specification's asymmetric signatures.
	"standard-webhooks-ed25519": {coversBody: true, coversTime: true, plain: true, several: true, key: whsk, known: whpk,
		sign: func(key []byte, m Message, _ func([]byte) string) string {
			seed := make([]byte, ed25519.SeedSize) // a key of no bytes is one of zeros
			copy(seed, key)
			signed := append([]byte(m.ID+"."+strconv.FormatInt(m.Sent.Unix(), 10)+"."), m.Body...)
			return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(ed25519.NewKeyFromSeed(seed), signed))
		}},
	// As payment providers do: one header with the time and the hash.
	"t-v1": {coversBody: true, coversTime: true, plain: true, sent: timeOf,
		sign: func(key []byte, m Message, _ func([]byte) string) string {
			at := strconv.FormatInt(m.Sent.Unix(), 10)
			return "t=" + at + ",v1=" + hex.EncodeToString(hash(key, at+".", m.Body))
		}},
}

// hash is the HMAC-SHA256 of a prefix and a body.
func hash(key []byte, prefix string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(prefix))
	h.Write(body)
	return h.Sum(nil)
}

// whsec reads a secret of Standard Webhooks.
func whsec(secret []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(secret), "whsec_")
	key, err := base64.StdEncoding.DecodeString(text)
	switch {
	case !ok:
		return nil, errors.New("a secret of Standard Webhooks begins with whsec_")
	case err != nil:
		return nil, fmt.Errorf("a secret of Standard Webhooks is base64 after whsec_: %w", err)
	case len(key) == 0:
		return nil, errors.New("a secret of Standard Webhooks has something after whsec_")
	}
	return key, nil
}

// whsk reads a private key of Standard Webhooks: the seed, with or without the public key behind it.
func whsk(secret []byte) ([]byte, error) {
	text, ok := strings.CutPrefix(string(secret), "whsk_")
	key, err := base64.StdEncoding.DecodeString(text)
	switch {
	case strings.HasPrefix(string(secret), "whpk_"):
		return nil, errors.New("a public key, whpk_, cannot sign: want the private key, whsk_")
	case !ok:
		return nil, errors.New("a private key of Standard Webhooks begins with whsk_")
	case err != nil:
		return nil, fmt.Errorf("a private key of Standard Webhooks is base64 after whsk_: %w", err)
	case len(key) != ed25519.SeedSize && len(key) != ed25519.PrivateKeySize:
		return nil, fmt.Errorf("a private key of Standard Webhooks has %d bytes, or %d with the public key behind it, not %d", ed25519.SeedSize, ed25519.PrivateKeySize, len(key))
	case len(key) == ed25519.PrivateKeySize && !bytes.Equal(ed25519.NewKeyFromSeed(key[:ed25519.SeedSize]), key):
		return nil, errors.New("a private key of Standard Webhooks has its own public key behind it, not another's")
	}
	return key[:ed25519.SeedSize], nil
}

// whpk is the public half of a private key of Standard Webhooks.
func whpk(secret []byte) (string, error) {
	seed, err := whsk(secret)
	if err != nil {
		return "", err
	}
	public, _ := ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
	return "whpk_" + base64.StdEncoding.EncodeToString(public), nil
}

// timeOf reads the time out of t=…,v1=….
func timeOf(text string) (time.Time, error) {
	first, _, _ := strings.Cut(text, ",")
	digits, ok := strings.CutPrefix(first, "t=")
	seconds, err := strconv.ParseInt(digits, 10, 64)
	if !ok || err != nil {
		return time.Time{}, errors.New("it does not begin with t= and a time in seconds")
	}
	return time.Unix(seconds, 0), nil
}
