package mockserver_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// What faults have an account send is bounded for all its events, copies and retries together, and the bound is visible.
func TestSecurityFaultBytes(t *testing.T) {
	t.Parallel()
	c := config(t, []string{sends("{send: " + completed + ", fault: [{name: oversize, size: 1MiB}, duplicate]}")})
	c.FaultBytes = 3<<20 + 64<<10
	s := new(mockservertest.Network).Start(t, c)
	a, r := s.Account("much"), s.NewReceiver()
	quickly(a, r.URL)
	call := func() (large int) {
		t.Helper()
		before := len(r.Got())
		if got := a.CallAs("faulty", signing, bvn, number(found)); got.Status != 200 {
			t.Fatalf("the call: %d %s", got.Status, got.Body)
		}
		a.Advance(time.Minute)
		for _, d := range r.Got()[before:] {
			if len(d.Body) >= 1<<20 {
				large++
			}
		}
		return large
	}
	used := func() (all []journal.RuleError) {
		for _, e := range mockservertest.Entries[journal.RuleError](a) {
			if e.Limit == "fault-bytes" {
				all = append(all, e)
			}
		}
		return all
	}
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{})
	if large := call(); large != 3 || len(used()) != 0 { // the delivery, its retry and its copy
		t.Errorf("%d large bodies, %v: want 3 within the limit", large, used())
	}
	got := len(r.Got())
	if large := call(); large != 0 || len(r.Got())-got != 1 {
		t.Errorf("%d large bodies of %d beyond the limit, want one ordinary webhook", large, len(r.Got())-got)
	}
	if all := used(); len(all) != 1 || !strings.Contains(all[0].Message, "reset the account") {
		t.Errorf("journal: %+v, want one entry that says what to do", all)
	}
	if got := s.DefaultAccount().Control("GET", "/metrics", nil); !strings.Contains(string(got.Body), `idmock_limits_reached_total{limit="fault-bytes"} 1`) {
		t.Errorf("metrics: %.2000s", got.Body)
	}
	a.Hold(control.Hold{})
	a.CallAs("faulty", signing, bvn, number(found))
	a.Idle()
	held := mockservertest.Wait(a, func(h journal.Hold) bool { return h.Delivery != "" })
	refused := a.Control("POST", "/faults", map[string]any{"delivery": held.Delivery, "fault": "oversize", "args": map[string]string{"size": "1MiB"}})
	if refused.Status != 422 || !strings.Contains(string(refused.Body), "reset the account") {
		t.Errorf("a fault on a delivery beyond the limit: %d %s", refused.Status, refused.Body)
	}
	a.Reset()
	quickly(a, r.URL)
	if large := call(); large != 2 {
		t.Errorf("%d large bodies after a reset, want 2", large)
	}
}

// A retry beyond the limit is an ordinary webhook.
func TestSecurityFaultBytesOfRetries(t *testing.T) {
	t.Parallel()
	c := config(t, []string{sends("{send: " + completed + ", fault: [{name: oversize, size: 1MiB}]}")})
	c.FaultBytes = 2 << 20
	s := new(mockservertest.Network).Start(t, c)
	a, r := s.Account("retried"), s.NewReceiver()
	quickly(a, r.URL)
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{Status: 500}, mockservertest.Response{})
	a.CallAs("faulty", signing, bvn, number(found))
	a.Finish()
	var sizes []bool
	for _, d := range r.Got() {
		sizes = append(sizes, len(d.Body) >= 1<<20)
	}
	if len(sizes) != 3 || !sizes[0] || !sizes[1] || sizes[2] {
		t.Errorf("large attempts: %v, want the first two of three", sizes)
	}
}
