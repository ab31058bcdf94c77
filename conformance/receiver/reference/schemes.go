package reference

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"net/http"
)

// What the provider of digest-alg says of its signature.
const (
	algorithmHeader = "X-Payload-Digest-Alg"
	algorithm       = "HMAC_SHA256_HEX"
)

// lines are the places in which a request says who sent it.
func (r *Receiver) lines(req *http.Request) []string {
	lines := req.Header.Values(header[r.Scheme])
	if r.Scheme == "cloudevents" && !r.has("does not look for the token in the query") {
		for _, token := range req.URL.Query()["access_token"] {
			lines = append(lines, "Bearer "+token)
		}
	}
	return lines
}

// signedBy judges an Ed25519 signature by a public key.
func (r *Receiver) signedBy(key []byte, req *http.Request, body []byte, given string) bool {
	signature, err := base64.StdEncoding.DecodeString(given)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	signed := append([]byte(req.Header.Get("Webhook-Id")+"."+req.Header.Get("Webhook-Timestamp")+"."), body...)
	return ed25519.Verify(key, signed, signature)
}

// chosen judges a signature by the algorithm that the request names, which is a flaw.
func (r *Receiver) chosen(req *http.Request, body []byte, given string) bool {
	by := map[string]func() hash.Hash{algorithm: sha256.New, "HMAC_SHA1_HEX": sha1.New, "HMAC_SHA512_HEX": sha512.New}[req.Header.Get(algorithmHeader)]
	if by == nil {
		return false
	}
	h := hmac.New(by, r.key(0))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)) == given
}

// signedBefore judges what the provider sent before it signed as it does, which is a flaw.
func (r *Receiver) signedBefore(req *http.Request, body []byte) bool {
	given := req.Header.Get("X-Signature")
	return given != "" && (given == base64.StdEncoding.EncodeToString([]byte(r.Secrets[0])) || r.Scheme == "t-v1" && given == hex.EncodeToString(digest(r.key(0), "", body)))
}
