// Package headervalue parses and writes header values that are lists of name=value pairs: Prefer (RFC 7240) and Forwarded
// (RFC 7239).
//
// It does not interpret the names. It is lenient: both headers come from clients and proxies, and a part that cannot be parsed
// must not hide the rest. docs/adr/0030-header-values.md says why it is not a structured-field parser.
package headervalue

import (
	"iter"
	"strings"
)

// Preferences parses a Prefer header: names, in lower case, and values, which may be quoted. Parameters after a semicolon are
// ignored. Of duplicate names, the first counts.
func Preferences(header string) map[string]string {
	pairs := map[string]string{}
	for element := range split(header, ',') {
		for pair := range split(element, ';') {
			add(pairs, pair)
			break // the rest are parameters
		}
	}
	return pairs
}

// Forwarded parses the first element of a Forwarded header, which the proxy nearest to the client added. The names are in lower
// case.
func Forwarded(header string) map[string]string {
	pairs := map[string]string{}
	for element := range split(header, ',') {
		for pair := range split(element, ';') {
			add(pairs, pair)
		}
		break
	}
	return pairs
}

func add(pairs map[string]string, pair string) {
	name, value, _ := strings.Cut(pair, "=")
	name = strings.ToLower(strings.TrimSpace(name))
	if _, duplicate := pairs[name]; !duplicate && name != "" {
		pairs[name] = unquote(strings.TrimSpace(value))
	}
}

// split splits at a separator outside of quoted strings.
func split(s string, separator byte) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(s); i++ {
			switch {
			case quoted && s[i] == '\\':
				i++
			case s[i] == '"':
				quoted = !quoted
			case s[i] == separator && !quoted:
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:])
	}
}

// unquote returns the content of a quoted string, and any other text unchanged.
func unquote(s string) string {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return s
	}
	var b strings.Builder
	for i := 1; i < len(s)-1; i++ {
		if s[i] == '\\' && i < len(s)-2 {
			i++
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Quote returns s if it is a token, else as a quoted string.
func Quote(s string) string {
	if s != "" && !strings.ContainsFunc(s, func(c rune) bool { return !isTokenChar(c) }) {
		return s
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
}

func isTokenChar(c rune) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || strings.ContainsRune("!#$%&'*+-.^_`|~", c)
}
