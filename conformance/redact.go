package conformance

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// Redactor takes secrets out of what is told, in the forms in which they stand in messages: a report may be published. The
// zero value knows none. A secret of less than six characters is left: it would be found everywhere.
type Redactor struct {
	forms []redacted
	with  *strings.Replacer
}

// redacted is one form of a secret, and what stands there instead.
type redacted struct{ text, by string }

// Add adds a secret; name is told where it stood. Adding is not safe beside other calls.
func (r *Redactor) Add(name, secret string) {
	add := func(text, by string) {
		if len(text) >= 6 {
			r.forms = append(r.forms, redacted{text, "<" + by + ">"})
		}
	}
	add(secret, name)
	add(url.QueryEscape(secret), name)
	add(url.PathEscape(secret), name)
	add(strings.ReplaceAll(secret, "'", `'\''`), name) // as it stands in a curl
	bare := strings.TrimPrefix(strings.TrimPrefix(secret, "whsec_"), "whsk_")
	add(bare, name)
	add(hex.EncodeToString([]byte(secret)), "hex of "+name)
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		add(encoding.EncodeToString([]byte(secret)), "base64 of "+name)
	}
	add(base64.StdEncoding.EncodeToString([]byte(secret+":")), "base64 of "+name) // as the user of Basic, without a password
	// Standard Webhooks gives keys in base64, and Basic hides a password in it.
	if key, err := base64.StdEncoding.DecodeString(bare); err == nil && len(key) >= 6 {
		add(string(key), "key of "+name)
		add(hex.EncodeToString(key), "hex of "+name)
		if _, password, basic := strings.Cut(string(key), ":"); basic {
			add(password, "password of "+name)
		}
	}
	// The longest first: what begins with another secret is still one.
	slices.SortStableFunc(r.forms, func(a, b redacted) int {
		return cmp.Or(len(b.text)-len(a.text), strings.Compare(a.text, b.text))
	})
	var pairs []string
	for _, form := range r.forms {
		pairs = append(pairs, form.text, form.by)
	}
	r.with = strings.NewReplacer(pairs...)
}

// AddURL adds the password in a URL, if there is one.
func (r *Redactor) AddURL(s string) {
	if u, err := url.Parse(s); err == nil && u.User != nil {
		if password, has := u.User.Password(); has {
			r.Add("password", password)
		}
	}
}

// Text is a text without the secrets.
func (r *Redactor) Text(s string) string {
	if r.with == nil {
		return s
	}
	return r.with.Replace(s)
}

// Result takes the secrets out of a result, the wire log included.
func (r *Redactor) Result(result *Result) {
	for _, text := range []*string{&result.Reason, &result.Wanted, &result.Got, &result.Cause, &result.Repeat} {
		*text = r.Text(*text)
	}
	for i := range result.Exchanges {
		e := &result.Exchanges[i]
		for _, text := range []*string{&e.Note, &e.Request, &e.Curl, &e.Response, &e.Error, &e.Wanted} {
			*text = r.Text(*text)
		}
	}
}

// Report takes the secrets out of what a report says beside its results.
func (r *Redactor) Report(report *Report) {
	for _, text := range []*string{&report.Target, &report.Headline, &report.Advice} {
		*text = r.Text(*text)
	}
	for i := range report.Evidence {
		report.Evidence[i] = r.Text(report.Evidence[i])
	}
}
