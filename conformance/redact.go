package conformance

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// Redactor removes secrets from texts in every encoding in which messages carry them, because reports may be published. The
// zero value removes nothing. Secrets of fewer than six characters are kept: they would match everywhere.
type Redactor struct {
	forms    []redacted
	replacer *strings.Replacer
}

// redacted is one encoding of a secret, and its replacement.
type redacted struct{ text, replacement string }

// Add adds a secret, which is replaced by its name. It must not run concurrently with other methods.
func (r *Redactor) Add(name, secret string) {
	add := func(text, replacement string) {
		if len(text) >= 6 {
			r.forms = append(r.forms, redacted{text, "<" + replacement + ">"})
		}
	}
	add(secret, name)
	add(url.QueryEscape(secret), name)
	add(url.PathEscape(secret), name)
	add(strings.ReplaceAll(secret, "'", `'\''`), name) // as quoted in a curl command
	bare := strings.TrimPrefix(strings.TrimPrefix(secret, "whsec_"), "whsk_")
	add(bare, name)
	add(hex.EncodeToString([]byte(secret)), "hex of "+name)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		add(encoding.EncodeToString([]byte(secret)), "base64 of "+name)
	}
	add(base64.StdEncoding.EncodeToString([]byte(secret+":")), "base64 of "+name) // the user of Basic, without a password
	// Standard Webhooks writes keys in base64; Basic encodes user and password.
	if key, err := base64.StdEncoding.DecodeString(bare); err == nil && len(key) >= 6 {
		add(string(key), "key of "+name)
		add(hex.EncodeToString(key), "hex of "+name)
		if _, password, basic := strings.Cut(string(key), ":"); basic {
			add(password, "password of "+name)
		}
	}
	// The longest first, since one secret may be the prefix of another.
	slices.SortStableFunc(r.forms, func(a, b redacted) int {
		return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text))
	})
	var pairs []string
	for _, form := range r.forms {
		pairs = append(pairs, form.text, form.replacement)
	}
	r.replacer = strings.NewReplacer(pairs...)
}

// AddURL adds the password of a URL, if it has one.
func (r *Redactor) AddURL(s string) {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if password, has := u.User.Password(); has {
			r.Add("password", password)
		}
	}
}

// Text returns a text without the secrets.
func (r *Redactor) Text(s string) string {
	if r.replacer == nil {
		return s
	}
	return r.replacer.Replace(s)
}

// Result removes the secrets from a result and its exchanges.
func (r *Redactor) Result(result *Result) {
	for _, text := range []*string{&result.Reason, &result.Expected, &result.Got, &result.Cause, &result.Repeat} {
		*text = r.Text(*text)
	}
	for i := range result.Exchanges {
		e := &result.Exchanges[i]
		for _, text := range []*string{&e.Note, &e.Request, &e.Curl, &e.Response, &e.Error, &e.Expected} {
			*text = r.Text(*text)
		}
	}
}

// Report removes the secrets from a report, except from its results.
func (r *Redactor) Report(report *Report) {
	for _, text := range []*string{&report.Target, &report.Headline, &report.Advice} {
		*text = r.Text(*text)
	}
	for i := range report.Evidence {
		report.Evidence[i] = r.Text(report.Evidence[i])
	}
}
