package wire

import (
	"net/http"
	"testing"
	"time"
)

// RetryAfter reads seconds or a date (RFC 9110, section 10.2.3).
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "Sun, 01 Mar 2026 12:01:00 GMT": time.Minute, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"": -1, "soon": -1, "-1": -1, "1.5": -1, "1s": -1, "2026-03-01T12:01:00Z": -1, "99999999999999999999": -1,
	} {
		got, ok := Response{Header: http.Header{"Retry-After": {text}}}.RetryAfter(now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
