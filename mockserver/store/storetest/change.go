package storetest

import (
	"errors"
	"fmt"

	"github.com/idmock/idmock/mockserver/store"
)

// rejection is a flaw that makes Commit reject any Change. The store has document "old" at revision 1 and job "old" of
// account "x".
type rejection struct {
	name     string
	breakIt  func(c *store.Change)
	conflict bool // ErrConflict; otherwise an error that a retry cannot fix
}

var rejections = []rejection{
	{"outdated document", func(c *store.Change) { c.Docs = append(c.Docs, doc("old", 2, "bad")) }, true},
	{"document exists", func(c *store.Change) { c.Docs = append(c.Docs, doc("old", 0, "bad")) }, true},
	{"missing document", func(c *store.Change) { c.Docs = append(c.Docs, doc("gone", 1, "bad")) }, true},
	{"outdated deletion", func(c *store.Change) { c.Docs = append(c.Docs, store.Doc{Key: "old", Rev: 7}) }, true},
	{"job exists", func(c *store.Change) { c.Jobs = append(c.Jobs, job("old", "x", "", 1)) }, true},
	{"job exists in another account", func(c *store.Change) { c.Jobs = append(c.Jobs, job("old", "y", "l", 1)) }, true},
	{"unknown done job", func(c *store.Change) { c.Done = append(c.Done, "unknown") }, true},
	{"done job of the same change", func(c *store.Change) { c.Done = append(c.Done, "new-0") }, true},
	{"duplicate document", func(c *store.Change) { c.Docs = append(c.Docs, doc("new-0", 0, "bad")) }, false},
	{"duplicate document with the next revision", func(c *store.Change) { c.Docs = append(c.Docs, doc("new-0", 1, "bad")) }, false},
	{"duplicate job", func(c *store.Change) { c.Jobs = append(c.Jobs, job("new-0", "y", "", 1)) }, false},
	{"duplicate done job", func(c *store.Change) { c.Done = append(c.Done, "old", "old") }, false},
	{"document without key", func(c *store.Change) { c.Docs = append(c.Docs, doc("", 0, "bad")) }, false},
	{"job without ID", func(c *store.Change) { c.Jobs = append(c.Jobs, job("", "x", "", 1)) }, false},
}

// reject commits a change of n documents, jobs and entries with one flaw, and checks that it has no effect.
func reject(r rejection, n int) func(k *kit) {
	return func(k *kit) {
		k.commit(store.Change{
			Docs:    []store.Doc{doc("old", 0, "kept")},
			Jobs:    []store.Job{job("old", "x", "", 5)},
			Entries: []store.Entry{entry("x", "kept")},
		})
		before := k.stats()
		c := store.Change{Docs: []store.Doc{}}
		for i := range n {
			name := fmt.Sprintf("new-%d", i)
			c.Docs = append(c.Docs, doc(name, 0, "good"))
			c.Jobs = append(c.Jobs, job(name, "x", "", 1), job(name+"-laned", "x", "l", 1))
			c.Entries = append(c.Entries, entry("x", "good"))
		}
		r.breakIt(&c)
		_, err := k.Commit(k.Context(), c)
		if err == nil {
			k.Fatal("the change was accepted")
		}
		if got := errors.Is(err, store.ErrConflict); got != r.conflict {
			k.Errorf("error %q: conflict %v, want %v", err, got, r.conflict)
		}
		k.same("stats", before, k.stats())
		k.has("old", 1, "kept")
		k.has("new-0", 0, "")
		k.same("journal", []string{"1 kept"}, kinds(k.read("", 0, 100)))
		k.next("x", 5)
		k.next("y", -1)
		k.claim("x", forever, 100, "old")
		c.Docs, c.Jobs, c.Done, c.Entries = c.Docs[:n:n], c.Jobs[:2*n:2*n], nil, c.Entries[:n:n]
		k.commit(c) // without the flaw
		k.has("new-0", 1, "good")
	}
}

var changeTests = func() []test {
	tests := []test{
		{"all parts", func(k *kit) {
			last := k.commit(store.Change{
				Docs:    []store.Doc{doc("a", 0, "A"), doc("b", 0, "B")},
				Jobs:    []store.Job{job("j1", "x", "", 1), job("j2", "y", "", 2)},
				Entries: []store.Entry{entry("x", "call"), entry("y", "run")},
			})
			k.same("last", uint64(2), last)
			last = k.commit(store.Change{
				Docs:    []store.Doc{{Key: "a", Rev: 1}, doc("b", 1, "BB")},
				Done:    []string{"j1"},
				Jobs:    []store.Job{job("j3", "x", "", 3)},
				Entries: []store.Entry{entry("x", "run")},
			})
			k.same("last", uint64(3), last)
			k.has("a", 0, "")
			k.has("b", 2, "BB")
			k.next("x", 3)
			k.next("y", 2)
			s := k.stats()
			k.same("stats", []uint64{3, 1, 3, 1, 2}, []uint64{s.Head, s.Oldest, uint64(s.Entries), uint64(s.Docs), uint64(s.Jobs)})
		}},
		{"empty", func(k *kit) {
			k.same("last", uint64(0), k.commit(store.Change{}))
			k.commit(store.Change{Entries: []store.Entry{entry("x", "call")}})
			k.same("last", uint64(1), k.commit(store.Change{Docs: []store.Doc{doc("a", 0, "A")}}))
		}},
		{"replaces a job under its ID", func(k *kit) {
			k.commit(store.Change{Jobs: []store.Job{job("j", "x", "l", 1)}})
			k.claim("x", 1, 1, "j")
			k.commit(store.Change{Done: []string{"j"}, Jobs: []store.Job{job("j", "x", "l", 9)}})
			k.next("x", 9)
			k.same("jobs", 1, k.stats().Jobs)
			k.claim("x", 9, 1, "j")
		}},
		{"does not modify the change", func(k *kit) {
			c := store.Change{Docs: []store.Doc{doc("a", 0, "A")}, Jobs: []store.Job{job("j", "x", "", 1)}, Entries: []store.Entry{entry("x", "call")}}
			k.commit(c)
			want := store.Change{Docs: []store.Doc{doc("a", 0, "A")}, Jobs: []store.Job{job("j", "x", "", 1)}, Entries: []store.Entry{entry("x", "call")}}
			k.same("change", want, c)
		}},
	}
	for _, r := range rejections {
		tests = append(tests, test{"rejected/" + r.name, reject(r, 1)}, test{"rejected/" + r.name + " among many", reject(r, 50)})
	}
	return tests
}()
