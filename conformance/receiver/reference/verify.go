package reference

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// tolerance is how far a signed time may lie from now.
const tolerance = 5 * time.Minute

// header is where a scheme's signature stands.
var header = map[string]string{"standard-webhooks": "Webhook-Signature", "standard-webhooks-ed25519": "Webhook-Signature", "t-v1": "Webhook-Signature",
	"hmac-sha256": "X-Signature", "echo-token": "X-Signature", "digest-alg": "X-Payload-Digest", "websub": "X-Hub-Signature",
	"token": "Authorization", "cloudevents": "Authorization"}

// standard reports whether the scheme is Standard Webhooks, with a shared secret or a key pair.
func (r *Receiver) standard() bool {
	return r.Scheme == "standard-webhooks" || r.Scheme == "standard-webhooks-ed25519"
}

// otherPath is where the events of the other account come.
const otherPath = "/other/hooks"

// key is what a secret stands for.
func (r *Receiver) key(n int) []byte {
	if n >= len(r.Secrets) {
		return nil
	}
	return r.keyOf(r.Secrets[n])
}

func (r *Receiver) keyOf(secret string) []byte {
	if r.standard() {
		_, text, _ := strings.Cut(secret, "_") // whsec_ or whpk_
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}

// expected is the digest that a key gives.
func (r *Receiver) expected(req *http.Request, body, key []byte) string {
	_, sent := r.given(req)
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
	case "t-v1":
		return hex.EncodeToString(digest(key, sent+".", body))
	case "token", "cloudevents":
		return string(key)
	}
	return hex.EncodeToString(digest(key, "", body))
}

func digest(key []byte, prefix string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(prefix))
	h.Write(body)
	return h.Sum(nil)
}

// given reads the signatures that came, and the time that they cover.
func (r *Receiver) given(req *http.Request) (signatures []string, sent string) {
	lines := r.lines(req)
	if len(lines) == 0 {
		return nil, req.Header.Get("Webhook-Timestamp")
	}
	text := lines[0]
	switch r.Scheme {
	case "standard-webhooks", "standard-webhooks-ed25519":
		wanted := map[string]string{"standard-webhooks": "v1", "standard-webhooks-ed25519": "v1a"}[r.Scheme]
		for _, one := range strings.Fields(text) {
			version, value, ok := strings.Cut(one, ",")
			if ok && (version == wanted || r.has(IgnoresVersion)) {
				signatures = append(signatures, value)
			}
		}
		return signatures, req.Header.Get("Webhook-Timestamp")
	case "t-v1":
		for _, one := range strings.Split(text, ",") {
			name, value, _ := strings.Cut(one, "=")
			switch {
			case name == "t":
				sent = value
			case name == "v1" || r.has(IgnoresVersion) && strings.HasPrefix(name, "v"):
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

// verify says who sent an event. It returns the status to refuse it with, and why; 0 is right.
func (r *Receiver) verify(req *http.Request, body []byte) (int, string) {
	refuse := func(reason string) (int, string) { return http.StatusUnauthorized, reason }
	lines := r.lines(req)
	encoded := req.Header.Get("Content-Encoding")
	switch {
	case r.has(AcceptsUnsigned) && len(lines) == 0:
		return 0, ""
	case r.has(AcceptsEmptySignature) && len(lines) == 1 && strings.Trim(lines[0], " ") == "":
		return 0, ""
	case r.has(AcceptsCompressedUnverified) && encoded != "":
		return 0, ""
	case r.has(ComparesHeaderCase) && (!spelt(req, "webhook-signature")):
		return refuse("there is no signature")
	case r.has(AcceptsWeakerSignature) && r.signedBefore(req, body):
		return 0, ""
	case len(lines) == 0:
		return refuse("there is no signature")
	case len(lines) > 1 && !r.has(ReadsFirstHeaderOnly):
		return refuse("there are two signature headers")
	case r.has(TrustsKnownIDs) && r.wasVerified(req):
		return 0, ""
	}
	if (r.has(TrustsKnownSignatures) || r.has(AcknowledgesBeforeTime)) && r.wasRight(lines[0]) {
		return 0, ""
	}
	if r.has(UnpacksWithoutLimit) && encoded == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if n, _ := io.Copy(io.Discard, z); n > 50<<20 {
				return http.StatusInternalServerError, "out of memory"
			}
		}
	}
	given, sent := r.given(req)
	if r.has(FailsOnMalformedSignature) {
		for _, one := range given {
			_, notBase64 := base64.StdEncoding.DecodeString(one)
			_, notHex := hex.DecodeString(one)
			if notBase64 != nil && notHex != nil {
				return http.StatusInternalServerError, "cannot decode"
			}
		}
	}
	if r.has(FallsBackToBody) && sent == "" {
		sum := digest(r.key(0), "", body)
		for _, one := range given {
			if one == base64.StdEncoding.EncodeToString(sum) || one == hex.EncodeToString(sum) {
				return 0, ""
			}
		}
	}
	if status, reason := r.inTime(sent); status != 0 {
		return status, reason
	}
	if encoded != "" {
		return http.StatusUnsupportedMediaType, "want the body as it is"
	}
	if r.has(VerifiesFirstOnly) && len(given) > 1 {
		given = given[:1]
	}
	if r.has(AcceptsAnyOfSeveral) && len(given) > 1 {
		return 0, ""
	}
	for _, one := range given {
		if r.matches(req, r.covered(body), one) {
			r.mu.Lock()
			r.verified[req.Header.Get("Webhook-Id")] = true
			r.verified[lines[0]] = true
			r.mu.Unlock()
			return 0, ""
		}
	}
	return refuse("the signature is not that of this event")
}

func (r *Receiver) wasVerified(req *http.Request) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.verified[req.Header.Get("Webhook-Id")]
}

func (r *Receiver) wasRight(signature string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.verified[signature]
}

// inTime judges the time that was signed.
func (r *Receiver) inTime(sent string) (int, string) {
	if !r.standard() && r.Scheme != "t-v1" {
		return 0, ""
	}
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if err != nil {
		if r.has(FailsOnMalformedTime) {
			return http.StatusInternalServerError, err.Error()
		}
		return http.StatusUnauthorized, "the time is no number"
	}
	ahead := time.Until(time.Unix(seconds, 0))
	switch {
	case r.has(ToleratesNoSkew) && ahead.Abs() > 10*time.Second:
		return http.StatusUnauthorized, "the time is not now"
	case ahead < -tolerance && !r.has(AcceptsOldEvents), ahead > tolerance && !r.has(AcceptsFutureEvents):
		return http.StatusUnauthorized, "the time is too far from now"
	}
	return 0, ""
}

// covered is the body that the signature is computed over: the very bytes. Flaws take something like it.
func (r *Receiver) covered(body []byte) []byte {
	switch {
	case r.has(VerifiesParsedJSON):
		var b bytes.Buffer
		if json.Compact(&b, body) == nil {
			return b.Bytes()
		}
	case r.has(SerializesAgain):
		if bytes.Contains(body, []byte(`": `)) {
			var b bytes.Buffer
			if json.Compact(&b, body) == nil {
				return b.Bytes()
			}
		}
	case r.has(UnescapesSlashes):
		return bytes.ReplaceAll(body, []byte(`\/`), []byte("/"))
	case r.has(UnescapesUnicode), r.has(UnescapesHTML):
		var v json.RawMessage
		if bytes.Contains(body, []byte(`\u`)) && json.Unmarshal(body, &v) == nil {
			return []byte(unescape(string(body)))
		}
	case r.has(ReadsLatin1):
		var b []rune
		for _, c := range body {
			b = append(b, rune(c))
		}
		return []byte(string(b))
	case r.has(RoundsNumbers):
		if bytes.Contains(body, []byte("9007199254740993")) {
			return bytes.ReplaceAll(body, []byte("9007199254740993"), []byte("9007199254740992"))
		}
	}
	return body
}

func unescape(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, `\u`)
		if i < 0 || len(s) < i+6 {
			return b.String() + s
		}
		n, err := strconv.ParseUint(s[i+2:i+6], 16, 32)
		b.WriteString(s[:i])
		if err == nil {
			b.WriteRune(rune(n))
		}
		s = s[i+6:]
	}
}

// matches compares a digest with what this receiver's keys give.
func (r *Receiver) matches(req *http.Request, body []byte, given string) bool {
	if !utf8.ValidString(given) {
		return false
	}
	keys := [][]byte{r.key(0), r.key(1)}
	switch {
	case req.URL.Path == otherPath:
		keys = [][]byte{r.keyOf(r.Other)}
	case r.has(AcceptsAnyTenant):
		keys = append(keys, r.keyOf(r.Other))
	case r.has(SenderChoosesAlgorithm) && r.chosen(req, body, given):
		return true
	case r.has(TrustsOfferedKey):
		keys = append(keys, r.keyOf(req.Header.Get("Webhook-Public-Key")))
	case r.has(AcceptsAnyQueryToken) && req.URL.Query().Has("access_token"):
		return true
	case r.has(KeepsOldSecrets):
		keys = append(keys, r.keyOf(r.Old))
	case r.has(ComparesNothing), r.has(ContinuesAfterMismatch):
		return len(given) > 8
	case r.has(ChecksFormOnly):
		raw, err := base64.StdEncoding.DecodeString(given)
		rawHex, errHex := hex.DecodeString(given)
		return err == nil && len(raw) == sha256.Size || errHex == nil && len(rawHex) == sha256.Size
	case r.has(SignsWithEmptyKey):
		keys = append(keys, []byte{})
	case r.has(SignsWithUndefined):
		keys = append(keys, []byte("undefined"))
	case r.has(UsesSecretAsKey):
		keys = append(keys, []byte(r.Secrets[0]))
	case r.has(ReadsBodyTwice) && r.expected(req, nil, keys[0]) == given:
		return true
	case r.has(KnowsOneSecret):
		keys = keys[:1]
	}
	for _, key := range keys {
		if key == nil {
			continue
		}
		if r.Scheme == "standard-webhooks-ed25519" {
			if r.signedBy(key, req, body, given) {
				return true
			}
			continue
		}
		want := r.expected(req, body, key)
		if r.has(ComparesPrefix) && len(given) > 8 && strings.HasPrefix(want, given) {
			return true
		}
		if r.has(ComparesByCharacter) {
			if r.slowly(want, given) {
				return true
			}
			continue
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(given)) == 1 {
			return true
		}
	}
	return false
}

// slowly compares as a flaw does, slow enough to be seen from outside.
func (r *Receiver) slowly(want, given string) bool {
	for i := range min(len(want), len(given)) {
		if want[i] != given[i] {
			return false
		}
		if i%8 == 7 {
			r.rest(time.Millisecond)
		}
	}
	return len(want) == len(given)
}
