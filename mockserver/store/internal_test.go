package store

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// commit commits c. The tests of this file examine internal state; storetest covers behaviour.
func commit(t *testing.T, m *Memory, c Change) {
	t.Helper()
	if _, err := m.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func TestAccountsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMemory(Retention{Entries: 10})
		for i := range 1000 {
			name := fmt.Sprint("account-", i)
			commit(t, m, Change{
				Jobs:    []Job{{ID: name, Account: name, Lane: "l"}},
				Entries: []Entry{{Account: name, Kind: "call"}},
			})
			if _, err := m.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			commit(t, m, Change{Done: []string{name}})
			if _, err := m.Wake(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for range m.Follow(ctx, name+"-followed", 0) {
				}
			}()
			synctest.Wait()
			cancel()
			synctest.Wait()
		}
		if n := len(m.accounts); n != 10 {
			t.Errorf("%d accounts stored, want the 10 with entries", n)
		}
	})
}

func TestSwitchingAccountsInOneChange(t *testing.T) {
	m := NewMemory(Retention{Entries: 1})
	var c Change
	for i := range 100 {
		c.Entries = append(c.Entries, Entry{Account: fmt.Sprint(i % 3)})
	}
	commit(t, m, c)
	if len(m.accounts) != 1 || m.journal.ring.n != 1 {
		t.Errorf("%d accounts and %d entries, want one of each", len(m.accounts), m.journal.ring.n)
	}
}

func TestMemoryIsFreed(t *testing.T) {
	m := NewMemory(Retention{})
	const n = 20_000
	for i := range n {
		name := fmt.Sprint(i)
		commit(t, m, Change{
			Docs: []Doc{{Key: name, Data: []byte{1}}},
			Jobs: []Job{{ID: name, Account: "x", Lane: fmt.Sprint(i % 1000), Due: time.Unix(int64(i), 0)}},
		})
	}
	for i := range n {
		name := fmt.Sprint(i)
		commit(t, m, Change{Docs: []Doc{{Key: name, Rev: 1}}, Done: []string{name}})
		if a := m.accounts["x"]; a != nil && len(a.ready) > 2*a.jobs+64 {
			t.Fatalf("%d items for %d jobs", len(a.ready), a.jobs)
		}
	}
	if m.jobs.pages != nil || m.docs.peak != 0 || len(m.accounts["x"].lanes) > 0 || cap(m.accounts["x"].ready) > 64 {
		t.Errorf("an emptied store has %d pages, a map of %d documents, %d lanes", len(m.jobs.pages), m.docs.peak, len(m.accounts["x"].lanes))
	}
}

func TestLeasesAreTrimmed(t *testing.T) {
	m := NewMemory(Retention{})
	for i := range 5000 {
		id := fmt.Sprint(i)
		commit(t, m, Change{Jobs: []Job{{ID: id, Account: "x"}}})
		if jobs, err := m.Claim(t.Context(), "x", time.Unix(0, 0), 1, time.Hour); err != nil || len(jobs) != 1 {
			t.Fatal(jobs, err)
		}
		commit(t, m, Change{Done: []string{id}})
	}
	if n := len(m.jobs.leases); n > 100 {
		t.Errorf("%d leases of done jobs are left", n)
	}
}

func TestEvictionQueueIsTrimmed(t *testing.T) {
	m := NewMemory(Retention{})
	for rev := range uint64(5000) {
		commit(t, m, Change{Docs: []Doc{{Key: "k", Rev: rev, Data: []byte{1}, Done: rev%2 == 0}}})
	}
	if m.docs.queue.n > 100 || m.docs.done != 0 || m.docs.bytes != 0 {
		t.Errorf("%d places, %d documents, %d bytes for a document that is not done", m.docs.queue.n, m.docs.done, m.docs.bytes)
	}
}

func TestFinishingAgainKeepsPlace(t *testing.T) {
	m := NewMemory(Retention{DoneDocs: 2})
	done := func(key string, rev uint64) {
		commit(t, m, Change{Docs: []Doc{{Key: key, Rev: rev, Data: []byte{1}, Done: true}}})
	}
	done("a", 0)
	done("b", 0)
	done("a", 1)
	done("c", 0)
	if _, err := m.Get(t.Context(), "a"); err == nil {
		t.Error("a finished first and is still stored")
	}
	if _, err := m.Get(t.Context(), "b"); err != nil {
		t.Errorf("b: %v", err)
	}
}

func TestGapOfOneAccount(t *testing.T) {
	m := NewMemory(Retention{Entries: 3})
	write := func(accounts ...string) {
		for _, a := range accounts {
			commit(t, m, Change{Entries: []Entry{{Account: a, Kind: "e", At: time.Unix(7, 0)}}})
		}
	}
	check := func(account string, after uint64, want ...string) {
		t.Helper()
		entries, err := m.Read(t.Context(), account, after, 100)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, e := range entries {
			got = append(got, fmt.Sprintf("%d %s%s", e.Seq, e.Kind, e.Data))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q after %d: %q, want %q", account, after, got, want)
		}
	}
	write("x", "x", "y", "x", "x", "x") // 4, 5 and 6 are stored
	check("x", 0, `3 gap{"missed":2}`, "4 e", "5 e", "6 e")
	check("x", 1, `3 gap{"missed":1}`, "4 e", "5 e", "6 e")
	check("x", 2, "4 e", "5 e", "6 e") // 3 belongs to y
	check("y", 0, `3 gap{"missed":1,"at_most":true}`)
	check("y", 3)
	check("new", 0)
	write("y") // y returns after its index was removed
	check("y", 0, `4 gap{"missed":1,"at_most":true}`, "7 e")
	write("x", "x", "x") // and is removed again
	check("y", 0, `7 gap{"missed":2,"at_most":true}`)
	check("y", 6, `7 gap{"missed":1,"at_most":true}`)

	gap, err := m.Read(t.Context(), "", 0, 2)
	if err != nil || len(gap) != 2 || !gap[0].At.Equal(gap[1].At) {
		t.Errorf("%v, %v: want a gap with the times of the next entry", gap, err)
	}
}

func TestNewestEntryIsKept(t *testing.T) {
	m := NewMemory(Retention{EntryBytes: 1})
	for range 3 {
		commit(t, m, Change{Entries: []Entry{{Account: "x", Kind: "big", Data: make([]byte, 1000)}}})
	}
	if s, err := m.Stats(t.Context()); err != nil || s.Entries != 1 || s.Oldest != 3 || s.Evicted != 2 {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestDueBeyondNanoseconds(t *testing.T) {
	m := NewMemory(Retention{})
	commit(t, m, Change{Jobs: []Job{{ID: "end", Account: "x", Due: time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)}, {ID: "zero", Account: "x"}}})
	jobs, err := m.Claim(t.Context(), "x", time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), 10, time.Minute)
	if err != nil || len(jobs) != 1 || jobs[0].ID != "zero" {
		t.Errorf("%v, %v: want the overdue job", jobs, err)
	}
	if due, ok, err := m.Next(t.Context(), "x"); !ok || err != nil || due.Year() < 2261 {
		t.Errorf("next is %v, %v, %v", due, ok, err)
	}
	if got := later(5, math.MaxInt64); got != math.MaxInt64 {
		t.Errorf("an endless lease ends at %d", got)
	}
}

func TestHeap(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		var h heap
		var want []item
		for ord := range n {
			it := item{due: int64(rnd.IntN(10)), ord: uint64(ord)}
			h.push(it)
			if ord%3 == 0 {
				want = append(want, it)
			}
		}
		h.trim(0, func(it item) bool { return it.ord%3 == 0 })
		slices.SortFunc(want, func(a, b item) int {
			if a.before(b) {
				return -1
			}
			return 1
		})
		var got []item
		for len(h) > 0 {
			if it := h.pop(); it.ord%3 == 0 {
				got = append(got, it)
			}
		}
		if !slices.Equal(got, want) {
			t.Fatalf("of %d items: %v, want %v", n, got, want)
		}
	}
}

func TestQueue(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var q queue[int]
	in, out := 0, 0
	for round := range 400 {
		grow := round/100%2 == 0
		for range rnd.IntN(100) {
			if grow {
				q.push(in, 0)
				in++
			} else if q.n > 0 {
				if got := q.pop(); got != out {
					t.Fatalf("popped %d, want %d", got, out)
				}
				out++
			}
		}
		if q.n != in-out || q.n > 0 && (*q.at(0) != out || *q.at(q.n - 1) != in-1) {
			t.Fatalf("length %d, want %d to %d", q.n, out, in-1)
		}
	}
	var limited queue[int]
	for i := range 20 {
		limited.push(i, 20)
	}
	if len(limited.buf) != 20 {
		t.Errorf("ring of %d for at most 20", len(limited.buf))
	}
}

func TestHoldsAreForgotten(t *testing.T) {
	m := NewMemory(Retention{})
	commit(t, m, Change{Jobs: []Job{{ID: "stays", Account: "x"}}})
	for i := range 1000 {
		id := fmt.Sprint("held-", i)
		commit(t, m, Change{Jobs: []Job{{ID: id, Account: "x", Hold: id}}})
		commit(t, m, Change{Done: []string{id}, Jobs: []Job{{ID: id, Account: "x"}}})
		commit(t, m, Change{Done: []string{id}})
	}
	if a := m.accounts["x"]; len(a.holds) != 0 || a.held != 0 || a.jobs != 1 || len(a.ready) > 100 {
		t.Errorf("%d holds of %d jobs, %d jobs and %d heap items are left", len(a.holds), a.held, a.jobs, len(a.ready))
	}
}

func TestEvictedEntriesLeaveTheRefIndex(t *testing.T) {
	m := NewMemory(Retention{Entries: 3})
	for range 5 {
		commit(t, m, Change{Entries: []Entry{{Account: "a", Ref: "x"}, {Account: "a", Ref: "y"}}})
	}
	found, err := m.About(t.Context(), "a", "x")
	if err != nil || len(found) != 1 || found[0].Seq != 9 {
		t.Errorf("About x: %v, %v, want entry 9 only", found, err)
	}
	commit(t, m, Change{Entries: []Entry{{Account: "b"}, {Account: "b"}, {Account: "b"}}})
	if a := m.accounts["a"]; a != nil {
		t.Errorf("an account without entries is stored, with %d refs", len(a.refs))
	}
}
