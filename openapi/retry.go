package openapi

import "time"

// Retry is a table of waits: the first is the time from the first failed attempt to the second attempt.
type Retry []Duration

// After returns the wait after a number of failed attempts (1 or more), and false after the last attempt.
func (r Retry) After(failed int) (time.Duration, bool) {
	if failed < 1 || failed > len(r) {
		return 0, false
	}
	return time.Duration(r[failed-1]), true
}

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
