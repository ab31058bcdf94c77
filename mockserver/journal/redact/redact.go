// Package redact replaces keys, tokens, signatures and secrets in recorded requests and responses, recognised by the name of
// their header, parameter or JSON member.
//
// It knows no format of recordings: HTTP archives and reports use it for theirs.
package redact

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Redacted replaces secret values.
const Redacted = "redacted"

var (
	// secret matches names of headers, parameters and JSON members with secret values.
	secret = regexp.MustCompile(`(?i)key|token|secret|signature|auth|password|cookie|session`)
	// member matches a member of a JSON object with a string value, which may be truncated.
	member = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*(?:"|$)`)
)

// IsSecret reports whether values with a name are secret.
func IsSecret(name string) bool { return secret.MatchString(name) }

// Headers returns headers without secret values.
func Headers(headers [][2]string) [][2]string {
	all := make([][2]string, len(headers))
	for i, h := range headers {
		if all[i] = h; IsSecret(h[0]) {
			all[i][1] = Redacted
		}
	}
	return all
}

// URL returns an address without user, password and secret parameters.
func URL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return Redacted
	}
	if u.User != nil {
		u.User = url.User(Redacted)
	}
	u.RawQuery = form(u.RawQuery)
	return u.String()
}

// form keeps the order of parameters, unlike url.Values.
func form(form string) string {
	parts := strings.Split(form, "&")
	for i, part := range parts {
		if name, _, found := strings.Cut(part, "="); found && IsSecret(unescape(name)) {
			parts[i] = name + "=" + Redacted
		}
	}
	return strings.Join(parts, "&")
}

// unescape decodes a query component; an invalid one is returned unchanged.
func unescape(s string) string {
	if t, err := url.QueryUnescape(s); err == nil {
		return t
	}
	return s
}

// Text returns a body of a media type without secret values.
func Text(text, mediaType string) string {
	if strings.HasPrefix(mediaType, "application/x-www-form-urlencoded") {
		return form(text)
	}
	return member.ReplaceAllStringFunc(text, func(found string) string {
		parts := member.FindStringSubmatch(found)
		if !IsSecret(parts[1]) {
			return found
		}
		return `"` + parts[1] + `"` + parts[2] + `"` + Redacted + `"`
	})
}

// Bytes is Text for a body that need not be text. One that is not is replaced completely, as its content is unknown.
func Bytes(body []byte, mediaType string) []byte {
	switch {
	case len(body) == 0:
		return body
	case !utf8.Valid(body):
		return []byte(Redacted)
	}
	return []byte(Text(string(body), mediaType))
}
