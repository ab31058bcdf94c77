// Package conformancetest runs the receiver checks as Go tests: one subtest per check, with the ID of the check as its name,
// so that `go test -run 'TestWebhook/auth'` shows a group.
//
//	func TestWebhook(t *testing.T) {
//		provider, err := openapi.Open("acme", os.DirFS("providers/acme")) // or receiver.OpenGeneric
//		if err != nil {
//			t.Fatal(err)
//		}
//		app := httptest.NewServer(myapp.Handler())
//		defer app.Close()
//		conformancetest.Run(t, receiver.Target{
//			URL: app.URL + "/webhooks", Provider: provider, Credentials: map[string]string{"signing_secret": myapp.Secret},
//			Probe: receiver.Probe{Hook: receiver.Hook{URL: app.URL + "/users/{subject}"}, Value: "$.state"},
//		})
//	}
//
// Checks do not belong here; package receiver defines and runs them.
package conformancetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
)

// Run tests the receiver and reports each check as a subtest. All checks run, concurrently, before the first subtest, so that
// a filter of go test selects the reported checks; [receiver.Target.Only] selects the checks that run.
//
// A missed MUST fails, and so does a check that could not be run. A missed SHOULD passes with a log line. Inapplicable,
// inconclusive and waived checks are skipped, with the reason. If the target is strict, missed SHOULDs and inconclusive
// checks fail. Each failure includes the command that repeats it.
//
// A stale waiver fails the test, and so does a receiver that could not be tested.
func Run(t *testing.T, target receiver.Target, waivers ...conformance.Waiver) {
	t.Helper()
	report, err := receiver.Run(t.Context(), target, nil)
	if err != nil {
		t.Fatal(err)
	}
	report.Waive(waivers)
	report.Finish()
	t.Log(report.Sentence())
	for _, result := range report.Results {
		t.Run(result.ID, func(t *testing.T) {
			switch {
			case report.Failed(result), result.Verdict == conformance.Error:
				t.Error(describe(result))
			case result.Verdict == conformance.Warn, result.Verdict == conformance.Noted:
				t.Logf("%s: %s", result.Verdict, describe(result))
			case result.Verdict != conformance.Pass:
				t.Skipf("%s: %s", result.Verdict, result.Reason)
			}
		})
	}
	for _, w := range report.Stale {
		t.Errorf("the waiver of %s (%s) is stale: its checks do not have the verdict %s; remove it", w.ID, w.Reason, w.Verdict)
	}
	if report.Headline != "" {
		t.Log(report.Headline + " " + report.Advice)
	}
	if report.ExitCode() == 2 {
		t.Error("the receiver could not be tested")
	}
}

// describe returns all that is needed to understand and repeat a failure.
func describe(r conformance.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n%s\nwhy: %s\n", r.Level, r.ID, r.Reason, r.Title, r.Why)
	if e := r.Decisive(); e != nil {
		fmt.Fprintf(&b, "request: %s\nresponse: %s%s\n", e.Curl, e.Response, e.Error)
	}
	for _, line := range [][2]string{{"likely cause", r.Cause}, {"source", r.Ref}, {"repeat", r.Repeat}} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", line[0], line[1])
		}
	}
	return b.String()
}
