package signing

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Key is how a secret becomes the bytes that sign. The zero value takes the secret as it is.
type Key struct {
	Prefix string // precedes the key in base64, such as whsec_
	Public string // of a key pair: precedes the public half in base64, which receivers hold
}

// Shared reports whether receivers hold the signing secret, rather than a public key.
func (c Config) Shared() bool { return c.Signs() && c.row().Key.Public == "" }

// EncodedKey reports whether the shared secret is the encoding of a key, rather than the key.
func (c Config) EncodedKey() bool { return c.Shared() && c.row().Key.Prefix != "" }

// Key returns the bytes that a secret signs with. The error reports an unusable secret.
func (c Config) Key(secret []byte) ([]byte, error) {
	key, err := c.row().Key.decode(secret)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Secret, err)
	}
	return key, nil
}

// KeyOrText returns the bytes that a secret signs with, or the secret itself where it is unusable: a checker signs with
// whatever it was given.
func (c Config) KeyOrText(secret string) []byte {
	if key, err := c.Key([]byte(secret)); err == nil {
		return key
	}
	return []byte(secret)
}

// EncodeKey writes a key as a secret: the opposite of [Config.Key].
func (c Config) EncodeKey(key []byte) string {
	if prefix := c.row().Key.Prefix; prefix != "" {
		return prefix + base64.StdEncoding.EncodeToString(key)
	}
	return string(key)
}

// ReceiverSecret returns the key of a receiver: the secret, or the public half of a key pair. The error reports an
// unusable secret.
func (c Config) ReceiverSecret(secret string) (string, error) {
	k := c.row().Key
	if k.Public == "" {
		return secret, nil
	}
	seed, err := c.Key([]byte(secret))
	if err != nil {
		return "", err
	}
	return k.Public + base64.StdEncoding.EncodeToString(public(seed)), nil
}

// PublicKey returns the public half of a seed, in bytes and as a receiver's secret; for keys that attackers offer.
func (c Config) PublicKey(seed []byte) (raw []byte, text string) {
	raw = public(seed)
	return raw, c.row().Key.Public + base64.StdEncoding.EncodeToString(raw)
}

func public(seed []byte) []byte {
	key, _ := pair(seed).Public().(ed25519.PublicKey)
	return key
}

func (k Key) decode(secret []byte) ([]byte, error) {
	if k.Prefix == "" {
		return secret, nil
	}
	text, ok := strings.CutPrefix(string(secret), k.Prefix)
	if !ok {
		if k.Public != "" && strings.HasPrefix(string(secret), k.Public) {
			return nil, fmt.Errorf("a public key (%s) cannot sign: use the private key, %s", k.Public, k.Prefix)
		}
		return nil, fmt.Errorf("secret must begin with %s", k.Prefix)
	}
	key, err := base64.StdEncoding.DecodeString(text)
	switch {
	case err != nil:
		return nil, fmt.Errorf("secret must be base64 after %s: %w", k.Prefix, err)
	case len(key) == 0:
		return nil, fmt.Errorf("secret is empty after %s", k.Prefix)
	case k.Public != "":
		return seedOf(key)
	}
	return key, nil
}

// seedOf takes a seed, with or without its public key appended.
func seedOf(key []byte) ([]byte, error) {
	switch {
	case len(key) != ed25519.SeedSize && len(key) != ed25519.PrivateKeySize:
		return nil, fmt.Errorf("private key has %d bytes, want %d, or %d with the public key appended", len(key), ed25519.SeedSize, ed25519.PrivateKeySize)
	case len(key) == ed25519.PrivateKeySize && !bytes.Equal(ed25519.NewKeyFromSeed(key[:ed25519.SeedSize]), key):
		return nil, errors.New("private key is followed by the public key of another")
	}
	return key[:ed25519.SeedSize], nil
}
