package delivery

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/webhook"
)

// nextAttempt returns how long after a failed attempt the next is due, and whether there is one: the provider's table,
// with its jitter, and later where the receiver asks for it and the provider honors that.
func nextAttempt(a *account.Account, m *Prepared, result webhook.Attempt) (time.Duration, bool) {
	p, d := m.provider, m.delivery
	wait, again := p.Retry().After(d.Attempts)
	if !again {
		return 0, false
	}
	if p.Jitter() > 0 {
		drawn := fake.Seed(a.Seed(), "jitter", d.ID, fmt.Sprint(d.Attempts))
		wait = p.Shift(wait, float64(drawn)/math.MaxUint64)
	}
	if p.RetryAfter() {
		wait = max(wait, retryAfter(result))
	}
	return wait, true
}

// maxRetryAfter bounds the Retry-After of receivers.
const maxRetryAfter = 7 * 24 * time.Hour

// retryAfter is how long a busy receiver asks to wait (RFC 9110, 10.2.3); 0 if it does not.
func retryAfter(result webhook.Attempt) time.Duration {
	if result.Response == nil || result.Response.Status != http.StatusTooManyRequests && result.Response.Status != http.StatusServiceUnavailable {
		return 0
	}
	value := ""
	for _, h := range result.Response.Header {
		if h[0] == "Retry-After" {
			value = h[1]
		}
	}
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(result.Sent)
	}
	return min(max(0, wait), maxRetryAfter)
}
