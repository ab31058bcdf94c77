package mockserver

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/webhook"
)

// next says how long after a failed attempt the next is due, and whether there is one: the provider's table, moved by its
// jitter, and put off where the receiver asks for it and the provider listens.
func (e *Engine) next(a *account, m *prepared, made webhook.Attempt) (time.Duration, bool) {
	p, d := m.provider, m.delivery
	wait, again := p.Retry().After(d.Attempts)
	if !again {
		return 0, false
	}
	if p.Jitter() > 0 {
		drawn := fake.Seed(a.seed, "jitter", d.ID, fmt.Sprint(d.Attempts))
		wait = p.Shift(wait, float64(drawn)/math.MaxUint64)
	}
	if p.RetryAfter() {
		wait = max(wait, retryAfter(made))
	}
	return wait, true
}

// maxRetryAfter bounds what a receiver can ask for.
const maxRetryAfter = 7 * 24 * time.Hour

// retryAfter is how long a receiver that is too busy asks to be left alone (RFC 9110, 10.2.3), and 0 where it does not.
func retryAfter(made webhook.Attempt) time.Duration {
	if made.Response == nil || made.Response.Status != http.StatusTooManyRequests && made.Response.Status != http.StatusServiceUnavailable {
		return 0
	}
	asked := ""
	for _, h := range made.Response.Header {
		if h[0] == "Retry-After" {
			asked = h[1]
		}
	}
	var wait time.Duration
	if seconds, err := strconv.Atoi(asked); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(asked); err == nil {
		wait = at.Sub(made.Sent)
	}
	return min(max(0, wait), maxRetryAfter)
}
