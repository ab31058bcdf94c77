package settings

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Retry is a provider's rule for repeating failed deliveries. Another kind of rule is a field here, with its check, its
// effect in [Retry.Next] and its line in the package comment of openapi.
type Retry struct {
	// Waits is the table of waits: the first is the time from the first failed attempt to the second attempt.
	Waits []Duration `yaml:"retry"`
	// Jitter is the share of a wait by which an attempt may be earlier or later, from 0 to below 1.
	Jitter float64 `yaml:"jitter"`
	// RetryAfter: honour extends a wait to the time that a receiver requests with 429 or 503 and the header Retry-After.
	RetryAfter string `yaml:"retry_after"`
	// On are the statuses after which a delivery is repeated, such as 5xx or 429; empty: all. A failure without a response is
	// always repeated.
	On Texts `yaml:"retry_on"`
	// Gone: disable removes an endpoint that responds with 410.
	Gone string `yaml:"gone"`
}

// Failure is a failed attempt of a delivery.
type Failure struct {
	Attempt    int       // 1 for the first
	Sent       time.Time // wall time
	Status     int       // of the response; 0 without one
	RetryAfter string    // the response's header
}

// Next returns the wait before the next attempt, false after the last. draw returns a random number from 0 to 1 for a
// purpose, the same for the same attempt.
func (r Retry) Next(f Failure, draw func(purpose string) float64) (time.Duration, bool) {
	if f.Attempt < 1 || f.Attempt > len(r.Waits) {
		return 0, false
	}
	if f.Status != 0 && len(r.On) > 0 && !slices.ContainsFunc(r.On, func(on string) bool { return covers(on, f.Status) }) {
		return 0, false
	}
	wait := time.Duration(r.Waits[f.Attempt-1])
	if r.Jitter > 0 {
		wait = r.shift(wait, draw("jitter"))
	}
	if r.RetryAfter != "" {
		wait = max(wait, f.requested())
	}
	return wait, true
}

// Bounds returns the earliest and the latest time from the first attempt to the one after some failed attempts, without
// Retry-After.
func (r Retry) Bounds(failed int) (earliest, latest time.Duration) {
	for _, wait := range r.Waits[:failed] {
		earliest += r.shift(time.Duration(wait), 0)
		latest += r.shift(time.Duration(wait), 1)
	}
	return earliest, latest
}

// Disables reports whether a response with this status removes the endpoint.
func (r Retry) Disables(status int) bool { return r.Gone != "" && status == http.StatusGone }

// shift moves a wait within the jitter. position is from 0, the earliest, to 1.
func (r Retry) shift(wait time.Duration, position float64) time.Duration {
	return wait + time.Duration(float64(wait)*r.Jitter*(2*position-1))
}

// maxRetryAfter limits the wait that a receiver can request.
const maxRetryAfter = 7 * 24 * time.Hour

// requested returns the wait that a busy receiver requests (RFC 9110, 10.2.3), 0 if there is none.
func (f Failure) requested() time.Duration {
	if f.Status != http.StatusTooManyRequests && f.Status != http.StatusServiceUnavailable {
		return 0
	}
	var wait time.Duration
	if seconds, err := strconv.Atoi(f.RetryAfter); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(f.RetryAfter); err == nil {
		wait = at.Sub(f.Sent)
	}
	return min(max(0, wait), maxRetryAfter)
}

// covers reports whether a status or class of statuses, such as 5xx, has a status.
func covers(on string, status int) bool {
	return on == strconv.Itoa(status) || strings.HasSuffix(on, "xx") && on[:1] == strconv.Itoa(status/100)
}

func (r Retry) check(report Reporter) {
	for _, on := range r.On {
		if !accepted.MatchString(on) || strings.Contains(on, "-") {
			report(fmt.Errorf("invalid status %q: use 503 or 5xx", on), "webhook", "retry_on")
		}
	}
	checkWord(report, r.Gone, "disable", "gone")
	checkWord(report, r.RetryAfter, "honour", "retry_after")
	if r.Jitter < 0 || r.Jitter >= 1 {
		report(fmt.Errorf("invalid jitter %v: use a share of the wait, from 0 to below 1", r.Jitter), "webhook", "jitter")
	}
}
