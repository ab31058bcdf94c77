package receiver

import (
	"fmt"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// curl is a command that sends the request again, as far as curl can: not with every way of writing it, and a signed
// time grows old.
func (r *request) curl(t *wireTarget) string {
	var b strings.Builder
	fmt.Fprintf(&b, "curl -sS -i -X %s %s", r.method, shell(t.url.Scheme+"://"+t.url.Host+r.target))
	for _, h := range r.header {
		if strings.EqualFold(h[0], "Host") {
			continue
		}
		text := h[0] + ": " + h[1]
		if h[1] == "" {
			text = h[0] + ";" // how curl sends an empty header
		}
		b.WriteString(" -H " + shell(text))
	}
	switch r.over {
	case "ipv6":
		b.WriteString(" -6")
	case "http2":
		b.WriteString(" --http2")
	}
	switch r.wire {
	case "chunked":
		b.WriteString(" -H 'Transfer-Encoding: chunked'")
	case "expect":
		b.WriteString(" -H 'Expect: 100-continue'")
	}
	if len(r.body) > 8<<10 {
		return b.String() + fmt.Sprintf(" --data-binary @body.json # %d bytes", len(r.body))
	}
	if r.method != "GET" && r.method != "HEAD" {
		b.WriteString(" --data-binary " + shell(string(r.body)))
	}
	return b.String()
}

// shell quotes a text for a POSIX shell, or for bash where it has bytes that need to be written out.
func shell(s string) string {
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

// redactor knows what must not be told: the account's credentials, and what else the target was given in confidence.
func (p *Profile) redactor(t Target) *conformance.Redactor {
	var made conformance.Redactor
	for name, value := range p.account {
		if text, ok := value.(string); ok && name != "name" && text != p.account["name"] {
			made.Add(name, text)
		}
	}
	for _, h := range p.headers {
		made.Add(strings.ToLower(h[0]), h[1])
		if scheme, value, ok := strings.Cut(h[1], " "); ok && (scheme == "Bearer" || scheme == "Basic") {
			made.Add(strings.ToLower(h[0]), value)
		}
	}
	for name, text := range p.more {
		made.Add(name+" secret", text)
	}
	for _, address := range []string{t.URL, t.Probe.URL, t.Reset.URL, t.Prepare.URL, t.Start.URL, t.Restart.URL} {
		made.AddURL(address)
	}
	return &made
}
