package har

import "github.com/idmock/idmock/mockserver/journal/redact"

// redact replaces values with a secret's name. Bodies in base64 are replaced completely, as their content is unknown.
func (e *entry) redact() {
	for _, pairs := range [][]pair{e.Request.Headers, e.Response.Headers, e.Request.Query} {
		blank(pairs, redact.IsSecret)
	}
	always := func(string) bool { return true }
	blank(e.Request.Cookies, always)
	blank(e.Response.Cookies, always)
	e.Request.URL = redact.URL(e.Request.URL)
	if body := e.Request.Body; body != nil {
		body.Text = redactText(body.Text, body.Encoding, body.MimeType)
	}
	e.Response.Content.Text = redactText(e.Response.Content.Text, e.Response.Content.Encoding, e.Response.Content.MimeType)
	if e.Account != "" { // an API key
		e.Account = redact.Redacted
	}
}

func blank(pairs []pair, match func(name string) bool) {
	for i := range pairs {
		if match(pairs[i].Name) {
			pairs[i].Value = redact.Redacted
		}
	}
}

func redactText(text, encoding, mimeType string) string {
	if text != "" && encoding != "" {
		return redact.Redacted
	}
	return redact.Text(text, mimeType)
}
