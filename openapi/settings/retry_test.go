package settings

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	sent := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	for _, test := range []struct {
		status int
		value  string
		want   time.Duration
	}{
		{429, "90", 90 * time.Second},
		{503, "0", 0},
		{503, "-5", 0},
		{503, "99999999999", maxRetryAfter},
		{503, sent.Add(time.Hour).Format(http.TimeFormat), time.Hour},
		{503, sent.Add(-time.Hour).Format(http.TimeFormat), 0},
		{503, sent.AddDate(1, 0, 0).Format(http.TimeFormat), maxRetryAfter},
		{503, "soon", 0},
		{503, "", 0},
		{500, "90", 0},
		{301, "90", 0},
		{0, "", 0},
	} {
		failure := Failure{Attempt: 1, Sent: sent, Status: test.status, RetryAfter: test.value}
		if got := failure.requested(); got != test.want {
			t.Errorf("%d with %q: %v, want %v", test.status, test.value, got, test.want)
		}
		rule := Retry{Waits: []Duration{Duration(time.Minute)}, RetryAfter: "honour"}
		if got, ok := rule.Next(failure, nil); !ok || got != max(test.want, time.Minute) {
			t.Errorf("%d with %q: next attempt after %v, %t", test.status, test.value, got, ok)
		}
		rule.RetryAfter = ""
		if got, _ := rule.Next(failure, nil); got != time.Minute {
			t.Errorf("%d with %q, not honoured: next attempt after %v", test.status, test.value, got)
		}
	}
}

func TestNextIsWithinBounds(t *testing.T) {
	rule := Retry{Waits: []Duration{Duration(time.Minute), Duration(time.Hour)}, Jitter: 0.1}
	for _, position := range []float64{0, 0.5, 1} {
		draw := func(string) float64 { return position }
		first, _ := rule.Next(Failure{Attempt: 1}, draw)
		second, _ := rule.Next(Failure{Attempt: 2}, draw)
		if earliest, latest := rule.Bounds(2); first+second < earliest || first+second > latest {
			t.Errorf("at %v: %v and %v are not within %v and %v", position, first, second, earliest, latest)
		}
	}
	if _, ok := rule.Next(Failure{Attempt: 3}, nil); ok {
		t.Error("a third wait from a table of two")
	}
}

func TestDisables(t *testing.T) {
	for gone, want := range map[string]bool{"": false, "disable": true} {
		if got := (Retry{Gone: gone}).Disables(http.StatusGone); got != want {
			t.Errorf("gone %q: %t", gone, got)
		}
	}
	if (Retry{Gone: "disable"}).Disables(http.StatusNotFound) {
		t.Error("404 removes the endpoint")
	}
}

// A workflow of Prembly is repeated after time-outs, 5xx and a few other statuses; any other 4xx ends it.
func TestRetryOn(t *testing.T) {
	rule := Retry{Waits: []Duration{Duration(time.Minute)}, On: Texts{"5xx", "408", "425", "429"}}
	for status, want := range map[int]bool{0: true, 500: true, 503: true, 408: true, 425: true, 429: true, 400: false, 404: false, 301: false} {
		if _, again := rule.Next(Failure{Attempt: 1, Status: status}, nil); again != want {
			t.Errorf("after %d: repeated %t, want %t", status, again, want)
		}
	}
}
