package har

import (
	"net/url"
	"regexp"
	"strings"
)

// redacted replaces secret values.
const redacted = "redacted"

var (
	// secret matches names of headers, parameters and JSON members with secret values.
	secret = regexp.MustCompile(`(?i)key|token|secret|signature|auth|password|cookie|session`)
	// member matches a member of a JSON object with a string value.
	member = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*"`)
)

// redact replaces values with a secret's name. Bodies in base64 are replaced completely, as their content is unknown.
func (e *entry) redact() {
	for _, pairs := range [][]pair{e.Request.Headers, e.Response.Headers, e.Request.Query} {
		blank(pairs, secret.MatchString)
	}
	always := func(string) bool { return true }
	blank(e.Request.Cookies, always)
	blank(e.Response.Cookies, always)
	e.Request.URL = redactURL(e.Request.URL)
	if body := e.Request.Body; body != nil {
		body.Text = redactText(body.Text, body.Encoding, body.MimeType)
	}
	e.Response.Content.Text = redactText(e.Response.Content.Text, e.Response.Content.Encoding, e.Response.Content.MimeType)
	if e.Account != "" { // an API key
		e.Account = redacted
	}
}

func blank(pairs []pair, match func(name string) bool) {
	for i := range pairs {
		if match(pairs[i].Name) {
			pairs[i].Value = redacted
		}
	}
}

func redactURL(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return redacted
	}
	if u.User != nil {
		u.User = url.User(redacted)
	}
	u.RawQuery = redactForm(u.RawQuery)
	return u.String()
}

// redactForm keeps the order of parameters, unlike url.Values.
func redactForm(form string) string {
	parts := strings.Split(form, "&")
	for i, part := range parts {
		if name, _, found := strings.Cut(part, "="); found && secret.MatchString(unescape(name)) {
			parts[i] = name + "=" + redacted
		}
	}
	return strings.Join(parts, "&")
}

func redactText(text, encoding, mimeType string) string {
	switch {
	case text == "":
		return ""
	case encoding != "":
		return redacted
	case strings.HasPrefix(mimeType, "application/x-www-form-urlencoded"):
		return redactForm(text)
	}
	return member.ReplaceAllStringFunc(text, func(found string) string {
		parts := member.FindStringSubmatch(found)
		if !secret.MatchString(parts[1]) {
			return found
		}
		return `"` + parts[1] + `"` + parts[2] + `"` + redacted + `"`
	})
}
