package mockserver_test

import (
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const counting = `
scenario: counting
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: pending}
    set: {status: PENDING, polls: 0, ticks: 0}
    then:
      - after: 1s
        set: {ticks: "${run.ticks + 1}"}
      - after: 1s
        set: {ticks: "${run.ticks + 1}"}
      - after: 1s
        set: {ticks: "${run.ticks + 1}", status: VERIFIED}
        send: verification.completed
  - on: getVerificationStatus
    reply: {example: pending}
    set: {polls: "${run.polls + 1}"}
variables: {polls: number, ticks: number}
`

// Concurrent polls and advances of one run lose no change of its state; the journal lists the changes in sequence.
func TestConcurrentRequestsOfOneRun(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t, counting), "crowded")
	ref := reference(t, a.CallAs("counting", provider, bvn, number(found)))
	const pollers, advancers = 48, 16
	var all sync.WaitGroup
	for range pollers {
		all.Go(func() { a.Call(provider, status, map[string]string{"reference": ref}) })
	}
	for range advancers {
		all.Go(func() { a.Control("POST", "/clock/advance", map[string]string{"by": "200ms"}) })
	}
	all.Wait()

	type state struct {
		Polls, Ticks int
		Status       string
	}
	var last state
	text := ""
	for i, run := range mockservertest.Entries[journal.Run](a) {
		if string(run.Before) != text {
			t.Errorf("change %d is from %s, but the one before led to %s", i, run.Before, text)
		}
		text = string(run.State)
		var now state
		if err := json.Unmarshal(run.State, &now); err != nil {
			t.Fatal(err)
		}
		if steps := now.Polls - last.Polls + now.Ticks - last.Ticks; i > 0 && steps != 1 {
			t.Errorf("change %d is of %d steps: from %+v to %+v", i, steps, last, now)
		}
		last = now
	}
	if last != (state{pollers, 3, "VERIFIED"}) {
		t.Errorf("the run came to %+v, want %d polls and 3 ticks", last, pollers)
	}
	if !a.Now().Equal(began.Add(advancers * 200 * time.Millisecond)) {
		t.Errorf("the clock shows %v after %d advances", a.Now(), advancers)
	}
	if got := r.Got(); len(got) != 1 {
		t.Errorf("%d deliveries, want 1", len(got))
	}
}

// A pending scenario for n requests is used for exactly n of many concurrent requests.
func TestPendingScenarioUnderLoad(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("armed")
	arm := func(on *mockservertest.Account, body string) {
		t.Helper()
		if got := on.Control("POST", "/arm", body); got.Status != 204 {
			t.Fatalf("arm %s: %d %s", body, got.Status, got.Body)
		}
	}
	arm(a, `{"provider":"identitypass","scenario":"not-found","calls":7}`)
	arm(a, `{"provider":"identitypass","scenario":"provider-down","subject":"12345678999"}`)
	arm(s.DefaultAccount(), `{"provider":"identitypass","scenario":"pending-then-confirmed","calls":5}`)

	codes := map[string]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	call := func(subject string) {
		got := a.Call(provider, bvn, number(subject))
		mu.Lock()
		defer mu.Unlock()
		codes[fmt.Sprint(got.Status, " ", got.At("response_code"))]++
	}
	for i := range 32 {
		all.Go(func() { call(fmt.Sprintf("123456780%02d", i)) })
	}
	all.Wait()
	if codes["200 01"] != 7 || codes["200 02"] != 5 || codes["200 00"] != 20 {
		t.Errorf("answers: %v, want 7 of the account's scenario, 5 of the default account's and 20 of the default", codes)
	}
	for range 3 { // an uncounted one lasts until a reset, for this subject only
		call("12345678999")
	}
	if codes["503 "] != 3 {
		t.Errorf("answers: %v, want 3 of the scenario armed for the subject", codes)
	}
	a.Reset()
	if call("12345678999"); codes["200 00"] != 21 {
		t.Errorf("after a reset the scenario is still armed: %v", codes)
	}
	if got := a.Control("POST", "/arm", `{"provider":"identitypass","scenario":"not-fuond"}`); got.Status != 422 {
		t.Errorf("arming an unknown scenario: %d %s, want 422", got.Status, got.Body)
	}
}
