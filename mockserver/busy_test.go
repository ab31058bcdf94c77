package mockserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A run whose rules play each other without letting time pass stops after 100 steps, and an entry names the rule. Requests
// do not count: an application may poll as often as it likes.
func TestBusyRunStops(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, `
scenario: busy
provider: identitypass
rules:
  - on: verifyBVN
    outcome: verified
    then: {after: 1s, send: verification.completed}
  - on: {delivered: verification.completed}
    when: run.status == "VERIFIED"
    then: {send: verification.completed}
  - on: getVerificationStatus
    outcome: verified
`), "busy")
	a.Freeze()
	ref := reference(t, a.CallAs("busy", provider, bvn, number(found)))
	a.Advance(time.Hour)
	failed := mockservertest.Entries[journal.RuleError](a)
	if len(failed) != 1 || !strings.HasSuffix(failed[0].Rule, ":8") || !strings.Contains(failed[0].Message, "100 steps") {
		t.Errorf("errors of rules: %+v, want one of the rule at line 8", failed)
	}
	if n := len(r.Got()); n < 50 || n > 110 {
		t.Errorf("%d webhooks, want about 100", n)
	}
	for range 150 {
		if got := a.Call(provider, status, map[string]string{"reference": ref}); got.Status != 200 {
			t.Fatalf("poll: %d", got.Status)
		}
	}
	if again := mockservertest.Entries[journal.RuleError](a); len(again) != 1 {
		t.Errorf("polls count as steps: %+v", again[1:])
	}
}
