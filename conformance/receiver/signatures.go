package receiver

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"strconv"
	"strings"
	"time"

	"github.com/idmock/idmock/openapi/signing"
)

// signedEvent is an event and the values that its signature is made of.
type signedEvent struct {
	*Profile
	id   string
	sent time.Time
	body []byte
	good string // what the provider would write
	seed uint64
}

// gone is a signature that is left out, with its header.
const gone = "\x00gone"

// signs are the ways to sign. Only good is right, and those that begin with several and say so.
var signs = map[string]func(s *signedEvent) string{
	"good": func(s *signedEvent) string { return s.good },

	"forged":       func(s *signedEvent) string { return s.around(s.forged(1)) },
	"missing":      func(*signedEvent) string { return gone },
	"empty":        func(*signedEvent) string { return "" },
	"only-prefix":  func(s *signedEvent) string { return s.around("") },
	"odd-hex":      func(s *signedEvent) string { return s.around("abc") },
	"bad-base64":   func(s *signedEvent) string { return s.around("!!!not*base64===") },
	"no-separator": func(*signedEvent) string { return "v1" },
	"only-commas":  func(*signedEvent) string { return ",,,=,=;" },
	"long":         func(s *signedEvent) string { return s.around(strings.Repeat("A", 10<<10)) },
	"non-ascii":    func(s *signedEvent) string { return s.around("sïgnatüre\xff") },
	"truncated":    func(s *signedEvent) string { return s.around(s.digest()[:len(s.digest())-1]) },
	"halved":       func(s *signedEvent) string { return s.around(s.digest()[:len(s.digest())/2]) },
	"extended":     func(s *signedEvent) string { return s.around(s.digest() + "A") },

	"wrong-secret":    func(s *signedEvent) string { return s.with([]byte("another secret, as long as one"), s.ts(), s.body) },
	"empty-key":       func(s *signedEvent) string { return s.with(nil, s.ts(), s.body) },
	"key-undefined":   func(s *signedEvent) string { return s.with([]byte("undefined"), s.ts(), s.body) },
	"key-null":        func(s *signedEvent) string { return s.with([]byte("null"), s.ts(), s.body) },
	"key-None":        func(s *signedEvent) string { return s.with([]byte("None"), s.ts(), s.body) },
	"key-changeme":    func(s *signedEvent) string { return s.with([]byte("changeme"), s.ts(), s.body) },
	"undecoded-key":   func(s *signedEvent) string { return s.with([]byte(s.secret), s.ts(), s.body) },
	"empty-body":      func(s *signedEvent) string { return s.with(s.key(), s.ts(), nil) },
	"without-time":    func(s *signedEvent) string { return s.timeless() },
	"legacy":          func(s *signedEvent) string { return s.good }, // the provider's own, of an endpoint that is signed as before
	"unknown-version": func(s *signedEvent) string { return strings.Replace(s.good, "v1", "v9", 1) },

	"next":      func(s *signedEvent) string { return s.by("next") },
	"other":     func(s *signedEvent) string { return s.by("other") },
	"old":       func(s *signedEvent) string { return s.by("old") },
	"both":      func(s *signedEvent) string { return s.several(s.signature.Digest(s.by("next")), s.digest()) },
	"both-turn": func(s *signedEvent) string { return s.several(s.digest(), s.signature.Digest(s.by("next"))) },

	// Made by the algorithm that stands in the header beside it: see named.
	"alg-none":   func(s *signedEvent) string { return s.forged(1) },
	"alg-sha1":   func(s *signedEvent) string { return s.signature.Encode(hashed(sha1.New, s.key(), s.body)) },
	"alg-sha512": func(s *signedEvent) string { return s.signature.Encode(hashed(sha512.New, s.key(), s.body)) },

	// Made with a key that the request brings along: see offered.
	"attacker": func(s *signedEvent) string { return s.with(s.attacker(), s.ts(), s.body) },

	// Of these two a comparison that stops at the first difference is done sooner with the one.
	"wrong-early": func(s *signedEvent) string { return s.around(differ(s.digest(), 0)) },
	"wrong-late":  func(s *signedEvent) string { return s.around(differ(s.digest(), len(s.digest())-4)) },

	"several-one-good": func(s *signedEvent) string { return s.several(s.forged(1), s.digest(), s.forged(2)) },
	"several-none":     func(s *signedEvent) string { return s.several(s.forged(1), s.forged(2), s.forged(3)) },

	"ts-abc":       func(s *signedEvent) string { return s.with(s.key(), "abc", s.body) },
	"ts-empty":     func(s *signedEvent) string { return s.with(s.key(), "", s.body) },
	"ts-negative":  func(s *signedEvent) string { return s.with(s.key(), "-1", s.body) },
	"ts-millis":    func(s *signedEvent) string { return s.with(s.key(), strconv.FormatInt(s.sent.UnixMilli(), 10), s.body) },
	"ts-iso":       func(s *signedEvent) string { return s.with(s.key(), s.sent.UTC().Format(time.RFC3339), s.body) },
	"ts-too-large": func(s *signedEvent) string { return s.with(s.key(), strings.Repeat("9", 30), s.body) },
}

// stamps are the texts of the time that go with ways to sign.
func (s *signedEvent) stamp(how string) (string, bool) {
	switch how {
	case "ts-abc":
		return "abc", true
	case "ts-empty":
		return "", true
	case "ts-negative":
		return "-1", true
	case "ts-millis":
		return strconv.FormatInt(s.sent.UnixMilli(), 10), true
	case "ts-iso":
		return s.sent.UTC().Format(time.RFC3339), true
	case "ts-too-large":
		return strings.Repeat("9", 30), true
	case "without-time":
		return gone, true
	}
	return "", false
}

func (s *signedEvent) ts() string { return strconv.FormatInt(s.sent.Unix(), 10) }

// digest is the part of the good signature that only the provider can make.
func (s *signedEvent) digest() string { return s.signature.Digest(s.good) }

// around is the good signature with another digest.
func (s *signedEvent) around(digest string) string {
	return strings.TrimSuffix(s.good, s.digest()) + digest
}

// forged is a digest of the right form, made without a key.
func (s *signedEvent) forged(n uint64) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(s.seed+n, 36) + s.id))
	more := sha256.Sum256(sum[:])
	return s.signature.Forge([64]byte(append(sum[:], more[:]...)), s.secret)
}

// several is a list of signatures in one header, with one of an unknown version as the second of three.
func (s *signedEvent) several(digests ...string) string {
	var parts []signing.Part
	for i, digest := range digests {
		if i == 1 && len(digests) > 2 {
			parts = append(parts, signing.Part{Version: s.signature.OtherVersion(), Digest: s.forged(9)})
		}
		parts = append(parts, signing.Part{Version: s.signature.Version(), Digest: digest})
	}
	return s.signature.Join(s.ts(), parts...)
}

// key returns the bytes that the secret signs with.
func (p *Profile) key() []byte { return p.signature.KeyOrText(p.secret) }

// with signs with any key and any text as the time.
func (s *signedEvent) with(key []byte, ts string, body []byte) string {
	return s.signature.SignContent(key, signing.Content{ID: s.id, Time: ts, Body: body})
}

// timeless covers the body alone, where the scheme covers a time.
func (s *signedEvent) timeless() string {
	if !s.signature.CoversTime() {
		return s.good
	}
	return s.signature.SignBody(s.key(), s.body)
}
