// Package conformancetest makes the checks of package receiver tests of your own: one subtest a check, named as the
// check is, so that `go test -run 'TestWebhook/auth'` makes those of a group.
package conformancetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
)

// Run judges the receiver and reports each check as a subtest. A missed MUST fails; a warning and missing evidence are
// logged, or fail where the target is strict. The checks are made side by side before the first subtest.
func Run(t *testing.T, target receiver.Target) {
	t.Helper()
	report, err := receiver.Run(t.Context(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	if report.Headline != "" {
		t.Log(report.Headline, report.Advice)
	}
	t.Log(report.Sentence())
	for _, result := range report.Results {
		t.Run(result.ID, func(t *testing.T) {
			switch {
			case report.Failed(result), result.Verdict == conformance.Error:
				t.Error(story(result))
			case result.Verdict != conformance.Pass:
				t.Logf("%s: %s", result.Verdict, result.Reason)
			}
		})
	}
	if report.Untested {
		t.Error("the receiver could not be tested")
	}
}

// story tells a failure so that it can be understood and repeated.
func story(r conformance.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n%s\nwhy: %s\n", r.Level, r.ID, r.Reason, r.Title, r.Why)
	if e := r.Decisive(); e != nil {
		fmt.Fprintf(&b, "sent: %s\ncame back: %s%s\n", e.Curl, e.Response, e.Error)
	}
	if r.Cause != "" {
		fmt.Fprintf(&b, "likely: %s\n", r.Cause)
	}
	return b.String()
}
