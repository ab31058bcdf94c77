package signing

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrSignature reports a signature that does not match message and secret, or that is stale.
var ErrSignature = errors.New("signature does not match")

// Tolerance is the largest difference between a signed time and the receiver's clock, to either side.
const Tolerance = 5 * time.Minute

// Config is how a provider signs: the section signature of provider.yaml.
type Config struct {
	// Scheme is a name of the table; empty: nothing is signed.
	Scheme string `yaml:"scheme"`
	// Encoding of the digest, where the scheme leaves a choice: base64 (the default) or hex.
	Encoding string `yaml:"encoding"`
	// Algorithm is the word by which a header names the algorithm, such as HMAC_SHA256_HEX. A receiver must insist on it,
	// because a sender could write another.
	Algorithm string `yaml:"algorithm"`
	// Secret names the account's credential that is the secret.
	Secret string `yaml:"secret"`
}

// Static is the configuration of a sender that proves itself with a constant, the named secret.
func Static(secret string) Config { return Config{Scheme: "token", Secret: secret} }

// Message is a signed webhook.
type Message struct {
	ID   string    // the delivery's, the same on each of its attempts
	Sent time.Time // wall time of the attempt, to the second
	Body []byte    // the exact bytes sent
}

// Content is what a signature covers. Time is text, so that a check can sign an invalid one.
type Content struct {
	ID, Time string
	Body     []byte
}

// Content returns the message's own content, its time in Unix seconds.
func (m Message) Content() Content {
	return Content{ID: m.ID, Time: strconv.FormatInt(m.Sent.Unix(), 10), Body: m.Body}
}

// row is the scheme's row; an unknown scheme signs nothing, and Validate reports it.
func (c Config) row() Scheme {
	s, _ := Lookup(c.Scheme)
	return s
}

// Signs reports whether webhooks are signed at all.
func (c Config) Signs() bool { return c.Scheme != "" }

// CoversBody reports whether the signature depends on the body, so that a receiver detects a changed one.
func (c Config) CoversBody() bool { return strings.Contains(c.row().Covers, "{body}") }

// CoversTime reports whether the signature depends on the time, so that a receiver detects a stale message.
func (c Config) CoversTime() bool { return strings.Contains(c.row().Covers, "{time}") }

// CoversID reports whether the signature depends on the delivery's id.
func (c Config) CoversID() bool { return strings.Contains(c.row().Covers, "{id}") }

// Versioned reports whether a signature names its version, so that one header can carry several.
func (c Config) Versioned() bool { return c.row().Layout.Version != "" }

// IDHeader is the header that carries the delivery's id by the scheme's specification; empty where it names none.
func (c Config) IDHeader() string { return c.row().IDHeader }

// Sign returns the signature's text. The error reports an unusable secret.
func (c Config) Sign(secret []byte, m Message) (string, error) {
	key, err := c.Key(secret)
	if err != nil {
		return "", err
	}
	return c.SignContent(key, m.Content()), nil
}

// SignContent signs with a key, as [Config.Key] returns it. An empty key is allowed: faults and checks sign with one.
func (c Config) SignContent(key []byte, content Content) string {
	if !c.Signs() {
		return ""
	}
	s := c.row()
	return c.Join(content.Time, Part{s.Layout.Version, c.Encode(s.digest(key, s.covered(content)))})
}

// SignBody covers nothing but the body and writes no time, as predecessors of the schemes with a time did.
func (c Config) SignBody(key, body []byte) string {
	s := c.row()
	return s.Layout.Version + c.Encode(s.digest(key, body))
}

// Verify checks a signature as a careful receiver does, including its age. ID and Sent of the message are those of the
// headers; a time within the text replaces Sent. The error is [ErrSignature], or reports an unusable secret.
func (c Config) Verify(secret []byte, text string, m Message, now time.Time) error {
	key, err := c.Key(secret)
	if err != nil {
		return err
	}
	stamp, parts := c.Split(text)
	if c.row().Layout.Time != "" {
		seconds, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: no time in Unix seconds after %s", ErrSignature, c.row().Layout.Time)
		}
		m.Sent = time.Unix(seconds, 0)
	}
	if age := now.Sub(m.Sent).Abs(); c.CoversTime() && age > Tolerance {
		return fmt.Errorf("%w: sent %v away from now", ErrSignature, age)
	}
	want := Part{}
	if c.Signs() {
		_, signed := c.Split(c.SignContent(key, m.Content()))
		want = signed[0]
	}
	for _, part := range parts { // several while a secret is being replaced
		if want.Digest != "" && part.Version == want.Version && subtle.ConstantTimeCompare([]byte(want.Digest), []byte(part.Digest)) == 1 {
			return nil
		}
	}
	return ErrSignature
}

// Encode writes a digest in the configured encoding.
func (c Config) Encode(digest []byte) string {
	switch c.encoding() {
	case Hex:
		return hex.EncodeToString(digest)
	case Text:
		return string(digest)
	}
	return base64.StdEncoding.EncodeToString(digest)
}

func (c Config) encoding() string {
	if s := c.row(); c.Encoding == "" && len(s.Encodings) > 0 {
		return s.Encodings[0]
	}
	return c.Encoding
}

// Forge returns a well-formed digest that no key has made, of random bytes; secret only gives its length, where that of
// a digest is the secret's.
func (c Config) Forge(random [64]byte, secret string) string {
	s := c.row()
	switch {
	case s.size() > 0:
		return c.Encode(random[:s.size()])
	case c.encoding() == Text:
		return hex.EncodeToString(random[:32])[:max(min(len(secret), 64), 8)]
	}
	return c.Encode(random[:32])
}

// Validate reports errors in provider.yaml.
func (c Config) Validate() error {
	s, ok := Lookup(c.Scheme)
	switch {
	case !ok:
		var names []string
		for _, known := range table {
			names = append(names, known.Name)
		}
		slices.Sort(names)
		return fmt.Errorf("unknown signature scheme %q: use %s", c.Scheme, strings.Join(names, ", "))
	case c.Encoding != "" && s.Fixed:
		return fmt.Errorf("signature scheme %s takes no encoding", c.Scheme)
	case c.Encoding != "" && !slices.Contains(s.Encodings, c.Encoding):
		return fmt.Errorf("invalid signature encoding %q for %q: use %s", c.Encoding, c.Scheme, strings.Join(s.Encodings, " or "))
	case c.Algorithm != "" && !s.Named:
		return fmt.Errorf("signature algorithm: headers of %q name none", c.Scheme)
	case c.Signs() && c.Secret == "":
		return fmt.Errorf("signature scheme %s requires secret: the name of a credential", c.Scheme)
	}
	return nil
}
