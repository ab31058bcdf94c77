package mockserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

const listening = `
scenario: listening
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    set: {status: PENDING, polls: 0}
    then: {send: verification.completed}
  - on: {delivered: "verification.*"}
    set: {status: VERIFIED, tries: "${delivery.attempts}", code: "${delivery.status}"}
  - on: {exhausted: verification.completed}
    set: {status: LOST, tries: "${delivery.attempts}", code: "${delivery.status}", error: "${delivery.error != ''}"}
    then:
      - after: 90d
        set: {status: EXPIRED}
  - on: getVerificationStatus
    reply: {example: pending}
    set: {polls: "${run.polls + 1}"}
variables: {status: text, polls: number, tries: number, code: any, error: boolean}
`

// The end of a delivery plays a rule of its run, in the commit that records the end.
func TestDeliveryTriggers(t *testing.T) {
	t.Parallel()
	s := begin(t, listening)
	for name, test := range map[string]struct {
		answers []mockservertest.Response
		first   string // state after the delivery
		last    string // and in the end
	}{
		"delivered at once": {nil, `{"code":200,"polls":0,"status":"VERIFIED","tries":1}`, `"VERIFIED"`},
		"delivered later":   {[]mockservertest.Response{{Status: 503}, {Status: 200}}, `{"code":200,"polls":0,"status":"VERIFIED","tries":2}`, `"VERIFIED"`},
		"exhausted":         {[]mockservertest.Response{{Status: 503}}, `{"code":503,"error":true,"polls":0,"status":"LOST","tries":`, `"EXPIRED"`},
	} {
		t.Run(name, func(t *testing.T) {
			a, r := with(t, s, name)
			if name == "exhausted" {
				test.answers = slicesOf(test.answers[0], 20)
			}
			r.Answer(test.answers...)
			a.CallAs("listening", provider, bvn, number(found))
			a.Advance(200 * 24 * time.Hour)
			entries := a.Journal()
			at := -1
			for i, e := range entries {
				if e.Kind == journal.KindDelivery {
					at = i
				}
			}
			if at < 1 || at+1 >= len(entries) || entries[at-1].Kind != journal.KindAttempt || entries[at+1].Kind != journal.KindRun {
				t.Fatalf("want an attempt, a delivery and a run in a row, got %v", kindsOf(entries))
			}
			end, err := journal.As[journal.Delivery](entries[at])
			if err != nil {
				t.Fatal(err)
			}
			run, err := journal.As[journal.Run](entries[at+1])
			if err != nil {
				t.Fatal(err)
			}
			if want := end.Outcome + " verification.completed"; run.Cause != want || !strings.HasPrefix(run.Rule, "own:") {
				t.Errorf("the run moved because of %q by %q, want %q by a rule of own.yaml", run.Cause, run.Rule, want)
			}
			if !strings.HasPrefix(string(run.State), test.first) {
				t.Errorf("state %s, want %s…", run.State, test.first)
			}
			all := mockservertest.Entries[journal.Run](a)
			if last := all[len(all)-1]; !strings.Contains(string(last.State), test.last) {
				t.Errorf("in the end %s, want %s", last.State, test.last)
			}
		})
	}
}

func slicesOf[T any](one T, n int) []T {
	all := make([]T, n)
	for i := range all {
		all[i] = one
	}
	return all
}

func kindsOf(entries []store.Entry) []string {
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Kind
	}
	return all
}

// A run that is polled while its deliveries end loses no change.
func TestDeliveryTriggersUnderLoad(t *testing.T) {
	t.Parallel()
	s := begin(t, listening)
	a, _ := with(t, s, "met")
	for range 7 {
		a.Webhook(provider, s.NewReceiver().URL)
	}
	ref := reference(t, a.CallAs("listening", provider, bvn, number(found)))
	const polls = 64
	var all sync.WaitGroup
	for range polls {
		all.Go(func() { a.Call(provider, status, map[string]string{"reference": ref}) })
	}
	all.Wait()
	a.Idle()
	runs := mockservertest.Entries[journal.Run](a)
	var last struct{ Polls, Tries int }
	if err := json.Unmarshal(runs[len(runs)-1].State, &last); err != nil || last.Polls != polls || last.Tries != 1 {
		t.Errorf("the run came to %s (%v), want %d polls and a delivery", runs[len(runs)-1].State, err, polls)
	}
	text, sent := "", 0
	for i, run := range runs {
		if string(run.Before) != text {
			t.Errorf("change %d is from %s, but the one before led to %s", i, run.Before, text)
		}
		if text = string(run.State); strings.HasPrefix(run.Cause, "delivered ") {
			sent++
		}
	}
	if sent == 0 || outcomes(a)[journal.Delivered] != 8 {
		t.Errorf("%d changes by deliveries, ends %v", sent, outcomes(a))
	}
}

// A delivery that is resent by hand triggers no rule; a rule that fails is logged, and the delivery's end is kept.
func TestDeliveriesWithoutTrigger(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, `
scenario: broken
provider: identitypass
rules:
  - on: verifyBVN
    set: {n: 0}
    then: {send: verification.completed}
  - on: {delivered: verification.completed}
    set: {n: "${run.n + 1}", x: "${int(body.number + 'x')}"}
variables: {n: number, x: any}
`), "broken")
	a.CallAs("broken", provider, bvn, number(found))
	a.Idle()
	failed := mockservertest.Entries[journal.RuleError](a)
	if len(failed) != 1 || outcomes(a)[journal.Delivered] != 1 {
		t.Fatalf("rule errors %v, ends %v", failed, outcomes(a))
	}
	r.Next()
	a.Control("POST", "/deliveries/"+mockservertest.Entries[journal.Event](a)[0].Delivery+"/resend", nil)
	r.Next()
	a.Idle()
	if again := mockservertest.Entries[journal.RuleError](a); len(again) != 1 {
		t.Errorf("rule errors after a resend: %v", again)
	}
}

const watched = `
scenario: watched
provider: prembly
rules:
  - on: screen*
    reply: {example: success}
    set: {status: VERIFIED}
  - on: {simulate: aml-hit}
    when: run.status == "VERIFIED"
    set: {status: HIT, example: hit, score: "${body.score ?? 50}"}
    then:
      - send: aml.updated
      - after: 1d
        set: {status: REVIEWED}
variables: {status: text, example: text, score: any}
`

// A simulation can happen to a run long after its end: to one run, to those of a subject, or to all.
func TestSimulate(t *testing.T) {
	t.Parallel()
	s := begin(t, watched)
	a := s.Account("sim")
	other := s.Account("other")
	r := s.NewReceiver()
	a.Webhook("prembly", r.URL)
	var refs []string
	screen := func(on *mockservertest.Account, as, name string) string {
		t.Helper()
		got := on.Control("POST", "/play", fmt.Sprintf(`{"provider":"prembly","scenario":%q,"body":{"first_name":"Ada","last_name":%q,"dob":"1990-01-01","country":"NG"}}`, as, name))
		if got.Status != 200 || got.At("run") == "" {
			t.Fatalf("play: %d %s", got.Status, got.Body)
		}
		return got.At("run")
	}
	for _, name := range []string{"One", "Two", "Three"} {
		refs = append(refs, screen(a, "watched", name))
	}
	screen(a, "aml-update", "Four")
	screen(other, "watched", "One")
	a.Advance(30 * 24 * time.Hour)
	r.Next() // of the last
	r.Next()

	simulate := func(on *mockservertest.Account, body string, wantStatus int, played ...string) {
		t.Helper()
		got := on.Control("POST", "/simulate", body)
		var sent struct {
			Runs   []struct{ Account, Run, Scenario, Rule string }
			Played int
		}
		if got.Status != wantStatus {
			t.Fatalf("simulate %s: %d %s, want %d", body, got.Status, got.Body, wantStatus)
		}
		if wantStatus != 200 {
			return
		}
		if err := json.Unmarshal(got.Body, &sent); err != nil {
			t.Fatal(err)
		}
		var runs []string
		for _, one := range sent.Runs {
			runs = append(runs, one.Run)
		}
		if fmt.Sprint(runs) != fmt.Sprint(played) || sent.Played != len(played) {
			t.Errorf("simulate %s played %s, want %v", body, got.Body, played)
		}
	}
	simulate(a, `{"name":"aml-hit","run":"`+refs[1]+`","data":{"score":97}}`, 200, refs[1])
	got := r.Next()
	if !strings.Contains(string(got.Body), refs[1]) && got.Header.Get("Token") != refs[1] {
		t.Errorf("the webhook does not tell of %s: %s", refs[1], got.Body)
	}
	simulate(a, `{"name":"aml-hit","run":"`+refs[1]+`"}`, 422)  // it is no longer VERIFIED
	simulate(a, `{"name":"aml-hit","run":"nope"}`, 404)         //
	simulate(a, `{"name":"aml-hti"}`, 422)                      //
	simulate(a, `{"name":"aml-hit","provider":"unknown"}`, 422) //
	simulate(a, `{"name":"service-back"}`, 200)                 // nothing has a rule for it
	simulate(a, `{"name":"aml-hit","subject":"unknown"}`, 200)  //
	simulate(a, `{"name":"aml-hit","data":{"score":"`+"\xff"+`"}}`, 400)
	simulate(a, `{"name":"aml-hit","provider":"prembly"}`, 200, refs[0], refs[2])
	sent := mockservertest.Entries[journal.Simulate](a)
	if len(sent) != 3 || sent[0].Run != refs[1] || string(sent[0].Data) != `{"score":97}` || sent[0].Rule == "" || sent[0].Name != "aml-hit" {
		t.Errorf("sent %+v", sent)
	}
	for _, run := range mockservertest.Entries[journal.Run](a) {
		if strings.Contains(string(run.State), "HIT") && (run.Cause != "simulate aml-hit" || run.Next.IsZero()) {
			t.Errorf("a hit because of %q, next %v", run.Cause, run.Next)
		}
	}
	if len(mockservertest.Entries[journal.Simulate](other)) != 0 {
		t.Error("another account was simulated too")
	}
	a.Advance(25 * time.Hour)
	simulate(s.DefaultAccount(), `{"name":"aml-hit"}`, 200, mockservertest.Entries[journal.Run](other)[0].Run)
	if status := s.DefaultAccount().Control("GET", "/scenarios", nil); !strings.Contains(string(status.Body), `"simulate":["aml-hit"`) {
		t.Error("the catalogue does not say what can be simulated")
	}
	if status := s.DefaultAccount().Control("GET", "/providers", nil); !strings.Contains(string(status.Body), `"simulations":[{"name":"aml-hit"`) {
		t.Error("the catalogue does not say what can be simulated of a provider")
	}
	a.Reset()
	simulate(a, `{"name":"aml-hit"}`, 200)
}
