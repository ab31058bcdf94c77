package openapi

import (
	"fmt"
	"strings"
	"time"
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

// Registration is what the provider asks of a webhook's URL.
func (p *Provider) Registration() Registration { return p.set.Webhook.Registration }

// Sandbox reports whether a key is one of the sandbox's, as far as the key tells.
func (p *Provider) Sandbox(key string) bool { return p.set.Sandbox.Keys.Match(key) }

// Gone reports whether a receiver that answers 410 is sent nothing any more.
func (p *Provider) Gone() bool { return p.set.Webhook.Gone != "" }

// RetryAfter reports whether a receiver that answers 429 or 503 can ask for a longer wait.
func (p *Provider) RetryAfter() bool { return p.set.Webhook.RetryAfter != "" }

// Jitter is the share of a wait by which an attempt may come sooner or later; 0 where none does.
func (p *Provider) Jitter() float64 { return p.set.Webhook.Jitter }

// Shift moves a wait by the provider's jitter. where is from 0, the soonest, to 1.
func (p *Provider) Shift(wait time.Duration, where float64) time.Duration {
	return wait + time.Duration(float64(wait)*p.set.Webhook.Jitter*(2*where-1))
}

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
