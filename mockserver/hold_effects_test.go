package mockserver_test

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Neither the end of an account nor the response that a webhook must precede waits for a held delivery.
func TestNothingWaitsForHeldDeliveries(t *testing.T) {
	t.Parallel()
	s := begin(t, strings.ReplaceAll(sends(`{send: verification.completed, fault: before-reply}`), "scenario: faulty", "scenario: first"))
	a, _ := with(t, s, "end")
	id := planOne(a)
	ended := make(chan error, 1)
	go func() { ended <- s.Control().Accounts.Ended(t.Context(), a.Name) }()
	a.HoldDelivery(id)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := a.Control("POST", "/clock/advance", map[string]string{"to": "end"}); got.At("held") != "1" || !a.Now().Equal(began) {
		t.Errorf("to the end: %s at %v, want 1 held and no time gone", got.Body, a.Now())
	}
	a.Webhook(signing, "http://127.0.0.1:1")
	a.Hold(control.Hold{Provider: signing})
	if got := a.CallAs("first", signing, bvn, number(found)); got.Status != 200 || a.Held() != 2 {
		t.Errorf("a call whose webhook is to come first: %d, %d held", got.Status, a.Held())
	}
}

// A wait can be for a hold, and a wait for a held delivery reports the hold.
func TestHoldWait(t *testing.T) {
	t.Parallel()
	a, _ := with(t, begin(t), "waits")
	a.Hold(control.Hold{})
	id := sent(a)
	if got := a.Control("POST", "/wait", map[string]any{"outcome": "held", "event": confirmed}); got.Status != 200 || !strings.Contains(string(got.Body), id) {
		t.Errorf("waited for a hold: %d %s", got.Status, got.Body)
	}
	if got := a.Control("POST", "/wait", map[string]any{"delivery": id, "timeout": "0"}); got.Status != 408 || !strings.Contains(string(got.Body), `"kind":"hold"`) {
		t.Errorf("waited for what is held: %d %s", got.Status, got.Body)
	}
	if got := a.Control("GET", "/journal?kind=hold", nil); strings.Count(string(got.Body), `"kind":"hold"`) != 2 {
		t.Errorf("the journal of holds: %s", got.Body)
	}
}

// A held delivery can be resent; the resent one is not held.
func TestHoldResend(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "resent")
	id := planOne(a)
	a.HoldDelivery(id)
	again := a.Control("POST", "/deliveries/"+id+"/resend", nil).At("delivery")
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{again}) || a.Held() != 1 {
		t.Errorf("attempted %v, want %s, with %d held", got, again, a.Held())
	}
	a.Hold(control.Hold{})
	a.Control("POST", "/deliveries/"+id+"/resend", nil)
	if a.Idle(); a.Held() != 2 || len(r.Got()) != 1 {
		t.Errorf("under a hold of all, %d are held and %d came", a.Held(), len(r.Got()))
	}
}

// Expectations of a held delivery are evaluated by its attempts, however late they are.
func TestHoldAndExpectations(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{200: "", 500: "LOST"} {
		a, r := with(t, begin(t, patient), fmt.Sprint(status))
		r.Answer(mockservertest.Response{Status: status})
		a.Hold(control.Hold{})
		a.CallAs("patient", provider, bvn, number(found))
		a.Advance(24 * time.Hour)
		if got := mockservertest.Entries[journal.Expect](a); len(got) != 0 {
			t.Errorf("judged while it is held: %+v", got)
		}
		a.ReleaseAll()
		a.Idle()
		a.Advance(24 * time.Hour)
		runs := mockservertest.Entries[journal.Run](a)
		if got := mockservertest.Entries[journal.Expect](a); len(got) != 1 || got[0].Pass != (want == "") || strings.Contains(string(runs[len(runs)-1].State), "LOST") != (want != "") {
			t.Errorf("answered %d, it is judged %+v, and the run is %s", status, got, runs[len(runs)-1].State)
		}
	}
}

// A reordered delivery can be held and is released by those that overtake it; faults can be set on a held delivery.
func TestHoldAndFaults(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "faults")
	off := a.Fault(control.Fault{Fault: "reorder", Args: map[string]string{"within": "1h"}})
	late := sent(a)
	off()
	a.HoldDelivery(late)
	first := sent(a) // overtakes it
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{first}) {
		t.Fatalf("attempted %v, want only %s", got, first)
	}
	if got := a.Control("POST", "/faults", map[string]any{"fault": "wrong-secret", "delivery": late}); got.Status != 200 {
		t.Fatalf("a fault on what is held: %d %s", got.Status, got.Body)
	}
	if got := a.Control("POST", "/faults", map[string]any{"fault": "duplicate", "delivery": late}); got.Status != 422 {
		t.Errorf("a fault on what is held that is decided when it is planned: %d %s", got.Status, got.Body)
	}
	a.Release(late)
	a.Idle()
	if got := attempted(a); !slices.Equal(got, []string{first, late}) || len(r.Got()) != 2 {
		t.Errorf("attempted %v, want %s last", got, late)
	}
	if got := mockservertest.Entries[journal.Attempt](a)[1].Fault; !slices.Contains(got, "wrong-secret") {
		t.Errorf("its faults are %v", got)
	}
}

// Each delivery is sent once, however holds begin and end while deliveries fall due.
func TestHoldRaces(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "races")
	e := a.Server.Control()
	const senders, each = 4, 50
	var sending, holding sync.WaitGroup
	done := make(chan struct{})
	for range senders {
		sending.Go(func() {
			for range each {
				sent, err := e.Sender.Send(t.Context(), control.SendRequest{Account: a.Name, Provider: provider, Event: confirmed})
				if err == nil && e.Holds.HoldDelivery(t.Context(), a.Name, sent.Deliveries[0]) == nil { // or it is under way already
					err = e.Holds.ReleaseDelivery(t.Context(), a.Name, sent.Deliveries[0])
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for _, name := range []string{a.Name, ""} {
		holding.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				h, err := e.Holds.SetHold(t.Context(), control.Hold{Account: name})
				if err == nil {
					_, err = e.Holds.EndHold(t.Context(), name, h.ID)
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	sending.Wait()
	close(done)
	holding.Wait()
	a.Idle()
	got := attempted(a)
	slices.Sort(got)
	if n := len(slices.Compact(got)); n != senders*each || len(r.Got()) != n || a.Held() != 0 {
		t.Errorf("%d deliveries were attempted and %d came, with %d held; want each of %d once", n, len(r.Got()), a.Held(), senders*each)
	}
}

// Stop logs the number of held deliveries among the jobs that are left.
func TestHoldStop(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	s := new(mockservertest.Network).New(t, mockserver.Config{Providers: providers(t), Start: began, Frozen: true, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	s.Start()
	a, _ := with(t, s, "stops")
	planOne(a)
	a.HoldDelivery(planOne(a))
	s.Close()
	if !strings.Contains(log.String(), "jobs=2 held=1") {
		t.Errorf("the log says %s", log.String())
	}
}
