package mutate

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"

	"github.com/idmock/idmock/conformance/receiver/profile"
)

// An attacker sends a key of their own, or the address of one.
const (
	attackerKeyID = "k-1"
	// AttackerKeysPath is the path at which the checks publish the attacker's keys.
	AttackerKeysPath = "/attacker/jwks.json"
)

// attackerSeed is the key that only the sender of these checks has.
func attackerSeed(p *profile.Profile) []byte {
	seed := sha256.Sum256([]byte("attacker " + p.Options.Nonce))
	return seed[:]
}

// attackerKey is its public half, as a receiver's secret and as a JSON Web Key.
func attackerKey(p *profile.Profile) (text, jwk string) {
	public, text := p.Signing.PublicKey(attackerSeed(p))
	return text, fmt.Sprintf(`{"kty":"OKP","crv":"Ed25519","use":"sig","alg":"EdDSA","kid":%q,"x":%q}`, attackerKeyID, base64.RawURLEncoding.EncodeToString(public))
}

// ServeAttackerKeys responds with the attacker's key set.
func ServeAttackerKeys(p *profile.Profile, w http.ResponseWriter) {
	_, jwk := attackerKey(p)
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"keys":[%s]}`, jwk) // the client may have disconnected
}
