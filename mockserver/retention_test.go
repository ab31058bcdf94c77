package mockserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// Retention bounds the journal and finished runs: the journal reports the number of evicted entries, an evicted run is
// unknown, and pending work is never dropped.
func TestSecurityRetention(t *testing.T) {
	t.Parallel()
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Retention: store.Retention{Entries: 50, DoneDocs: 4}})
	a, r := with(t, s, "bounded")
	polled := func(ref string) string {
		return a.Call(provider, status, map[string]string{"reference": ref}).At("data.verification_status")
	}
	finished := reference(t, a.Call(provider, bvn, number(found)))
	a.Advance(time.Second)
	waiting := reference(t, a.Call(provider, bvn, number(pending)))
	id := mockservertest.Entries[journal.Delivery](a)[0].Delivery
	if got := polled(finished); got != "VERIFIED" {
		t.Errorf("the finished run is %q, want VERIFIED", got)
	}
	for i := range 20 {
		a.Call(provider, bvn, number(fmt.Sprintf("333333333%02d", i)))
		a.Advance(time.Second)
	}

	never := a.Call(provider, status, map[string]string{"reference": "never-was"})
	gone := a.Call(provider, status, map[string]string{"reference": finished})
	if string(gone.Body) != strings.ReplaceAll(string(never.Body), "never-was", finished) || gone.Status != never.Status {
		t.Errorf("a run that was dropped: %d %s, want as one that never was: %d %s", gone.Status, gone.Body, never.Status, never.Body)
	}
	if hint := gone.Header.Get("X-Idmock-Hint"); !strings.Contains(hint, finished) || !strings.Contains(hint, "--finished-runs") {
		t.Errorf("the hint about a run that was dropped is %q", hint)
	}
	if calls := mockservertest.Entries[journal.Call](a); calls[len(calls)-1].Error == nil || calls[len(calls)-1].Error.Kind != "no-run" {
		t.Errorf("the journal has %+v of the request, want the reason", calls[len(calls)-1])
	}
	if got := polled(waiting); got != "PENDING" {
		t.Errorf("a run that is still going on is %q, want PENDING", got)
	}
	stats, err := s.Control().Journal.Stats(t.Context())
	if err != nil || stats.Entries != 50 || stats.DoneDocs > 4 || stats.Evicted != stats.Head-50 || stats.DocsEvicted == 0 {
		t.Errorf("the store holds %+v (%v), want 50 entries and 4 finished documents", stats, err)
	}
	s.ReportDropped(t.Context())
	if all := mockservertest.Entries[journal.Retention](s.DefaultAccount()); len(all) != 1 || all[0].Total != stats.DocsEvicted {
		t.Errorf("the journal says %+v of dropped runs, want %d", all, stats.DocsEvicted)
	}
	entries := a.Journal()
	if gap, err := journal.As[journal.Gap](entries[0]); err != nil || gap.Missed == 0 || len(entries) < 40 || len(entries) > 51 {
		t.Errorf("%d entries, the first %+v (%v): want a gap and what is left", len(entries), entries[0], err)
	}
	if got := a.Control("POST", "/deliveries/"+id+"/resend", nil); got.Status != 404 {
		t.Errorf("resend of a delivery that was dropped: %d %s, want 404", got.Status, got.Body)
	}
	if got := a.Control("GET", "/deliveries?limit=100", nil); got.Status != 200 {
		t.Errorf("deliveries of which only the end is left: %d %s", got.Status, got.Body)
	}
	before := len(r.Got())
	a.Advance(time.Minute)
	if got := r.Got(); len(got) != before+1 || got[before].Header.Get("Token") != waiting || polled(waiting) != "VERIFIED" {
		t.Errorf("after the rest had its time: %d deliveries, want the waiting run's", len(got)-before)
	}
}
