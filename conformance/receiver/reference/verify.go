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
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// tolerance is the accepted difference between the signed time and now.
const tolerance = 5 * time.Minute

// otherPath is the path of the other account's webhook.
const otherPath = "/other/hooks"

// key returns the key of the nth secret, or nil.
func (r *Receiver) key(n int) []byte {
	if n >= len(r.Secrets) {
		return nil
	}
	return r.keyOf(r.Secrets[n])
}

func (r *Receiver) keyOf(secret string) []byte {
	if standard(r.Scheme) {
		_, text, _ := strings.Cut(secret, "_") // whsec_ or whpk_
		if key, err := base64.StdEncoding.DecodeString(text); err == nil {
			return key
		}
	}
	return []byte(secret)
}

func digest(key []byte, prefix string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(prefix))
	h.Write(body)
	return h.Sum(nil)
}

// verify authenticates a request. For an invalid one it returns the status of the response and the reason; otherwise 0.
func (r *Receiver) verify(req *http.Request, body []byte) (int, string) {
	refuse := func(reason string) (int, string) { return http.StatusUnauthorized, reason }
	if r.has(RecordsBeforeVerifying) {
		poison(r, body)
	}
	if trusts(r, req) {
		return 0, ""
	}
	lines := r.signatureLines(req)
	encoded := req.Header.Get("Content-Encoding")
	switch {
	case r.has(AcceptsUnsigned) && len(lines) == 0:
		return 0, ""
	case r.has(AcceptsEmptySignature) && len(lines) == 1 && strings.Trim(lines[0], " ") == "":
		return 0, ""
	case r.has(AcceptsCompressedUnverified) && encoded != "":
		return 0, ""
	case r.has(ComparesHeaderCase) && !hasSpelling(req, "webhook-signature"):
		return refuse("signature is missing")
	case r.has(AcceptsWeakerSignature) && r.verifyWeaker(req, body):
		return 0, ""
	case len(lines) == 0:
		return refuse("signature is missing")
	case len(lines) > 1 && !r.has(ReadsFirstHeaderOnly):
		return refuse("duplicate signature header")
	case r.has(TrustsKnownIDs) && r.wasVerified(req):
		return 0, ""
	}
	if (r.has(TrustsKnownSignatures) || r.has(AcknowledgesBeforeTime)) && r.wasValid(lines[0]) {
		return 0, ""
	}
	if r.has(UnpacksWithoutLimit) && encoded == "gzip" {
		if z, err := gzip.NewReader(bytes.NewReader(body)); err == nil {
			if n, _ := io.Copy(io.Discard, z); n > 50<<20 {
				return http.StatusInternalServerError, "out of memory"
			}
		}
	}
	signatures, sent := r.signatures(req)
	if r.has(FailsOnMalformedSignature) {
		for _, signature := range signatures {
			_, notBase64 := base64.StdEncoding.DecodeString(signature)
			_, notHex := hex.DecodeString(signature)
			if notBase64 != nil && notHex != nil {
				return http.StatusInternalServerError, "cannot decode"
			}
		}
	}
	if r.has(FallsBackToBody) && sent == "" || r.has(TriesBodyAlone) {
		sum := digest(r.key(0), "", body)
		for _, signature := range signatures {
			if signature == base64.StdEncoding.EncodeToString(sum) || signature == hex.EncodeToString(sum) {
				return 0, ""
			}
		}
	}
	if status, reason := r.checkTime(sent); status != 0 {
		return status, reason
	}
	if encoded != "" {
		return http.StatusUnsupportedMediaType, "unsupported content encoding"
	}
	signatures = selected(r, signatures)
	if r.has(AcceptsAnyOfSeveral) && len(signatures) > 1 {
		return 0, ""
	}
	for _, signature := range signatures {
		if r.matches(req, r.signedBytes(body), signature) {
			r.mu.Lock()
			r.verified[req.Header.Get("Webhook-Id")] = true
			r.verified[lines[0]] = true
			r.verified["from "+req.RemoteAddr] = true
			if host, _, err := net.SplitHostPort(req.RemoteAddr); err == nil {
				r.verified["host "+host] = true
			}
			r.mu.Unlock()
			return 0, ""
		}
	}
	return refuse("invalid signature")
}

func (r *Receiver) wasVerified(req *http.Request) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.verified[req.Header.Get("Webhook-Id")]
}

func (r *Receiver) wasValid(signature string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.verified[signature]
}

// checkTime returns the status and the reason of a response to an event with an invalid or stale time; otherwise 0.
func (r *Receiver) checkTime(sent string) (int, string) {
	if !signsTime(r.Scheme) {
		return 0, ""
	}
	if r.has(ReadsNumberPrefix) {
		sent = strings.TrimRight(sent, "abcdefghijklmnopqrstuvwxyz")
	}
	seconds, err := strconv.ParseInt(sent, 10, 64)
	if r.has(ReadsMillis) && len(sent) == 13 {
		seconds /= 1000
	}
	if err != nil {
		if r.has(FailsOnMalformedTime) {
			return http.StatusInternalServerError, err.Error()
		}
		return http.StatusUnauthorized, "invalid timestamp"
	}
	ahead := time.Until(time.Unix(seconds, 0))
	switch {
	case r.has(ToleratesNoSkew) && ahead.Abs() > 10*time.Second:
		return http.StatusUnauthorized, "timestamp is not current"
	case r.has(ToleratesTenMinutes) && ahead.Abs() < 10*time.Minute, r.has(ToleratesADay) && ahead.Abs() < 13*time.Hour, r.has(ToleratesFutureHour) && ahead > 0 && ahead < 90*time.Minute:
	case r.has(MistakesTimeZone) && (ahead.Abs()-time.Hour).Abs() < tolerance:
	case ahead < -tolerance && !r.has(AcceptsOldEvents), ahead > tolerance && !r.has(AcceptsFutureEvents):
		return http.StatusUnauthorized, "timestamp is outside the tolerance"
	}
	return 0, ""
}

// signedBytes returns the bytes that the signature covers: the body, unchanged. Flaws change it.
func (r *Receiver) signedBytes(body []byte) []byte {
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

// matches reports whether a signature is valid for one of the receiver's keys.
func (r *Receiver) matches(req *http.Request, body []byte, signature string) bool {
	if !utf8.ValidString(signature) {
		return false
	}
	keys := [][]byte{r.key(0), r.key(1)}
	switch {
	case req.URL.Path == otherPath:
		keys = [][]byte{r.keyOf(r.Other)}
	case r.has(AcceptsAnyTenant):
		keys = append(keys, r.keyOf(r.Other))
	case r.has(SenderChoosesAlgorithm) && r.verifyNamed(req, body, signature):
		return true
	case r.has(TrustsOfferedKey):
		keys = append(keys, r.keyOf(req.Header.Get("Webhook-Public-Key")))
	case r.has(AcceptsAnyQueryToken) && req.URL.Query().Has("access_token"):
		return true
	case r.has(KeepsOldSecrets):
		keys = append(keys, r.keyOf(r.Old))
	case r.has(ComparesNothing), r.has(ContinuesAfterMismatch):
		return len(signature) > 8
	case r.has(ChecksFormOnly):
		raw, err := base64.StdEncoding.DecodeString(signature)
		rawHex, errHex := hex.DecodeString(signature)
		return err == nil && len(raw) == sha256.Size || errHex == nil && len(rawHex) == sha256.Size
	case r.has(SignsWithEmptyKey):
		keys = append(keys, []byte{})
	case r.has(SignsWithUndefined):
		keys = append(keys, []byte("undefined"))
	case r.has(UsesSecretAsKey):
		keys = append(keys, []byte(r.Secrets[0]))
	case r.has(ReadsBodyTwice) && r.expected(req, nil, keys[0]) == signature:
		return true
	case r.has(KnowsOneSecret):
		keys = keys[:1]
	}
	for _, key := range keys {
		if key == nil {
			continue
		}
		if r.Scheme == "standard-webhooks-ed25519" {
			if verifyEd25519(key, req, body, signature) {
				return true
			}
			continue
		}
		want := r.expected(req, body, key)
		if loosely(r, want, signature) {
			return true
		}
		if r.has(ComparesByCharacter) {
			if r.compareSlowly(want, signature) {
				return true
			}
			continue
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) == 1 {
			return true
		}
	}
	return false
}

// compareSlowly compares by character, slowly enough to be measured. It implements ComparesByCharacter.
func (r *Receiver) compareSlowly(want, signature string) bool {
	for i := range min(len(want), len(signature)) {
		if want[i] != signature[i] {
			return false
		}
		if i%8 == 7 {
			r.sleep(time.Millisecond)
		}
	}
	return len(want) == len(signature)
}
