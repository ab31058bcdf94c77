package har

import (
	"net/url"
	"regexp"
	"strings"
)

// redacted stands in place of what is not to be passed on.
const redacted = "redacted"

var (
	// secret finds the names of headers, parameters, cookies and members whose values open something.
	secret = regexp.MustCompile(`(?i)key|token|secret|signature|auth|password|cookie|session`)
	// member finds a member of a JSON object with a text for its value.
	member = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"(?:[^"\\]|\\.)*"`)
)

// redact replaces what goes by the name of a secret. A body in base64 is left out as a whole: nobody can tell what is in it.
func (e *entry) redact() {
	for _, list := range [][]pair{e.Request.Headers, e.Response.Headers, e.Request.Query} {
		blank(list, secret.MatchString)
	}
	all := func(string) bool { return true }
	blank(e.Request.Cookies, all)
	blank(e.Response.Cookies, all)
	e.Request.URL = redactURL(e.Request.URL)
	if body := e.Request.Body; body != nil {
		body.Text = redactText(body.Text, body.Encoding, body.MimeType)
	}
	e.Response.Content.Text = redactText(e.Response.Content.Text, e.Response.Content.Encoding, e.Response.Content.MimeType)
	if e.Account != "" { // it is a key
		e.Account = redacted
	}
}

func blank(list []pair, is func(string) bool) {
	for i := range list {
		if is(list[i].Name) {
			list[i].Value = redacted
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

// redactForm keeps the order of the parameters, which url.Values would not.
func redactForm(form string) string {
	parts := strings.Split(form, "&")
	for i, part := range parts {
		if name, _, found := strings.Cut(part, "="); found && secret.MatchString(plain(name)) {
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
