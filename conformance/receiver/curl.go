package receiver

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
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
		default:
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return b.String() + "'"
}

// redactor takes the account's credentials out of what is told, in the forms in which they stand in messages.
func (p *Profile) redactor() *strings.Replacer {
	var pairs []string
	for name, value := range p.account {
		text, ok := value.(string)
		if !ok || len(text) < 8 || name == "name" || text == p.account["name"] {
			continue
		}
		pairs = append(pairs, forms(text, name)...)
	}
	if len(p.headers) > 0 && len(p.secret) >= 8 {
		pairs = append(pairs, p.secret, "<"+p.signature.Secret+">")
	}
	for name, text := range p.more {
		if len(text) >= 8 {
			pairs = append(pairs, forms(text, name+" secret")...)
		}
	}
	return strings.NewReplacer(pairs...)
}

// forms are those in which a credential stands in messages, each with what stands there instead.
func forms(text, name string) []string {
	return []string{text, "<" + name + ">", url.QueryEscape(text), "<" + name + ">", base64.StdEncoding.EncodeToString([]byte(text)), "<base64 of " + name + ">"}
}
