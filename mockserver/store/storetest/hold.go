package storetest

import (
	"errors"

	"github.com/idmock/idmock/mockserver/store"
)

func heldJob(id, account, hold string, due int) store.Job {
	j := job(id, account, "l", due)
	j.Hold = hold
	return j
}

// held checks the first job of a hold, and the number of its jobs.
func (k *kit) held(account, hold, first string, n int) {
	k.Helper()
	got, count, err := k.Held(k.Context(), account, hold)
	if err != nil || got.ID != first || count != n {
		k.Errorf("held by %s: %q of %d, %v; want %q of %d", hold, got.ID, count, err, first, n)
	}
}

// pending checks the number of an account's jobs without and with a hold.
func (k *kit) pending(account string, want, held int) {
	k.Helper()
	if n, m, err := k.Pending(k.Context(), account); n != want || m != held || err != nil {
		k.Errorf("pending of %s: %d and %d held, %v; want %d and %d", account, n, m, err, want, held)
	}
}

var holdTests = []test{
	{"held jobs are never due", func(k *kit) {
		k.jobs(heldJob("a", "x", "h", 1), heldJob("b", "x", "h", 0), heldJob("c", "x", "other", 0), heldJob("d", "y", "h", 0))
		k.next("x", -1)
		k.claim("x", forever, 10)
		k.held("x", "h", "b", 2)
		k.held("x", "other", "c", 1)
		k.held("y", "h", "d", 1)
		k.held("x", "none", "", 0)
		k.held("unknown", "h", "", 0)
		k.pending("x", 0, 3)
		if s := k.stats(); s.Jobs != 4 || s.HeldJobs != 4 {
			k.Errorf("stats: %+v", s)
		}
	}},
	{"held jobs do not block their lane", func(k *kit) {
		k.jobs(job("a", "x", "l", 1), job("b", "x", "l", 2), job("c", "x", "l", 3))
		k.commit(store.Change{Done: []string{"a"}, Jobs: []store.Job{heldJob("a", "x", "h", 1)}})
		k.pending("x", 2, 1)
		k.next("x", 2)
		k.claim("x", forever, 10, "b")
		k.commit(store.Change{Done: []string{"a"}, Jobs: []store.Job{job("a", "x", "l", 1)}})
		k.pending("x", 3, 0)
		k.held("x", "h", "", 0)
		k.claim("x", forever, 10) // b is still claimed
		k.done("b")
		k.claim("x", forever, 10, "a")
	}},
	{"a hold and a lane may share a name", func(k *kit) {
		k.jobs(heldJob("a", "x", "l", 1), job("b", "x", "l", 2))
		k.claim("x", forever, 10, "b")
		k.held("x", "l", "a", 1)
		k.done("a", "b")
		k.pending("x", 0, 0)
	}},
	{"a claimed job can be held", func(k *kit) {
		k.jobs(job("a", "x", "l", 1))
		k.claim("x", 1, 1, "a")
		k.commit(store.Change{Done: []string{"a"}, Jobs: []store.Job{heldJob("a", "x", "h", 1)}})
		k.held("x", "h", "a", 1)
		k.next("x", -1)
	}},
	{"a change can require an unclaimed job", func(k *kit) {
		k.jobs(job("a", "x", "", 1), job("b", "x", "", 2))
		k.claim("x", 1, 1, "a")
		_, err := k.Commit(k.Context(), store.Change{Free: []string{"a"}, Entries: []store.Entry{entry("x", "bad")}})
		if !errors.Is(err, store.ErrClaimed) || !errors.Is(err, store.ErrConflict) {
			k.Errorf("Free with a claimed job: %v, want ErrClaimed, which is an ErrConflict", err)
		}
		k.commit(store.Change{Free: []string{"b", "none"}, Done: []string{"b"}})
		if head := k.stats().Head; head != 0 {
			k.Errorf("the rejected change wrote entry %d", head)
		}
	}},
	{"drop removes held jobs", func(k *kit) {
		k.jobs(heldJob("a", "x", "h", 1), job("b", "x", "", 1), heldJob("c", "y", "h", 1))
		if err := k.Drop(k.Context(), "x"); err != nil {
			k.Fatal(err)
		}
		k.pending("x", 0, 0)
		k.held("x", "h", "", 0)
		k.held("y", "h", "c", 1)
	}},
}
