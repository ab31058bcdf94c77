package openapi

import (
	"fmt"
	"strings"
)

// Registration is what a provider asks of the URL of a webhook, beside what its document says and that it can be called
// from the internet. The zero value asks nothing more.
type Registration struct {
	// HTTPS refuses a URL that is not https.
	HTTPS bool `yaml:"https"`
	// Duplicates: kept has two webhooks where one URL is registered twice, and sends to each.
	Duplicates string `yaml:"duplicates"`
	// Secret is the place, in the answer to the call that registers a webhook, of the secret that signs for it, which no
	// other answer shows. Empty where a webhook has no such secret.
	Secret string `yaml:"secret"`
}

// Registration returns the provider's requirements on a webhook's URL.
func (p *Provider) Registration() Registration { return p.set.Webhook.Registration }

func (w *webhookSettings) check(bad func(err error, path ...string)) {
	word := func(name, given, only string) {
		if given != "" && given != only {
			bad(fmt.Errorf("%s: %q is not known: want %s, or nothing", name, given, only), append([]string{"webhook"}, strings.Fields(name)...)...)
		}
	}
	word("gone", w.Gone, "disable")
	word("retry_after", w.RetryAfter, "honour")
	word("registration duplicates", w.Registration.Duplicates, "kept")
	if w.Jitter < 0 || w.Jitter >= 1 {
		bad(fmt.Errorf("jitter %v is no share of a wait: want a number from 0 to below 1", w.Jitter), "webhook", "jitter")
	}
	if s := w.Registration.Secret; s != "" && !strings.HasPrefix(s, "/") {
		bad(fmt.Errorf("registration: secret %q is no place in a body: it begins with a slash", s), "webhook", "registration", "secret")
	}
}
