package reference

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// loosely reports whether a flaw makes the receiver take a signature for the wanted one.
func loosely(r *Receiver, want, signature string) bool {
	if len(signature) <= 8 {
		return false
	}
	switch r.Flaw {
	case ComparesPrefix:
		return strings.HasPrefix(want, signature)
	case IgnoresSignatureCase:
		return strings.EqualFold(want, signature)
	case IgnoresTrailing:
		return strings.HasPrefix(signature, want)
	case ComparesEnd:
		return strings.HasSuffix(signature, want)
	case SearchesSignature:
		return strings.Contains(want, signature)
	case ComparesGivenBytes:
		expected, given := decoded(want), decoded(signature)
		n := min(len(expected), len(given))
		return n > 8 && bytes.Equal(expected[:n], given[:n])
	}
	return false
}

// decoded returns the bytes of a digest in hex or base64.
func decoded(digest string) []byte {
	if raw, err := hex.DecodeString(digest); err == nil {
		return raw
	}
	raw, _ := base64.StdEncoding.DecodeString(digest) // nil is equal to nothing
	return raw
}

// selected returns the signatures that are verified: all of them, except with a flaw.
func selected(r *Receiver, signatures []string) []string {
	n := len(signatures)
	switch {
	case n > 1 && r.has(VerifiesFirstOnly):
		return signatures[:1]
	case n > 1 && r.has(VerifiesLastOnly):
		return signatures[n-1:]
	case n > 2 && r.has(VerifiesFirstTwo):
		return signatures[:2]
	}
	return signatures
}

// asked returns the verification that the receiver queries the API about: the event's, except with a flaw.
func asked(r *Receiver, e *event) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	own := e.Data.Verification
	switch {
	case r.has(QueriesLastRun) && r.last != "":
		own, r.last = r.last, own
	case r.has(QueriesLastStarted) && r.started != "":
		own = r.started
	default:
		r.last = own
	}
	return own
}
