package wire

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Response is the result of a request: a response, or why there is none.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Raw    string // as it arrived, cut to 64 KiB
	Took   time.Duration

	Err        error  // the reason for a missing response
	Closed     bool   // the connection ended without a response
	Late       bool   // the timeout expired
	Untestable string // why this machine cannot send such a request
}

// ReadAll reports whether the receiver read all of a body that it should have cut off.
func (r Response) ReadAll() bool { return r.Err == errReadAll }

// Throttled reports whether the receiver deferred the event with 429 or 503.
func (r Response) Throttled() bool {
	return r.Err == nil && (r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable)
}

// RetryAfter returns how long to wait before the event is sent again, and whether Retry-After is valid: seconds or a date,
// as in RFC 9110, section 10.2.3.
func (r Response) RetryAfter(now time.Time) (time.Duration, bool) {
	text := r.Header.Get("Retry-After")
	if seconds, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(seconds) * time.Second, true
	}
	at, err := http.ParseTime(text)
	return max(at.Sub(now), 0), err == nil
}

// String describes the response in a few words.
func (r Response) String() string {
	switch {
	case r.Err != nil:
		return r.Err.Error()
	case r.Status/100 == 3:
		return fmt.Sprintf("status %d, a redirect to %q, which providers do not follow", r.Status, r.Header.Get("Location"))
	case r.Status/100 == 5:
		return fmt.Sprintf("status %d, which makes the provider retry", r.Status)
	}
	text := ""
	if len(r.Body) > 0 {
		text = ": " + Clip(FirstLine(string(r.Body)), 120)
	}
	return fmt.Sprintf("status %d%s", r.Status, text)
}
