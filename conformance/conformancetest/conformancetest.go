// Package conformancetest makes the checks of package receiver tests of your own: one subtest a check, named as the
// check is, so that `go test -run 'TestWebhook/auth'` shows those of a group.
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
package conformancetest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
)

// Run judges the receiver and reports each check as a subtest. The checks are made side by side before the first subtest,
// which is why a filter of go test chooses what is shown; [receiver.Target.Only] chooses what is made.
//
// A missed MUST fails, and so does a check that could not be made. A missed SHOULD passes, and is logged. What does not
// apply, what nothing showed, and what is waived is skipped, with the reason: none of these was found right. Where the
// target is strict, a missed SHOULD and missing evidence fail. Each failure tells how to repeat it.
//
// A waiver of what does not fail any more fails the test, as does a receiver that could not be tested at all.
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
				t.Error(story(result))
			case result.Verdict == conformance.Warn, result.Verdict == conformance.Noted:
				t.Logf("%s: %s", result.Verdict, story(result))
			case result.Verdict != conformance.Pass:
				t.Skipf("%s: %s", result.Verdict, result.Reason)
			}
		})
	}
	for _, w := range report.Stale {
		t.Errorf("the waiver of %s (%s) is stale: it does not come to %s any more; take it out", w.ID, w.Reason, w.Verdict)
	}
	if report.Headline != "" {
		t.Log(report.Headline + " " + report.Advice)
	}
	if report.Code() == 2 {
		t.Error("the receiver could not be judged")
	}
}

// story tells a failure so that it can be understood and repeated.
func story(r conformance.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n%s\nwhy: %s\n", r.Level, r.ID, r.Reason, r.Title, r.Why)
	if e := r.Decisive(); e != nil {
		fmt.Fprintf(&b, "sent: %s\ncame back: %s%s\n", e.Curl, e.Response, e.Error)
	}
	for _, line := range [][2]string{{"likely", r.Cause}, {"source", r.Ref}, {"again", r.Repeat}} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%s: %s\n", line[0], line[1])
		}
	}
	return b.String()
}
