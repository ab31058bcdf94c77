package reference

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"hash"
	"io"
	"net/http"
)

// What the receiver knows of who may ask it, and about what.
const (
	origin = "provider.example"
	topic  = "https://provider.example/verifications"
)

// What the provider of digest-alg says of its signature.
const (
	algorithmHeader = "X-Payload-Digest-Alg"
	algorithm       = "HMAC_SHA256_HEX"
)

// lines are the places in which a request says who sent it.
func (r *Receiver) lines(req *http.Request) []string {
	lines := req.Header.Values(header[r.Scheme])
	if r.Scheme == "cloudevents" && !r.has(IgnoresQueryToken) {
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

// shaken answers what a provider asks before it sends anything, and reports whether it was that.
func (r *Receiver) shaken(w http.ResponseWriter, req *http.Request) bool {
	query := req.URL.Query()
	token := req.Header.Get("X-Challenge-Token")
	switch {
	case r.Scheme == "cloudevents" && req.Method == http.MethodOptions && !r.has(IgnoresOptions) && !r.has(FailsOnOptions):
		from := req.Header.Get("WebHook-Request-Origin")
		w.Header().Set("Allow", "POST, OPTIONS")
		if from == origin || from != "" && r.has(PermitsAnyOrigin) {
			w.Header().Set("WebHook-Allowed-Origin", from)
			w.Header().Set("WebHook-Allowed-Rate", "*")
		}
		return true
	case r.Scheme == "websub" && req.Method == http.MethodGet && query.Has("hub.challenge"):
		switch {
		case query.Get("hub.topic") != topic && !r.has(ConfirmsAnyTopic):
			answer(w, http.StatusNotFound, said{"there is no such subscription"})
		case r.has(OmitsChallenge):
			answer(w, http.StatusOK, said{})
		default:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, query.Get("hub.challenge")) // whoever has gone needs no answer
		}
		return true
	case r.Scheme == "echo-token" && req.Method == http.MethodPost && token != "" && req.ContentLength == int64(len("{}")):
		if r.has(OmitsToken) {
			token = ""
		}
		answer(w, http.StatusOK, map[string]string{"token": token})
		return true
	}
	return false
}

// data is what a CloudEvent carries: the body in binary mode, or a member of it in structured mode.
func (r *Receiver) data(mediaType string, body []byte) (own string, data []byte) {
	if r.Scheme != "cloudevents" || mediaType != "application/cloudevents+json" || r.has(AcceptsJSONTypeOnly) {
		return mediaType, body
	}
	var event struct {
		Type string          `json:"datacontenttype"`
		Data json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &event) != nil {
		return "application/json", nil
	}
	return event.Type, event.Data
}
