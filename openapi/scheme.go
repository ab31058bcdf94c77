package openapi

import (
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
