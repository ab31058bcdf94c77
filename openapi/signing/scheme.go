// Package signing is the table of webhook signature schemes: how each splits, stamps, signs and verifies a signature.
//
// A scheme is a row of data ([Scheme]); [Config] is a provider's choice among the rows. Whatever differs between schemes
// is a field of the row, so that the mock server, the checks of receivers and the page need no scheme's name. A new
// scheme is a row here with a published [Vector], a profile in conformance/receiver/profiles, and its documentation.
//
// All functions are pure: time, keys and identifiers are arguments. Choosing a secret, rendering headers and damaging
// signatures on purpose do not belong here.
package signing

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"slices"
	"strings"
)

// Scheme is one way to sign a webhook. All of it is data.
type Scheme struct {
	Name   string // as provider.yaml writes it
	Title  string // one line for documentation
	Covers string // the covered text: {id}, {time} and {body} stand for the message's own; empty: the secret is sent
	Digest Digest // the algorithm of the key
	Key    Key    // how a secret becomes a key

	// Encodings are the encodings of a digest that a provider may choose from, the default first: Base64, Hex or Text.
	Encodings []string
	// Fixed means that the scheme has one encoding and that a provider must not name it.
	Fixed bool
	// Named means that a header may name the algorithm, such as HMAC_SHA256_HEX.
	Named bool
	// Layout is how digest and time are written in the signature's text.
	Layout Layout
	// IDHeader and TimeHeader carry the covered id and time where the specification names headers for them.
	IDHeader, TimeHeader string
}

// Digest is the operation that turns covered text and key into a signature.
type Digest string

// The digests.
const (
	Identity   Digest = "identity"    // the key itself: proves only that the sender knows it
	HMACSHA256 Digest = "hmac-sha256" // RFC 2104 with SHA-256
	Ed25519    Digest = "ed25519"     // RFC 8032; the key is the 32-byte seed
)

// Encodings of a digest.
const (
	Base64 = "base64"
	Hex    = "hex"
	Text   = "text" // the bytes as they are
)

// Layout is how a signature's text is composed: [Time ts Separator] Version digest [Separator Version digest …].
type Layout struct {
	Time      string // precedes the time in the text, such as "t="; empty: the time is in a header or not sent
	Version   string // precedes a digest, such as "v1,"
	Other     string // precedes a digest of another version, which receivers must ignore
	Separator string // between parts; empty: the text is one digest
}

// Schemes returns the table, in documentation order.
func Schemes() []Scheme { return slices.Clone(table) }

var table = []Scheme{
	{
		Name: "base64-key", Title: "the secret itself in base64, which proves only that the sender knows it",
		Digest: Identity, Encodings: []string{Base64},
	},
	{
		Name: "token", Title: "the secret itself, which proves only that the sender knows it",
		Digest: Identity, Encodings: []string{Text}, Fixed: true,
	},
	{
		Name: "hmac-sha256", Title: "the keyed hash of the exact bytes of the body",
		Covers: "{body}", Digest: HMACSHA256, Encodings: []string{Base64, Hex}, Named: true,
	},
	{
		// github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md, version 1.0.0, symmetric signatures.
		Name: "standard-webhooks", Title: "Standard Webhooks 1.0.0 with a shared secret (whsec_ and base64): v1 and the keyed hash of id, time and body",
		Covers: "{id}.{time}.{body}", Digest: HMACSHA256, Key: Key{Prefix: "whsec_"}, Encodings: []string{Base64}, Fixed: true,
		Layout: Layout{Version: "v1,", Other: "v1a,", Separator: " "}, IDHeader: "webhook-id", TimeHeader: "webhook-timestamp",
	},
	{
		// The same specification, asymmetric signatures.
		Name: "standard-webhooks-ed25519", Title: "Standard Webhooks 1.0.0 with a key pair (whsk_ and whpk_, base64): v1a and the Ed25519 signature of id, time and body",
		Covers: "{id}.{time}.{body}", Digest: Ed25519, Key: Key{Prefix: "whsk_", Public: "whpk_"}, Encodings: []string{Base64}, Fixed: true,
		Layout: Layout{Version: "v1a,", Other: "v1,", Separator: " "}, IDHeader: "webhook-id", TimeHeader: "webhook-timestamp",
	},
	{
		// As payment providers do.
		Name: "t-v1", Title: "one header, t= and the time, v1= and the keyed hash of time and body in hex",
		Covers: "{time}.{body}", Digest: HMACSHA256, Encodings: []string{Hex}, Fixed: true,
		Layout: Layout{Time: "t=", Version: "v1=", Other: "v0=", Separator: ","},
	},
}

// Lookup returns the scheme of a name. The empty name is the scheme that signs nothing.
func Lookup(name string) (Scheme, bool) {
	for _, s := range table {
		if s.Name == name {
			return s, true
		}
	}
	return Scheme{}, name == ""
}

// covered is the text that is signed, with the placeholders of Covers replaced.
func (s Scheme) covered(c Content) []byte {
	prefix, _, _ := strings.Cut(s.Covers, "{body}")
	text := strings.NewReplacer("{id}", c.ID, "{time}", c.Time).Replace(prefix)
	return append([]byte(text), c.Body...)
}

// digest computes the bytes of a signature over covered text.
func (s Scheme) digest(key, covered []byte) []byte {
	switch s.Digest {
	case HMACSHA256:
		h := hmac.New(sha256.New, key)
		h.Write(covered)
		return h.Sum(nil)
	case Ed25519:
		return ed25519.Sign(pair(key), covered)
	case Identity:
		return key
	}
	return nil
}

// size is the length of a digest in bytes; 0 where it is the length of the key.
func (s Scheme) size() int {
	switch s.Digest {
	case HMACSHA256:
		return sha256.Size
	case Ed25519:
		return ed25519.SignatureSize
	case Identity:
	}
	return 0
}

// pair returns the key pair of a seed. No bytes are a seed of zeros; another length than a seed's is hashed to one.
func pair(key []byte) ed25519.PrivateKey {
	var seed [ed25519.SeedSize]byte
	switch len(key) {
	case 0:
	case ed25519.SeedSize:
		copy(seed[:], key)
	default:
		seed = sha256.Sum256(key)
	}
	return ed25519.NewKeyFromSeed(seed[:])
}
