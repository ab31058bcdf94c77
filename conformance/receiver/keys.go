package receiver

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash"
	"net/http"
	"strings"
)

// What attackers bring along: a key pair of their own, and an address at which it can be had.
const (
	offeredKid  = "k-1"
	offeredPath = "/somebody-elses/jwks.json"
)

// offer is a public key in the forms in which it may be offered.
type offer struct{ text, jwk string }

// attacker is a key that only the sender of this event knows.
func (p *Profile) attacker() []byte {
	seed := sha256.Sum256([]byte("attacker " + p.nonce))
	return seed[:]
}

// offered is its public half.
func (p *Profile) offered() offer {
	public, _ := pair(p.attacker()).Public().(ed25519.PublicKey)
	return offer{
		text: "whpk_" + base64.StdEncoding.EncodeToString(public),
		jwk:  fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}`, offeredKid, base64.RawURLEncoding.EncodeToString(public)),
	}
}

// offer answers with the attacker's keys, as somebody's server would.
func (p *Profile) offer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, p.offered().jwk) // whoever has gone needs no answer
}

// pair is the key pair of a seed; what is no seed is made one.
func pair(key []byte) ed25519.PrivateKey {
	if len(key) != ed25519.SeedSize {
		seed := sha256.Sum256(key)
		key = seed[:]
	}
	return ed25519.NewKeyFromSeed(key)
}

// named is the word that stands for the algorithm where another one than the provider's was taken.
func (s *signing) named(how string) (string, bool) {
	word := s.signature.Algorithm
	if word == "" {
		return "", false
	}
	switch how {
	case "alg-none":
		return "none", true
	case "alg-sha1":
		return strings.ReplaceAll(word, "256", "1"), true
	case "alg-sha512":
		return strings.ReplaceAll(word, "256", "512"), true
	}
	return "", false
}

func hashed(by func() hash.Hash, key, body []byte) []byte {
	h := hmac.New(by, key)
	h.Write(body)
	return h.Sum(nil)
}

// encode writes a digest as the provider does.
func (p *Profile) encode(digest []byte) string {
	if p.signature.Encoding == "hex" {
		return hex.EncodeToString(digest)
	}
	return base64.StdEncoding.EncodeToString(digest)
}
