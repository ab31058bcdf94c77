package receiver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
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
	public, text := p.signature.PublicKey(p.attacker())
	return offer{
		text: text,
		jwk:  fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}`, offeredKid, base64.RawURLEncoding.EncodeToString(public)),
	}
}

// offer answers with the attacker's keys, as somebody's server would.
func (p *Profile) offer(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, p.offered().jwk) // whoever has gone needs no answer
}

// named is the word that stands for the algorithm where another one than the provider's was taken.
func (s *signedEvent) named(how string) (string, bool) {
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
