package receiver

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// throttle is what a receiver said to events that it put off, in all checks of a run. The zero value is ready to use.
type throttle struct {
	mu   sync.Mutex
	seen int
	bad  string // what was wrong with the first that did not say until when
}

// throttled reports whether an event was put off: it is to come again later.
func throttled(got reply) bool {
	return got.err == nil && (got.status == http.StatusTooManyRequests || got.status == http.StatusServiceUnavailable)
}

// retryAfter is how long to wait before an event that was put off is sent again, and whether the answer says so in
// seconds or as a date, as RFC 9110 has it.
func retryAfter(got reply, now time.Time) (time.Duration, bool) {
	text := got.header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	return max(at.Sub(now), 0), err == nil
}

// saw remembers a reply, if it puts an event off.
func (t *throttle) saw(got reply) {
	if !throttled(got) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.seen++
	if _, ok := retryAfter(got, time.Now()); ok || t.bad != "" {
		return
	}
	t.bad = fmt.Sprintf("status %d without one", got.status)
	if text := got.header.Get("Retry-After"); text != "" {
		t.bad = fmt.Sprintf("status %d with %q", got.status, clip(text, 40))
	}
}

// judge says whether all that was put off was put off until a time that was told.
func (t *throttle) judge() outcome {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.seen == 0:
		return outcome{moot: "the receiver put nothing off, with 429 or 503, in all that it was sent"}
	case t.bad != "":
		return wrong("a Retry-After of seconds or a date with each 429 and 503", "%s", t.bad)
	}
	return fine
}
