package tx_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// owner is an account that is alive while err is nil.
type owner struct {
	name string
	err  error
}

func (o owner) Name() string { return o.name }

func (o owner) Alive(do func() error) error {
	if o.err != nil {
		return o.err
	}
	return do()
}

func (o owner) Ended([]string) {}

func attempt(id string) tx.Job {
	return tx.Job{ID: id, Due: now, Work: tx.Work{Attempt: &tx.Attempt{Delivery: "d" + id}}}
}

func note(text string) journal.Data { return journal.Account{Account: text} }

// commit writes a unit of work and returns the entries and the jobs that the store has then.
func commit(t *testing.T, s store.Store, w *tx.Tx) (entries []string, jobs []store.Job) {
	t.Helper()
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	stored, err := s.Read(t.Context(), w.Account(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range stored {
		data, err := journal.As[journal.Account](entry)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, data.Account)
	}
	jobs, err = s.Claim(t.Context(), w.Account(), now.Add(time.Hour), 100, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return entries, jobs
}

func TestPutReplacesAndKeepsTheRevision(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	key := tx.RunKey("a", "p", "r")
	w := tx.Begin(s, owner{name: "a"}, now)
	if _, err := w.Get(t.Context(), key); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("Get of a missing document: %v", err)
	}
	if doc, err := w.Find(t.Context(), key); err != nil || doc.Key != key || doc.Data != nil {
		t.Errorf("Find of a missing document: %+v, %v", doc, err)
	}
	w.Put(store.Doc{Key: key, Data: []byte("1")})
	commit(t, s, w)

	w = tx.Begin(s, owner{name: "a"}, now)
	doc, err := w.Get(t.Context(), key)
	if err != nil || doc.Rev == 0 {
		t.Fatalf("stored %+v, %v", doc, err)
	}
	if _, pending := w.Pending(key); pending {
		t.Error("a document that was only read is pending")
	}
	w.Put(store.Doc{Key: key, Rev: doc.Rev, Data: []byte("2")})
	w.Put(store.Doc{Key: key, Data: []byte("3")})
	if got, pending := w.Pending(key); !pending || string(got.Data) != "3" || got.Rev != doc.Rev {
		t.Errorf("pending %+v, want the last data with revision %d", got, doc.Rev)
	}
	commit(t, s, w)
	if got, err := s.Get(t.Context(), key); err != nil || string(got.Data) != "3" {
		t.Errorf("stored %+v, %v", got, err)
	}
}

func TestCommitReportsConflicts(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	key := tx.RunKey("a", "p", "r")
	first, second := tx.Begin(s, owner{name: "a"}, now), tx.Begin(s, owner{name: "a"}, now)
	first.Put(store.Doc{Key: key, Data: []byte("1")})
	second.Put(store.Doc{Key: key, Data: []byte("2")})
	commit(t, s, first)
	var called []string
	second.OnCommit(func() { called = append(called, "commit") })
	second.OnFail(func() { called = append(called, "fail") })
	if err := second.Commit(t.Context()); !errors.Is(err, store.ErrConflict) {
		t.Errorf("second commit: %v", err)
	}
	gone := tx.Begin(s, owner{"a", store.ErrConflict}, now)
	gone.Log(note("never"))
	gone.OnFail(func() { called = append(called, "gone") })
	if err := gone.Commit(t.Context()); !errors.Is(err, store.ErrConflict) {
		t.Errorf("commit for an account that is gone: %v", err)
	}
	if got := fmt.Sprint(called); got != "[fail gone]" {
		t.Errorf("called %s", got)
	}
	if entries, _ := s.Read(t.Context(), "a", 0, 10); len(entries) > 0 {
		t.Errorf("failed commits wrote %v", entries)
	}
}

func TestSaveRestores(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	w := tx.Begin(s, owner{name: "a"}, now)
	var called []string
	w.Put(store.Doc{Key: tx.RunKey("a", "p", "1"), Data: []byte("kept")})
	w.AddJob(attempt("kept"))
	w.Log(note("kept"))
	w.OnFail(func() { called = append(called, "outer fail") })
	restore := w.Save()
	w.Put(store.Doc{Key: tx.RunKey("a", "p", "1"), Data: []byte("changed")})
	w.Put(store.Doc{Key: tx.RunKey("a", "p", "2"), Data: []byte("added")})
	w.ReplaceJob(attempt("kept"))
	w.AddJob(attempt("added"))
	w.EndJob("other")
	w.LogAt(0, note("added"))
	w.OnFail(func() { called = append(called, "inner fail") })
	w.OnCommit(func() { called = append(called, "inner commit") })
	restore()
	if got := fmt.Sprint(called); got != "[inner fail]" {
		t.Errorf("restore called %s", got)
	}
	w.OnCommit(func() { called = append(called, "outer commit") })
	entries, jobs := commit(t, s, w)
	if fmt.Sprint(entries) != "[kept]" || len(jobs) != 1 || jobs[0].ID != "kept" {
		t.Errorf("committed %v and %v", entries, jobs)
	}
	if doc, err := s.Get(t.Context(), tx.RunKey("a", "p", "1")); err != nil || string(doc.Data) != "kept" {
		t.Errorf("stored %s, %v", doc.Data, err)
	}
	if _, err := s.Get(t.Context(), tx.RunKey("a", "p", "2")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the restored document: %v", err)
	}
	if got := fmt.Sprint(called); got != "[inner fail outer commit]" {
		t.Errorf("called %s", got)
	}
}

func TestLogAtInsertsCausesFirst(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	w := tx.Begin(s, owner{name: "a"}, now)
	w.Log(note("1"))
	mark := w.Mark()
	w.Log(note("4"))
	w.LogAt(mark, note("2"), note("3"))
	w.Log(note("5"))
	if entries, _ := commit(t, s, w); fmt.Sprint(entries) != "[1 2 3 4 5]" || w.Seq() != 5 {
		t.Errorf("entries %v, last %d", entries, w.Seq())
	}
}

func TestReplaceJobMovesBehindThoseOfItsTime(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	w := tx.Begin(s, owner{name: "a"}, now)
	for _, id := range []string{"stored", "other"} {
		w.AddJob(attempt(id))
	}
	if err := w.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	w = tx.Begin(s, owner{name: "a"}, now)
	w.AddJob(attempt("new"))
	w.ReplaceJob(attempt("stored"))
	w.AddJob(attempt("last"))
	w.ReplaceJob(attempt("new"))
	_, jobs := commit(t, s, w)
	var order []string
	for _, job := range jobs {
		order = append(order, job.ID)
	}
	if got := strings.Join(order, " "); got != "other stored last new" {
		t.Errorf("jobs in order: %s", got)
	}
}

func TestRequireUnclaimed(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	w := tx.Begin(s, owner{name: "a"}, now)
	w.AddJob(attempt("1"))
	commit(t, s, w) // claims it
	w = tx.Begin(s, owner{name: "a"}, now)
	w.RequireUnclaimed("1")
	if err := w.Commit(t.Context()); !errors.Is(err, store.ErrClaimed) {
		t.Errorf("commit: %v, want ErrClaimed", err)
	}
}

func TestAttemptsEditsAttemptsOnly(t *testing.T) {
	s := store.NewMemory(store.Retention{})
	w := tx.Begin(s, owner{name: "a"}, now)
	w.AddJob(attempt("1"))
	w.AddJob(tx.Job{ID: "2", Due: now, Work: tx.Work{Step: &tx.Step{Run: "r"}}})
	var edited []string
	w.Attempts(func(job string, a *tx.Attempt) {
		edited = append(edited, job)
		a.After = "request"
	})
	if got := fmt.Sprint(edited); got != "[1]" {
		t.Errorf("edited %s", got)
	}
	_, jobs := commit(t, s, w)
	work, err := tx.Decode(jobs[0])
	if err != nil || *work.Attempt != (tx.Attempt{Delivery: "d1", After: "request"}) {
		t.Errorf("stored %+v, %v", work.Attempt, err)
	}
}

func TestDecode(t *testing.T) {
	for payload, want := range map[string]string{
		`{"attempt":{"delivery":"d1"}}`: "",
		`{"timeout":{"run":"r"}}`:       "",
		`{"attempt":1}`:                 "job j: ",
		`not JSON`:                      "job j: ",
		`{}`:                            "names no work",
		`{"unknown":{}}`:                "names no work",
	} {
		_, err := tx.Decode(store.Job{ID: "j", Payload: []byte(payload)})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", payload, err, want)
		}
	}
}

func TestRetry(t *testing.T) {
	conflict := fmt.Errorf("wrapped: %w", store.ErrConflict)
	other := errors.New("other")
	for _, test := range []struct {
		results []error
		alive   int // how often again agrees; -1: it is nil
		want    error
		calls   int
	}{
		{[]error{nil}, -1, nil, 1},
		{[]error{conflict, conflict, nil}, -1, nil, 3},
		{[]error{conflict, other}, -1, other, 2},
		{[]error{conflict, conflict, conflict}, 1, conflict, 2},
		{[]error{other}, 5, other, 1},
	} {
		calls, left := 0, test.alive
		again := func() bool { left--; return left >= 0 }
		if test.alive < 0 {
			again = nil
		}
		err := tx.Retry(func() error { calls++; return test.results[calls-1] }, again)
		if err != test.want || calls != test.calls {
			t.Errorf("%v: %v after %d calls, want %v after %d", test.results, err, calls, test.want, test.calls)
		}
	}
}

func TestKeysBelongToOneAccountAndKind(t *testing.T) {
	keys := []string{
		tx.RunKey("a", "p", "r"), tx.AliasKey("a", "p", "r"), tx.DeliveryKey("a", "r"), tx.MessageKey("a", "r"),
		tx.ReorderKey("a", "r"), tx.FaultCountKey("a", "r"), tx.PendingCountKey("a", 1), tx.ListKey("a", "p", "l", 1),
	}
	for _, key := range keys {
		under := 0
		for _, prefix := range tx.Prefixes("a") {
			if strings.HasPrefix(key, prefix) {
				under++
			}
		}
		for _, prefix := range slices.Concat(tx.Prefixes("b"), tx.Prefixes("")) {
			if strings.HasPrefix(key, prefix) {
				t.Errorf("key %q has the prefix %q of another account", key, prefix)
			}
		}
		if under != 1 || strings.HasPrefix(key, tx.SettingsKey("a")) {
			t.Errorf("key %q has %d prefixes", key, under)
		}
	}
}
