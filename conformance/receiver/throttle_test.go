package receiver

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// A receiver that puts events off and says until when is right, and its storm is over when all that was put off has come
// again.
func TestThrottles(t *testing.T) {
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

// Of a receiver that puts nothing off, nothing is said of how it does so.
func TestNothingThrottled(t *testing.T) {
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Only = []string{"ack/retry-after"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.NotApplicable || !strings.Contains(r.Reason, "deferred no event") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// A receiver that puts off for longer than the checks wait is not judged by what it did not get.
func TestPutsOffForLong(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	target := serve(t, profileOf(t, "", ""), reference.Config{Limit: 5, After: time.Hour}, false)
	target.Only = []string{"ack/backlog-storm"}
	report := run(t, target)
	if r := report.Results[0]; r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, "1h0m0s") {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
