package mockserver_test

import (
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// window opens an account during an outage of the register, with three checks in it.
func window(t *testing.T, name string) (a *mockservertest.Account, r *mockservertest.Receiver, references []string) {
	t.Helper()
	a, r = with(t, begin(t), name)
	if got := a.Control("POST", "/default", map[string]string{"provider": provider, "scenario": "outage"}); got.Status >= 300 {
		t.Fatalf("begin the outage: %d %s", got.Status, got.Body)
	}
	for _, one := range []string{"12345678901", "12345678902", "12345678903"} {
		answer := a.Call(provider, bvn, number(one))
		if answer.At("response_code") != "02" {
			t.Errorf("a check in the outage is answered %s, want it to be pending", answer.Body)
		}
		references = append(references, reference(t, answer))
	}
	said(t, a, references, "PENDING")
	return a, r, references
}

// said polls the checks and compares their status.
func said(t *testing.T, a *mockservertest.Account, references []string, want string) {
	t.Helper()
	for _, ref := range references {
		if got := a.Call(provider, status, map[string]string{"reference": ref}).At("data.verification_status"); got != want {
			t.Errorf("check %s is %s, want %s", ref, got, want)
		}
	}
}

// delivered counts the deliveries by reference.
func deliveredOf(r *mockservertest.Receiver) map[string]int {
	all := map[string]int{}
	for _, d := range r.Got() {
		all[d.Header.Get("Token")]++
	}
	return all
}

// When the outage ends, every pending check is confirmed at once and reported once.
func TestOutageEnds(t *testing.T) {
	t.Parallel()
	a, r, references := window(t, "back")
	a.Advance(5 * time.Minute)
	if got := a.Control("POST", "/simulate", map[string]string{"provider": provider, "name": "service-back"}); got.At("played") != "3" {
		t.Errorf("service-back: %d %s, want it to play on three runs", got.Status, got.Body)
	}
	if got := a.Control("POST", "/default", map[string]string{"provider": provider, "scenario": ""}); got.Status >= 300 {
		t.Errorf("end the outage: %d %s", got.Status, got.Body)
	}
	a.Idle()
	said(t, a, references, "VERIFIED")
	if answer := a.Call(provider, bvn, number("12345678904")); answer.At("response_code") != "00" {
		t.Errorf("after the outage: %s", answer.Body)
	}
	if got := a.Control("POST", "/simulate", map[string]string{"provider": provider, "name": "service-back"}); got.At("played") != "0" {
		t.Errorf("service-back once more: %s, want it to play on no run", got.Body)
	}
	a.Advance(time.Hour)
	sent := deliveredOf(r)
	for _, ref := range references {
		if sent[ref] != 1 {
			t.Errorf("sent %d times of %s, want once", sent[ref], ref)
		}
	}
	if len(sent) != 4 {
		t.Errorf("sent of %v", sent)
	}
}

// The outage ends by itself after ten minutes of account time.
func TestOutageEndsByTime(t *testing.T) {
	t.Parallel()
	a, r, references := window(t, "in-time")
	a.Advance(10*time.Minute - time.Nanosecond)
	said(t, a, references, "PENDING")
	if got := r.Got(); len(got) != 0 {
		t.Errorf("sent too early: %v", got)
	}
	a.Advance(time.Nanosecond)
	said(t, a, references, "VERIFIED")
	if sent := deliveredOf(r); len(sent) != 3 {
		t.Errorf("sent of %v, want three checks", sent)
	}
}

// A review that rejects a pending check replaces the decision that time would have brought.
func TestReviewDecides(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "reviewed")
	ref := reference(t, a.Call(provider, bvn, number("55555555555")))
	a.Advance(time.Hour)
	said(t, a, []string{ref}, "PENDING")
	got := a.Control("POST", "/simulate", map[string]any{"name": "manual-review", "run": ref, "data": map[string]string{"decision": "reject"}})
	if got.At("played") != "1" {
		t.Errorf("review: %d %s", got.Status, got.Body)
	}
	a.Advance(7 * 24 * time.Hour)
	said(t, a, []string{ref}, "NOT-VERIFIED")
	if sent := deliveredOf(r); sent[ref] != 1 {
		t.Errorf("sent %v, want once", sent)
	}
}

// A lost webhook must be polled: an application that polls meets the expectation, one that does not misses it.
func TestLostWebhookIsPolled(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for name, asks := range map[string]bool{"asks": true, "waits": false} {
		a, r := with(t, s, name)
		ref := reference(t, a.Call(provider, bvn, number("90909090909")))
		a.Advance(10 * time.Minute)
		if asks {
			said(t, a, []string{ref}, "VERIFIED")
		}
		a.Advance(25 * time.Hour)
		met := mockservertest.Entries[journal.Expect](a)
		if len(met) != 1 || met[0].Pass != asks || met[0].Call == "" {
			t.Errorf("an app that %s is judged %+v", name, met)
		}
		if outcomes(a)["exhausted"] != 1 {
			t.Errorf("outcomes %v of %d deliveries", outcomes(a), len(r.Got()))
		}
	}
}
