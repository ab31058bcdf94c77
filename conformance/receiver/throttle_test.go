package receiver

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
)

// What an answer says of when to come again is read as RFC 9110 has it: seconds, or a date.
func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"0": 0, "7": 7 * time.Second, "Sun, 01 Mar 2026 12:01:00 GMT": time.Minute, "Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"": -1, "soon": -1, "-1": -1, "1.5": -1, "1s": -1, "2026-03-01T12:01:00Z": -1, "99999999999999999999": -1,
	} {
		got, ok := retryAfter(reply{header: http.Header{"Retry-After": {text}}}, now)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

// A receiver that puts events off and says until when is right, and its storm is over when all that was put off has come
// again.
func TestThrottles(t *testing.T) {
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{API: "yes", Limit: 60}, false)
	target.Only, target.Strict = []string{"ack/backlog-storm", "ack/retry-after"}, true
	report := run(t, target)
	if report.Headline != "" {
		t.Error(report.Headline)
	}
	for _, r := range report.Results {
		if r.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
		}
	}
}

// Of a receiver that puts nothing off, nothing is said of how it does so.
func TestNothingThrottled(t *testing.T) {
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Only = []string{"ack/retry-after"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.NotApplicable || !strings.Contains(r.Reason, "put nothing off") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// A receiver that puts off for longer than the checks wait is not judged by what it did not get.
func TestPutsOffForLong(t *testing.T) {
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{Limit: 5, After: time.Hour}, false)
	target.Only = []string{"ack/backlog-storm"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, "1h0m0s") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
