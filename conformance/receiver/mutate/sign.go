package mutate

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/idmock/idmock/conformance/receiver/profile"
	table "github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/openapi/signing"
)

// signature is the signature of an event and the values it is made of.
type signature struct {
	*profile.Profile
	id    string
	sent  time.Time
	body  []byte
	valid string // the provider's own
}

// removed marks a signature or a time that is left out together with its header.
const removed = "\x00removed"

// legacy signs validly in the provider's former, weaker way.
const legacy = "legacy"

// signs are the words for a changed signature. Only those of validSigns and legacy are valid.
var signs = map[string]func(s *signature) string{
	"good": func(s *signature) string { return s.valid },
	legacy: func(s *signature) string { return s.valid },

	// Another secret: the table that faults use as well.
	"missing":      with("missing-signature"),
	"wrong-secret": with("wrong-secret"),
	"empty-key":    with("empty-secret"),
	"next":         with("next-secret"),
	"old":          with("previous-secret"),
	"other":        with("other-tenant"),

	// Another key.
	"key-undefined": key("undefined"),
	"key-null":      key("null"),
	"key-None":      key("None"),
	"key-changeme":  key("changeme"),
	"undecoded-key": func(s *signature) string { return s.sign([]byte(s.Secret), s.stamp(), s.body) },
	"attacker":      func(s *signature) string { return s.sign(attackerSeed(s.Profile), s.stamp(), s.body) },

	// Another text.
	"forged":       func(s *signature) string { return s.around(s.forge(1)) },
	"empty":        func(*signature) string { return "" },
	"only-prefix":  func(s *signature) string { return s.around("") },
	"odd-hex":      func(s *signature) string { return s.around("abc") },
	"bad-base64":   func(s *signature) string { return s.around("!!!not*base64===") },
	"no-separator": func(*signature) string { return "v1" },
	"only-commas":  func(*signature) string { return ",,,=,=;" },
	"long":         func(s *signature) string { return s.around(strings.Repeat("A", 10<<10)) },
	"non-ascii":    func(s *signature) string { return s.around("sïgnatüre\xff") },
	"truncated":    func(s *signature) string { return s.around(bare(s.digest())[:len(bare(s.digest()))-1]) },
	"halved":       func(s *signature) string { return s.around(s.digest()[:len(s.digest())/2]) },
	"extended":     func(s *signature) string { return s.around(bare(s.digest()) + "AAAA") },
	"wrong-early":  func(s *signature) string { return s.around(replaceAt(s.digest(), 0)) },
	"wrong-late":   func(s *signature) string { return s.around(replaceAt(s.digest(), len(s.digest())-4)) },
	"byte-short": func(s *signature) string {
		return s.around(s.recode(func(raw []byte) []byte { return raw[:len(raw)-1] }))
	},
	"byte-long": func(s *signature) string {
		return s.around(s.recode(func(raw []byte) []byte { return append(raw, 0) }))
	},
	"middle":     func(s *signature) string { return s.around(s.digest()[len(s.digest())/4 : len(s.digest())*3/4]) },
	"other-case": func(s *signature) string { return s.around(swapCase(s.digest())) },
	"trailing":   func(s *signature) string { return s.around(s.digest() + "ab") },
	"leading":    func(s *signature) string { return s.around("ab" + s.digest()) },
	"other-version": func(s *signature) string {
		return strings.Replace(s.valid, s.Signing.Version(), s.Signing.OtherVersion(), 1)
	},
	"longer-version": func(s *signature) string {
		return strings.Replace(s.valid, version(s), version(s)+"x", 1)
	},
	"unknown-version": func(s *signature) string { return strings.Replace(s.valid, "v1", "v9", 1) },

	// Several digests in one header.
	"both":             func(s *signature) string { return s.join(s.Signing.Digest(with("next-secret")(s)), s.digest()) },
	"both-turn":        func(s *signature) string { return s.join(s.digest(), s.Signing.Digest(with("next-secret")(s))) },
	"last-good":        func(s *signature) string { return s.join(s.forge(1), s.forge(2), s.digest()) },
	"first-good":       func(s *signature) string { return s.join(s.digest(), s.forge(1), s.forge(2)) },
	"several-one-good": func(s *signature) string { return s.join(s.forge(1), s.digest(), s.forge(2)) },
	"several-none":     func(s *signature) string { return s.join(s.forge(1), s.forge(2), s.forge(3)) },

	// Another covered text.
	"empty-body":   func(s *signature) string { return s.sign(s.key(), s.stamp(), nil) },
	"without-time": (*signature).timeless,
	"body-only":    (*signature).bodyOnly,
	"ts-abc":       stamped("ts-abc"),
	"ts-empty":     stamped("ts-empty"),
	"ts-negative":  stamped("ts-negative"),
	"ts-millis":    stamped("ts-millis"),
	"ts-iso":       stamped("ts-iso"),
	"ts-too-large": stamped("ts-too-large"),
	"ts-suffix":    stamped("ts-suffix"),

	// The algorithm that the header beside it names: see algorithmName.
	"alg-none":   func(s *signature) string { return s.forge(1) },
	"alg-sha1":   func(s *signature) string { return s.Signing.Encode(mac(sha1.New, s.key(), s.body)) },
	"alg-sha512": func(s *signature) string { return s.Signing.Encode(mac(sha512.New, s.key(), s.body)) },
}

// HasSign reports whether a signature can be changed by this word.
func HasSign(word string) bool { return signs[word] != nil }

// CanSign reports whether the provider's scheme has room for such a signature: several digests need versions.
func CanSign(p *profile.Profile, word string) bool {
	switch word {
	case "both", "both-turn", "first-good", "last-good":
		return p.Signing.Versioned()
	case "trailing": // lenient decoders ignore what follows the padding of base64
		return isHex(p.Signing.Encode([]byte("digest")))
	case "other-case": // hex may be compared in any case
		return !isHex(p.Signing.Encode([]byte("digest")))
	}
	return true
}

// with signs with the secret of a mutation of the table.
func with(mutation string) func(s *signature) string {
	which, _ := table.SecretOf(mutation)
	return func(s *signature) string {
		switch which {
		case table.Missing:
			return removed
		case table.Wrong:
			return s.sign([]byte("another secret, as long as one"), s.stamp(), s.body)
		case table.Empty:
			return s.sign(nil, s.stamp(), s.body)
		}
		return s.sign(s.Signing.KeyOrText(s.Secrets[which]), s.stamp(), s.body)
	}
}

func key(text string) func(s *signature) string {
	return func(s *signature) string { return s.sign([]byte(text), s.stamp(), s.body) }
}

// stamps are the words for a changed time with its text. It is signed, so only the time itself is wrong.
var stamps = map[string]func(sent time.Time) string{
	"ts-abc":       func(time.Time) string { return "abc" },
	"ts-empty":     func(time.Time) string { return "" },
	"ts-negative":  func(time.Time) string { return "-1" },
	"ts-millis":    func(sent time.Time) string { return strconv.FormatInt(sent.UnixMilli(), 10) },
	"ts-iso":       func(sent time.Time) string { return sent.UTC().Format(time.RFC3339) },
	"ts-too-large": func(time.Time) string { return strings.Repeat("9", 30) },
	"ts-suffix":    func(sent time.Time) string { return strconv.FormatInt(sent.Unix(), 10) + "abc" },
	"without-time": func(time.Time) string { return removed },
}

func stamped(word string) func(s *signature) string {
	return func(s *signature) string { return s.sign(s.key(), stamps[word](s.sent), s.body) }
}

func (s *signature) stamp() string { return strconv.FormatInt(s.sent.Unix(), 10) }

func (s *signature) key() []byte { return s.Signing.KeyOrText(s.Secret) }

// digest is the part of the valid signature that only the provider can make.
func (s *signature) digest() string { return s.Signing.Digest(s.valid) }

// version is the version of the scheme without what separates it from the digest.
func version(s *signature) string { return strings.TrimRight(s.Signing.Version(), ",=") }

// recode changes the decoded digest. A digest that is text is its own encoding.
func (s *signature) recode(change func(raw []byte) []byte) string {
	for _, encoding := range []interface {
		DecodeString(string) ([]byte, error)
		EncodeToString([]byte) string
	}{hexadecimal{}, base64.StdEncoding} {
		if raw, err := encoding.DecodeString(s.digest()); err == nil && len(raw) > 1 {
			return encoding.EncodeToString(change(raw))
		}
	}
	return string(change([]byte(s.digest())))
}

// hexadecimal is the encoding of package hex.
type hexadecimal struct{}

func (hexadecimal) DecodeString(text string) ([]byte, error) { return hex.DecodeString(text) }
func (hexadecimal) EncodeToString(raw []byte) string         { return hex.EncodeToString(raw) }

func isHex(text string) bool {
	_, err := hex.DecodeString(text)
	return err == nil
}

// swapCase turns small letters into capitals, and the reverse.
func swapCase(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsUpper(r) {
			return unicode.ToLower(r)
		}
		return unicode.ToUpper(r)
	}, text)
}

// around is the valid signature with another digest.
func (s *signature) around(digest string) string {
	return strings.TrimSuffix(s.valid, s.digest()) + digest
}

// forge returns a digest of the right form, made without a key. Different n give different digests.
func (s *signature) forge(n uint64) string {
	sum := sha256.Sum256([]byte(strconv.FormatUint(s.Options.Seed+n, 36) + s.id))
	more := sha256.Sum256(sum[:])
	return s.Signing.Forge([64]byte(append(sum[:], more[:]...)), s.Secret)
}

// join lists digests in one header. Among three or more, the second is of an unknown version.
func (s *signature) join(digests ...string) string {
	var parts []signing.Part
	for i, digest := range digests {
		if i == 1 && len(digests) > 2 {
			parts = append(parts, signing.Part{Version: s.Signing.OtherVersion(), Digest: s.forge(9)})
		}
		parts = append(parts, signing.Part{Version: s.Signing.Version(), Digest: digest})
	}
	return s.Signing.Join(s.stamp(), parts...)
}

// sign signs with any key and any text as the time.
func (s *signature) sign(key []byte, stamp string, body []byte) string {
	return s.Signing.SignContent(key, signing.Content{ID: s.id, Time: stamp, Body: body})
}

// timeless covers the body alone, where the scheme covers a time.
func (s *signature) timeless() string {
	if !s.Signing.CoversTime() {
		return s.valid
	}
	return s.Signing.SignBody(s.key(), s.body)
}

// bodyOnly covers the body alone, and leaves the time where it is.
func (s *signature) bodyOnly() string {
	if !s.Signing.CoversTime() {
		return s.valid
	}
	return s.around(s.Signing.Digest(s.Signing.SignBody(s.key(), s.body)))
}

// rewrite replaces the valid signature, the signed time and the name of the algorithm in the headers.
func (s *signature) rewrite(header [][2]string, word string) [][2]string {
	change := signs[word]
	if change == nil || s.valid == "" {
		return header
	}
	text, stamp := change(s), s.stamp()
	if restamp := stamps[word]; restamp != nil {
		stamp = restamp(s.sent)
	}
	var changed [][2]string
	for _, h := range header {
		switch {
		case strings.Contains(h[1], s.valid):
			if text == removed {
				continue
			}
			if h[1] = strings.ReplaceAll(h[1], s.valid, text); text == "" {
				h[1] = ""
			}
		case h[1] == s.stamp():
			if stamp == removed {
				continue
			}
			h[1] = stamp
		}
		changed = append(changed, h)
	}
	if own, other := s.Signing.Algorithm, s.algorithmName(word); other != "" {
		for i, h := range changed {
			changed[i][1] = strings.ReplaceAll(h[1], own, other)
		}
	}
	return changed
}

// algorithmName is the name of a weaker algorithm in the provider's spelling; empty where the word changes none or the
// provider's headers name none.
func (s *signature) algorithmName(word string) string {
	switch word {
	case "alg-none":
		if s.Signing.Algorithm != "" {
			return "none"
		}
	case "alg-sha1":
		return strings.ReplaceAll(s.Signing.Algorithm, "256", "1")
	case "alg-sha512":
		return strings.ReplaceAll(s.Signing.Algorithm, "256", "512")
	}
	return ""
}

func mac(by func() hash.Hash, key, body []byte) []byte {
	h := hmac.New(by, key)
	h.Write(body)
	return h.Sum(nil)
}

// bare returns a digest without padding, which lenient decoders of base64 do not need.
func bare(digest string) string { return strings.TrimRight(digest, "=") }

// replaceAt replaces one character by another that is valid in hex and in base64.
func replaceAt(text string, at int) string {
	b := []byte(text)
	at = max(at, 0)
	if b[at] == 'a' {
		b[at] = 'b'
	} else {
		b[at] = 'a'
	}
	return string(b)
}

// Revealed reports whether a text contains a signature that would have been valid for the body a moment ago, in any of the
// forms that a receiver computes: over the whole content, without the time, or over an empty body.
func Revealed(p *profile.Profile, id, text string, body []byte) bool {
	for _, age := range []time.Duration{0, -time.Second, time.Second} {
		s := &signature{Profile: p, id: id, sent: time.Now().Add(age), body: body}
		s.valid = s.sign(s.key(), s.stamp(), body)
		for _, word := range []string{"good", "without-time", "empty-body"} {
			if full := signs[word](s); len(full) > 16 && (strings.Contains(text, full) || strings.Contains(text, s.digest())) {
				return true
			}
		}
	}
	return false
}
