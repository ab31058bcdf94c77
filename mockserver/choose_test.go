package mockserver_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A request about a run plays the run's scenario, unless a chosen scenario has a rule for it.
func TestChosenScenarioTakesCallsAboutARun(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: gone-in-a-week
provider: faceio
rules:
  - on: checkFacialID*
    reply: {body: {status: 200, valid: true, last: true}}
    set: {warned: true}
    then:
      - after: 168h
        set: {status: DELETED}
        send: DELETION
variables: {warned: boolean}
`)
	a, r := camera(t, s, "chosen")
	id := face(a, "enrollFace", "ada", nil).At("facialId")
	a.Advance(time.Second)

	check := func(scenario string) mockservertest.Answer {
		return a.CallAs(scenario, faces, "checkFacialIDByPost", fid(id))
	}
	if got := check("provider-down"); got.Status != 500 {
		t.Errorf("the service is down: %d %s", got.Status, got.Body)
	}
	if got := check(""); got.At("valid") != "true" {
		t.Errorf("the service is up again: %s", got.Body)
	}
	if got := check("minor"); got.At("valid") != "true" {
		t.Errorf("a scenario that says nothing of this call: %d %s", got.Status, got.Body)
	}
	if got := check("no-such"); got.Status != 400 {
		t.Errorf("a scenario that does not exist: %d %s", got.Status, got.Body)
	}
	if got := a.CallAs("provider-down", faces, "checkFacialIDByPost", fid("another's")); got.Status != 500 {
		t.Errorf("the service is down for what does not exist, too: %d %s", got.Status, got.Body)
	}

	// Armed for two calls, it takes those that it has a rule for, and counts no others.
	a.Control("POST", "/arm", map[string]any{"provider": faces, "scenario": "too-many-requests", "calls": 2})
	for i, want := range []int{429, 429, 200} {
		if got := check(""); got.Status != want {
			t.Errorf("armed, call %d: %d %s, want %d", i+1, got.Status, got.Body, want)
		}
	}

	// Its timeline is its own, although the run is another scenario's.
	if got := check("gone-in-a-week"); got.At("last") != "true" {
		t.Fatalf("%s", got.Body)
	}
	a.Advance(7*24*time.Hour - time.Second)
	if got := check(""); got.At("valid") != "true" || len(r.Got()) != 1 {
		t.Errorf("a second early: %s, delivered %v", got.Body, r.Got())
	}
	a.Advance(time.Second)
	if got := check(""); got.At("valid") != "false" || len(r.Got()) != 2 {
		t.Errorf("after a week: %s, delivered %v", got.Body, r.Got())
	}
	runs := mockservertest.Entries[journal.Run](a)
	if last := runs[len(runs)-1]; last.Scenario != "default" || last.Cause != "own:5" {
		t.Errorf("the run's last change: %+v, want it by own:5 in a run of the default scenario", last)
	}
	for _, call := range mockservertest.Entries[journal.Call](a) {
		if call.Status == 500 && call.Scenario != "provider-down" {
			t.Errorf("the journal says that %q played: %+v", call.Scenario, call)
		}
	}
}

// A run is found by the provider's own reference, regardless of the account that started it.
func TestProviderReference(t *testing.T) {
	t.Parallel()
	a, r := camera(t, begin(t, `
scenario: walked-in
provider: faceio
rules:
  - on: start
    set: {status: ENROLLED}
    then:
      - send: ENROLL
`), "own_reference")
	if got := a.Call(faces, "testApplicationWebhook", nil); got.Status != 200 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	tested := r.Next()
	played := a.Control("POST", "/play", map[string]any{"provider": faces, "scenario": "walked-in", "subject": "ada"})
	id := played.At("reference")
	if !enrolled.MatchString(id) {
		t.Errorf("played as %s, want a Facial ID", played.Body)
	}
	if got := a.Call(faces, "checkFacialIDByPost", fid(id)).At("valid"); got != "true" {
		t.Errorf("what was played is not found: valid is %q", got)
	}
	for _, d := range []mockservertest.Delivery{tested, r.Next()} {
		var body struct{ FacialID string }
		if err := json.Unmarshal(d.Body, &body); err != nil || !enrolled.MatchString(body.FacialID) {
			t.Errorf("%v: the Facial ID is %q (%v)", d, body.FacialID, err)
		}
	}
}
