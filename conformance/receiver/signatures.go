package receiver

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
	"time"
)

// signing is what a signature is made of.
type signing struct {
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
var signs = map[string]func(s *signing) string{
	"good": func(s *signing) string { return s.good },

	"forged":       func(s *signing) string { return s.around(s.forged(1)) },
	"missing":      func(*signing) string { return gone },
	"empty":        func(*signing) string { return "" },
	"only-prefix":  func(s *signing) string { return s.around("") },
	"odd-hex":      func(s *signing) string { return s.around("abc") },
	"bad-base64":   func(s *signing) string { return s.around("!!!not*base64===") },
	"no-separator": func(*signing) string { return "v1" },
	"only-commas":  func(*signing) string { return ",,,=,=;" },
	"long":         func(s *signing) string { return s.around(strings.Repeat("A", 10<<10)) },
	"non-ascii":    func(s *signing) string { return s.around("sïgnatüre\xff") },
	"truncated":    func(s *signing) string { return s.around(s.digest()[:len(s.digest())-1]) },
	"halved":       func(s *signing) string { return s.around(s.digest()[:len(s.digest())/2]) },
	"extended":     func(s *signing) string { return s.around(s.digest() + "A") },

	"wrong-secret":    func(s *signing) string { return s.with([]byte("another secret, as long as one"), s.ts(), s.body) },
	"empty-key":       func(s *signing) string { return s.with(nil, s.ts(), s.body) },
	"key-undefined":   func(s *signing) string { return s.with([]byte("undefined"), s.ts(), s.body) },
	"key-null":        func(s *signing) string { return s.with([]byte("null"), s.ts(), s.body) },
	"key-None":        func(s *signing) string { return s.with([]byte("None"), s.ts(), s.body) },
	"key-changeme":    func(s *signing) string { return s.with([]byte("changeme"), s.ts(), s.body) },
	"undecoded-key":   func(s *signing) string { return s.with([]byte(s.secret), s.ts(), s.body) },
	"empty-body":      func(s *signing) string { return s.with(s.key(), s.ts(), nil) },
	"without-time":    func(s *signing) string { return s.timeless() },
	"legacy":          func(s *signing) string { return s.good }, // the provider's own, of an endpoint that is signed as before
	"unknown-version": func(s *signing) string { return strings.Replace(s.good, "v1", "v9", 1) },

	"next":      func(s *signing) string { return s.by("next") },
	"other":     func(s *signing) string { return s.by("other") },
	"old":       func(s *signing) string { return s.by("old") },
	"both":      func(s *signing) string { return s.several(s.digestOf(s.by("next")), s.digest()) },
	"both-turn": func(s *signing) string { return s.several(s.digest(), s.digestOf(s.by("next"))) },

	// Made by the algorithm that stands in the header beside it: see named.
	"alg-none":   func(s *signing) string { return s.forged(1) },
	"alg-sha1":   func(s *signing) string { return s.encode(hashed(sha1.New, s.key(), s.body)) },
	"alg-sha512": func(s *signing) string { return s.encode(hashed(sha512.New, s.key(), s.body)) },

	// Made with a key that the request brings along: see offered.
	"attacker": func(s *signing) string { return s.with(s.attacker(), s.ts(), s.body) },

	// Of these two a comparison that stops at the first difference is done sooner with the one.
	"wrong-early": func(s *signing) string { return s.around(differ(s.digest(), 0)) },
	"wrong-late":  func(s *signing) string { return s.around(differ(s.digest(), len(s.digest())-4)) },

	"several-one-good": func(s *signing) string { return s.several(s.forged(1), s.digest(), s.forged(2)) },
	"several-none":     func(s *signing) string { return s.several(s.forged(1), s.forged(2), s.forged(3)) },

	"ts-abc":       func(s *signing) string { return s.with(s.key(), "abc", s.body) },
	"ts-empty":     func(s *signing) string { return s.with(s.key(), "", s.body) },
	"ts-negative":  func(s *signing) string { return s.with(s.key(), "-1", s.body) },
	"ts-millis":    func(s *signing) string { return s.with(s.key(), strconv.FormatInt(s.sent.UnixMilli(), 10), s.body) },
	"ts-iso":       func(s *signing) string { return s.with(s.key(), s.sent.UTC().Format(time.RFC3339), s.body) },
	"ts-too-large": func(s *signing) string { return s.with(s.key(), strings.Repeat("9", 30), s.body) },
}

// stamps are the texts of the time that go with ways to sign.
func (s *signing) stamp(how string) (string, bool) {
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

func (s *signing) ts() string { return strconv.FormatInt(s.sent.Unix(), 10) }

// digest is the part of the good signature that nobody else can make.
func (s *signing) digest() string { return s.digestOf(s.good) }

func (p *Profile) digestOf(text string) string {
	switch i := strings.Index(text, "v1="); {
	case p.signature.Scheme == "t-v1" && i >= 0:
		return text[i+3:]
	case p.versioned():
		_, digest, _ := strings.Cut(text, ",")
		return digest
	}
	return text
}

// around is the good signature with another digest.
func (s *signing) around(digest string) string {
	return strings.TrimSuffix(s.good, s.digest()) + digest
}

// versioned reports whether a signature says by which version of the scheme it was made.
func (p *Profile) versioned() bool {
	return p.signature.Scheme == "t-v1" || p.standard()
}

// standard reports whether events are signed as Standard Webhooks has it, with a shared secret or a key pair.
func (p *Profile) standard() bool {
	return p.signature.Scheme == "standard-webhooks" || p.signature.Scheme == "standard-webhooks-ed25519"
}

// version is that of a signature of Standard Webhooks, and other is the one of the two that it is not.
func (p *Profile) version() (version, other string) {
	if p.Shared() {
		return "v1,", "v1a,"
	}
	return "v1a,", "v1,"
}

// forged is a digest of the right form that nobody has signed.
func (s *signing) forged(n uint64) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(s.seed+n, 36) + s.id))
	switch {
	case s.signature.Scheme == "t-v1" || s.signature.Encoding == "hex":
		return hex.EncodeToString(sum[:])
	case s.signature.Scheme == "token":
		return hex.EncodeToString(sum[:])[:max(min(len(s.secret), 64), 8)]
	case !s.Shared():
		more := sha256.Sum256(sum[:])
		return base64.StdEncoding.EncodeToString(append(sum[:], more[:]...))
	}
	return base64.StdEncoding.EncodeToString(sum[:])
}

// several is a list of signatures in one header, with one of an unknown version among them.
func (s *signing) several(digests ...string) string {
	var b strings.Builder
	version, other := s.version()
	for i, digest := range digests {
		if i == 1 && len(digests) > 2 {
			if s.signature.Scheme == "t-v1" {
				b.WriteString(",v0=" + s.forged(9))
			} else {
				b.WriteString(" " + other + s.forged(9))
			}
		}
		switch {
		case s.signature.Scheme == "t-v1" && i == 0:
			b.WriteString("t=" + s.ts() + ",v1=" + digest)
		case s.signature.Scheme == "t-v1":
			b.WriteString(",v1=" + digest)
		default:
			b.WriteString(strings.Repeat(" ", min(i, 1)) + version + digest)
		}
	}
	return b.String()
}

// key is what the secret stands for.
func (p *Profile) key() []byte { return p.keyOf(p.secret) }

func (p *Profile) keyOf(secret string) []byte {
	if p.signature.Scheme == "standard-webhooks" {
		if key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_")); err == nil {
			return key
		}
	}
	if !p.Shared() {
		if key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsk_")); err == nil && len(key) >= ed25519.SeedSize {
			return key[:ed25519.SeedSize]
		}
	}
	return []byte(secret)
}

// with signs as the scheme does, with a key and with a text for the time that need not be right.
func (s *signing) with(key []byte, ts string, body []byte) string {
	switch s.signature.Scheme {
	case "standard-webhooks":
		return "v1," + base64.StdEncoding.EncodeToString(sum(key, s.id+"."+ts+".", body))
	case "standard-webhooks-ed25519":
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(pair(key), append([]byte(s.id+"."+ts+"."), body...)))
	case "t-v1":
		return "t=" + ts + ",v1=" + hex.EncodeToString(sum(key, ts+".", body))
	case "hmac-sha256":
		return s.encode(sum(key, "", body))
	case "base64-key":
		return base64.StdEncoding.EncodeToString(key)
	case "token":
		return string(key)
	}
	return ""
}

// timeless covers nothing but the body, as the schemes did before a time was signed.
func (s *signing) timeless() string {
	switch s.signature.Scheme {
	case "standard-webhooks":
		return "v1," + base64.StdEncoding.EncodeToString(sum(s.key(), "", s.body))
	case "standard-webhooks-ed25519":
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(pair(s.key()), s.body))
	case "t-v1":
		return "v1=" + hex.EncodeToString(sum(s.key(), "", s.body))
	}
	return s.good
}

func sum(key []byte, prefix string, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(prefix))
	h.Write(body)
	return h.Sum(nil)
}
