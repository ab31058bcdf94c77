package wire

import (
	"fmt"
	"strings"
)

// Curl returns a command that sends the request again, as far as curl can: it has no equivalent of some styles, and a
// signed time goes stale.
func (r *Request) Curl(t *Target) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -sS -i -X %s %s", r.Method, shellQuote(t.URL.Scheme+"://"+t.URL.Host+r.Target))
	for _, h := range r.Header {
		if strings.EqualFold(h[0], "Host") {
			continue
		}
		text := h[0] + ": " + h[1]
		if h[1] == "" {
			text = h[0] + ";" // curl's syntax for an empty header
		}
		b.WriteString(" -H " + shellQuote(text))
	}
	switch r.Transport {
	case "ipv6":
		b.WriteString(" -6")
	case "http2":
		b.WriteString(" --http2")
	}
	switch r.Style {
	case "chunked":
		b.WriteString(" -H 'Transfer-Encoding: chunked'")
	case "expect":
		b.WriteString(" -H 'Expect: 100-continue'")
	}
	if len(r.Body) > 8<<10 {
		return b.String() + fmt.Sprintf(" --data-binary @body.json # %d bytes", len(r.Body))
	}
	if r.Method != "GET" && r.Method != "HEAD" {
		b.WriteString(" --data-binary " + shellQuote(string(r.Body)))
	}
	return b.String()
}

// shellQuote quotes a text for a POSIX shell, or for bash if it contains bytes that need escapes.
func shellQuote(s string) string {
	plain := true
	for i := range len(s) {
		plain = plain && (s[i] >= 0x20 && s[i] < 0x7f)
	}
	if plain {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := range len(s) {
		switch c := s[i]; {
		case c == '\'' || c == '\\':
			b.WriteString(`\` + string(rune(c)))
		case c >= 0x20 && c < 0x7f:
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String() + "'"
}
