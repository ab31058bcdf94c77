package receiver

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// A receiver that defers events with Retry-After passes; its storm ends after the last deferred event was sent again.
func TestThrottle(t *testing.T) {
	testenv.Long(t)
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

// The check of Retry-After does not apply to a receiver that defers nothing.
func TestNothingThrottled(t *testing.T) {
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Only = []string{"ack/retry-after"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.NotApplicable || !strings.Contains(r.Reason, "deferred no event") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// If a receiver defers events for longer than the checks wait, the storm is inconclusive.
func TestLongThrottle(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{Limit: 5, After: time.Hour}, false)
	target.Only = []string{"ack/backlog-storm"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, "1h0m0s") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
