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
	"strings"
)

// The sender and the topic that handshakes are accepted for.
const (
	origin = "provider.example"
	topic  = "https://provider.example/verifications"
)

// The algorithm of digest-alg.
const (
	algorithmHeader = "X-Payload-Digest-Alg"
	algorithm       = "HMAC_SHA256_HEX"
)

// tv1 is the scheme of a header with a time and digests: t=…,v1=….
const tv1 = "t-v1"

// header holds the name of each scheme's signature header.
var header = map[string]string{"standard-webhooks": "Webhook-Signature", "standard-webhooks-ed25519": "Webhook-Signature", tv1: "Webhook-Signature",
	"hmac-sha256": "X-Signature", "echo-token": "X-Signature", "digest-alg": "X-Payload-Digest", "websub": "X-Hub-Signature",
	"token": "Authorization", "cloudevents": "Authorization"}

// standard reports whether the scheme is Standard Webhooks, with a shared secret or a key pair.
func standard(scheme string) bool {
	return scheme == "standard-webhooks" || scheme == "standard-webhooks-ed25519"
}

// signsTime reports whether the scheme's signature covers the time.
func signsTime(scheme string) bool { return standard(scheme) || scheme == tv1 }

// signatureLines returns the header lines and query parameters that may hold signatures or tokens.
func (r *Receiver) signatureLines(req *http.Request) []string {
	lines := req.Header.Values(header[r.Scheme])
	if r.Scheme == "cloudevents" && !r.has(IgnoresQueryToken) {
		for _, token := range req.URL.Query()["access_token"] {
			lines = append(lines, "Bearer "+token)
		}
	}
	return lines
}

// verifyEd25519 verifies a signature with a public key.
func verifyEd25519(key []byte, req *http.Request, body []byte, text string) bool {
	signature, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(key) != ed25519.PublicKeySize {
		return false
	}
	signed := append([]byte(req.Header.Get("Webhook-Id")+"."+req.Header.Get("Webhook-Timestamp")+"."), body...)
	return ed25519.Verify(key, signed, signature)
}

// verifyNamed verifies a signature with the algorithm that the request names. It implements SenderChoosesAlgorithm.
func (r *Receiver) verifyNamed(req *http.Request, body []byte, signature string) bool {
	newHash := map[string]func() hash.Hash{algorithm: sha256.New, "HMAC_SHA1_HEX": sha1.New, "HMAC_SHA512_HEX": sha512.New}[req.Header.Get(algorithmHeader)]
	if newHash == nil {
		return false
	}
	h := hmac.New(newHash, r.key(0))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)) == signature
}

// verifyWeaker verifies a request by the weaker scheme that the provider used before. It implements AcceptsWeakerSignature.
func (r *Receiver) verifyWeaker(req *http.Request, body []byte) bool {
	signature := req.Header.Get("X-Signature")
	return signature != "" && (signature == base64.StdEncoding.EncodeToString([]byte(r.Secrets[0])) || r.Scheme == tv1 && signature == hex.EncodeToString(digest(r.key(0), "", body)))
}

// handshake responds to a provider's handshake and reports whether the request was one.
func (r *Receiver) handshake(w http.ResponseWriter, req *http.Request) bool {
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
			respond(w, http.StatusNotFound, problem{"unknown subscription"})
		case r.has(OmitsChallenge):
			respond(w, http.StatusOK, problem{})
		default:
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			_, _ = io.WriteString(w, query.Get("hub.challenge")) // an error means that the client disconnected
		}
		return true
	case r.Scheme == "echo-token" && req.Method == http.MethodPost && token != "" && req.ContentLength == int64(len("{}")):
		if r.has(OmitsToken) {
			token = ""
		}
		respond(w, http.StatusOK, map[string]string{"token": token})
		return true
	}
	return false
}

// payload returns the payload of a CloudEvent and its media type: the body in binary mode, the member data in structured
// mode.
func (r *Receiver) payload(mediaType string, body []byte) (payloadType string, data []byte) {
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

// expected returns the signature of a request with a key, or the token.
func (r *Receiver) expected(req *http.Request, body, key []byte) string {
	_, sent := r.signatures(req)
	switch r.Scheme {
	case "standard-webhooks":
		id := req.Header.Get("Webhook-Id")
		if r.has(TakesIDFromBody) {
			var in struct{ ID string }
			if json.Unmarshal(body, &in) == nil {
				id = in.ID
			}
		}
		return base64.StdEncoding.EncodeToString(digest(key, id+"."+sent+".", body))
	case tv1:
		return hex.EncodeToString(digest(key, sent+".", body))
	case "token", "cloudevents":
		return string(key)
	}
	return hex.EncodeToString(digest(key, "", body))
}

// signatures returns the signatures of a request and the time that they cover.
func (r *Receiver) signatures(req *http.Request) (signatures []string, sent string) {
	lines := r.signatureLines(req)
	if len(lines) == 0 {
		return nil, req.Header.Get("Webhook-Timestamp")
	}
	text := lines[0]
	switch r.Scheme {
	case "standard-webhooks", "standard-webhooks-ed25519":
		prefix := map[string]string{"standard-webhooks": "v1", "standard-webhooks-ed25519": "v1a"}[r.Scheme]
		for _, field := range strings.Fields(text) {
			version, value, ok := strings.Cut(field, ",")
			if ok && (version == prefix || r.has(IgnoresVersion) || r.has(MatchesVersionPrefix) && strings.HasPrefix(version, prefix) || r.has(AcceptsOldVersion) && version == "v1a") {
				signatures = append(signatures, value)
			}
		}
		return signatures, req.Header.Get("Webhook-Timestamp")
	case tv1:
		for _, pair := range strings.Split(text, ",") {
			name, value, _ := strings.Cut(pair, "=")
			switch {
			case name == "t":
				sent = value
			case name == "v1" || r.has(AcceptsOldVersion) && name == "v0" || r.has(IgnoresVersion) && strings.HasPrefix(name, "v"):
				signatures = append(signatures, value)
			}
		}
		return signatures, sent
	case "token", "cloudevents":
		scheme, token, _ := strings.Cut(text, " ")
		if strings.EqualFold(scheme, "bearer") {
			return []string{token}, ""
		}
		return nil, ""
	case "websub":
		method, value, _ := strings.Cut(text, "=")
		if method == "sha256" {
			return []string{value}, ""
		}
		return nil, ""
	case "digest-alg":
		if req.Header.Get(algorithmHeader) != algorithm && !r.has(SenderChoosesAlgorithm) {
			return nil, ""
		}
	}
	return []string{text}, ""
}
