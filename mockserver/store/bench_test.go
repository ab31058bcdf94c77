package store_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/store"
)

// many is the number of runs that a full store holds.
func many() int {
	if testenv.Brief() {
		return 10_000
	}
	return 1_000_000
}

var epoch = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// fill commits n pending runs to one account: a document of 200 bytes and a job of 60 each, with keys and IDs of 16. It
// returns their total size in bytes.
func fill(b testing.TB, s store.Store, account string, n int) (size int64) {
	b.Helper()
	for i := range n {
		key, id := fmt.Sprintf("run/held/%07d", i), fmt.Sprintf("job/held/%07d", i)
		c := store.Change{
			Docs: []store.Doc{{Key: key, Data: make([]byte, 208)}}, // a size class of the allocator, to avoid rounding
			Jobs: []store.Job{{ID: id, Account: account, Due: epoch.Add(time.Duration(i*7919%n) * time.Second), Payload: make([]byte, 64)}},
		}
		size += int64(len(key) + len(id) + 208 + 64)
		if _, err := s.Commit(context.Background(), c); err != nil {
			b.Fatal(err)
		}
	}
	return size
}

// step is a typical step of a run: 1 document, 1 new job, 1 done job, 2 entries.
type step struct {
	docs    [1]store.Doc
	done    [1]string
	jobs    [1]store.Job
	entries [2]store.Entry
}

func (s *step) change(account, id string) store.Change {
	c := store.Change{Docs: s.docs[:], Jobs: s.jobs[:], Entries: s.entries[:]}
	if s.done[0] = s.jobs[0].ID; s.done[0] != "" {
		c.Done = s.done[:]
	}
	s.docs[0] = store.Doc{Key: id, Data: body, Done: true}
	s.jobs[0] = store.Job{ID: id, Account: account, Due: epoch, Payload: body[:60]}
	s.entries[0] = store.Entry{At: epoch, Wall: epoch, Account: account, Kind: "call", Data: body}
	s.entries[1] = store.Entry{At: epoch, Wall: epoch, Account: account, Kind: "run", Data: body}
	return c
}

var body = make([]byte, 200)

// id returns an identifier without the cost of fmt.
func id(worker, i int) string {
	b := []byte("run/w/000000000")
	b[4] = byte('a' + worker%26)
	for at := len(b) - 1; i > 0; at-- {
		b[at] = byte('0' + i%10)
		i /= 10
	}
	return string(b)
}

func sizes(b *testing.B, f func(b *testing.B, s *store.Memory)) {
	for _, held := range []int{0, many()} {
		s := store.NewMemory(store.Retention{})
		fill(b, s, "held", held)
		runtime.GC()
		b.Run(fmt.Sprintf("held=%d", held), func(b *testing.B) {
			b.ReportAllocs()
			f(b, s)
		})
		_ = s.Close()
	}
}

func BenchmarkCommit(b *testing.B) {
	worker := 0
	sizes(b, func(b *testing.B, s *store.Memory) {
		var st step
		worker++
		for i := 0; b.Loop(); i++ {
			if _, err := s.Commit(b.Context(), st.change("held", id(worker, i))); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkCommitParallel(b *testing.B) {
	var workers atomic.Int64
	sizes(b, func(b *testing.B, s *store.Memory) {
		b.SetParallelism(max(1, 16/runtime.GOMAXPROCS(0)))
		b.RunParallel(func(pb *testing.PB) {
			var st step
			worker := int(workers.Add(1))
			account := fmt.Sprint("account-", worker)
			for i := 0; pb.Next(); i++ {
				if _, err := s.Commit(b.Context(), st.change(account, fmt.Sprint(worker, id(worker, i)))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

func BenchmarkGet(b *testing.B) {
	sizes(b, func(b *testing.B, s *store.Memory) {
		if _, err := s.Commit(b.Context(), store.Change{Docs: []store.Doc{{Key: "k", Data: body}}}); err != nil {
			b.Log(err) // exists in the second round
		}
		for b.Loop() {
			if _, err := s.Get(b.Context(), "k"); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkClaim claims the account's earliest job and replaces it by a later one, like a retry.
func BenchmarkClaim(b *testing.B) {
	far := epoch.Add(200 * 365 * 24 * time.Hour)
	sizes(b, func(b *testing.B, s *store.Memory) {
		_, _ = s.Commit(b.Context(), store.Change{Jobs: []store.Job{{ID: "first", Account: "held", Due: epoch.Add(-time.Hour)}}})
		due := epoch.Add(time.Duration(many()) * time.Second)
		for b.Loop() {
			jobs, err := s.Claim(b.Context(), "held", far, 1, time.Minute)
			if err != nil || len(jobs) != 1 {
				b.Fatal(jobs, err)
			}
			due = due.Add(time.Second)
			jobs[0].Due = due
			if _, err := s.Commit(b.Context(), store.Change{Done: []string{jobs[0].ID}, Jobs: jobs}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkFollow measures a commit of one entry until its follower has read it, beside 1,000 followers of other accounts.
func BenchmarkFollow(b *testing.B) {
	s := store.NewMemory(store.Retention{})
	for i := range 1000 {
		go func() {
			for range s.Follow(b.Context(), fmt.Sprint("other-", i), 0) {
			}
		}()
	}
	read := make(chan uint64, 1)
	go func() {
		for entries, err := range s.Follow(b.Context(), "mine", 0) {
			if err != nil {
				return
			}
			read <- entries[len(entries)-1].Seq
		}
	}()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Commit(b.Context(), store.Change{Entries: []store.Entry{{Account: "mine", Kind: "call", Data: body}}}); err != nil {
			b.Fatal(err)
		}
		<-read
	}
	_ = s.Close()
}

// BenchmarkPending reports the memory per pending run, total and overhead, with a million of them.
func BenchmarkPending(b *testing.B) {
	for b.Loop() {
		before := inUse()
		s := store.NewMemory(store.Retention{})
		size := fill(b, s, "held", many())
		total := inUse() - before
		b.ReportMetric(float64(total-size)/float64(many()), "overhead-B/run")
		b.ReportMetric(float64(total)/float64(many()), "B/run")
		_ = s.Close()
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
