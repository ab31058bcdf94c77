package mockserver_test

import (
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A failed event is retried after 1 s, 5 s and 25 s of account time, to the nanosecond, and then exhausted.
func TestRetries(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "retries")
	r.Answer(mockservertest.Response{Status: 503})
	ref := reference(t, a.Call(provider, bvn, number(pending)))

	when := []time.Duration{30 * time.Second, 31 * time.Second, 36 * time.Second, 61 * time.Second}
	for i, at := range when {
		a.Advance(began.Add(at).Sub(a.Now()) - time.Nanosecond)
		if got := len(r.Got()); got != i {
			t.Fatalf("%d attempts a nanosecond before %v, want %d", got, at, i)
		}
		a.Advance(time.Nanosecond)
		if got := len(r.Got()); got != i+1 {
			t.Fatalf("%d attempts at %v, want %d", got, at, i+1)
		}
	}
	a.Advance(30 * 24 * time.Hour)
	got := r.Got()
	if len(got) != len(when) {
		t.Fatalf("%d attempts in the end, want %d", len(got), len(when))
	}
	for _, d := range got {
		if d.Header.Get("Token") != ref || string(d.Body) != string(got[0].Body) {
			t.Errorf("attempt %d differs from the first: %v with Token %q", d.N, d, d.Header.Get("Token"))
		}
	}
	for i, attempt := range mockservertest.Entries[journal.Attempt](a) {
		next := time.Time{}
		if i+1 < len(when) {
			next = began.Add(when[i+1])
		}
		if attempt.N != i+1 || !attempt.Planned.Equal(began.Add(when[i])) || !attempt.Next.Equal(next) || attempt.Accepted || attempt.Class != "status" {
			t.Errorf("attempt %d in the journal: %+v, want it planned at %v and the next at %v", i+1, attempt, began.Add(when[i]), next)
		}
	}
	ends := mockservertest.Entries[journal.Delivery](a)
	if len(ends) != 1 || ends[0].Outcome != journal.Exhausted || ends[0].Attempts != 4 {
		t.Errorf("ends in the journal: %+v, want one that is exhausted after 4 attempts", ends)
	}
	expect := mockservertest.Entries[journal.Expect](a)
	if len(expect) != 1 || expect[0].Pass {
		t.Errorf("expectations in the journal: %+v, want one that is missed", expect)
	}
}

// An event that is accepted at a retry is delivered, with the same token, and not sent again.
func TestDeliveredAfterRetry(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "recovers")
	// This provider accepts only 200, not 204.
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{Status: 204}, mockservertest.Response{})
	ref := reference(t, a.Call(provider, bvn, number(found)))
	a.Advance(time.Hour)
	got := r.Got()
	if len(got) != 3 {
		t.Fatalf("%d attempts, want 3", len(got))
	}
	for _, d := range got {
		if d.Header.Get("Token") != ref {
			t.Errorf("attempt %d has the token %q, want %q", d.N, d.Header.Get("Token"), ref)
		}
	}
	if ends := outcomes(a); ends[journal.Delivered] != 1 || len(ends) != 1 {
		t.Errorf("ends: %v, want one delivered", ends)
	}
}

// A retry is a job of its own time: it blocks neither earlier work nor another endpoint.
func TestRetryBlocksNothing(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "order")
	other := s.NewReceiver()
	a.Webhook(provider, other.URL)
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{})
	first := reference(t, a.Call(provider, bvn, number(found)))
	a.Advance(500 * time.Millisecond)
	second := reference(t, a.Call(provider, bvn, number(found)))
	a.Advance(time.Minute)
	tokens := func(r *mockservertest.Receiver) (all []string) {
		for _, d := range r.Got() {
			all = append(all, d.Header.Get("Token"))
		}
		return all
	}
	if got := tokens(r); len(got) != 3 || got[0] != first || got[1] != second || got[2] != first {
		t.Errorf("%v came, want %s, then %s, then %s again", got, first, second, first)
	}
	if got := tokens(other); len(got) != 2 || got[0] != first || got[1] != second {
		t.Errorf("%v came to the endpoint that took everything, want %s and %s", got, first, second)
	}
}

// Without an endpoint, the journal says so, and no job is left.
func TestUnroutable(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("no_endpoint")
	a.Call(provider, bvn, number(pending))
	a.Advance(time.Minute)
	if ends := mockservertest.Entries[journal.Delivery](a); len(ends) != 1 || ends[0].Outcome != journal.Unroutable || ends[0].Attempts != 0 {
		t.Errorf("without an endpoint: %+v, want one unroutable delivery", ends)
	}
	if missed := mockservertest.Entries[journal.Expect](a); len(missed) != 1 || missed[0].Pass {
		t.Errorf("without an endpoint: %+v, want one expectation that is missed", missed)
	}

	b, r := with(t, s, "removed")
	r.Answer(mockservertest.Response{Status: 500})
	b.Call(provider, bvn, number(pending))
	b.Advance(30 * time.Second)
	endpoint := mockservertest.Entries[journal.Endpoint](b)[0]
	if got := b.Control("DELETE", "/endpoints/"+endpoint.ID, nil); got.Status != 204 {
		t.Fatalf("remove: %d %s", got.Status, got.Body)
	}
	b.Advance(time.Hour)
	if ends := mockservertest.Entries[journal.Delivery](b); len(ends) != 1 || ends[0].Outcome != journal.Unroutable || ends[0].Attempts != 1 || len(r.Got()) != 1 {
		t.Errorf("with the endpoint removed between attempts: %+v after %d attempts, want it unroutable after one", ends, len(r.Got()))
	}
	if stats, err := s.Control().Journal.Stats(t.Context()); err != nil || stats.Jobs != 0 {
		t.Errorf("the store holds %+v (%v), want no jobs", stats, err)
	}
}
