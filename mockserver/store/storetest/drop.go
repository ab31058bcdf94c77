package storetest

import (
	"errors"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

var dropTests = []test{{"removes documents and jobs of one account only", testDrop}}

func testDrop(t *kit) {
	s := t.Store
	ctx := t.Context()
	due := time.Unix(0, 0)
	_, err := s.Commit(ctx, store.Change{
		Docs: []store.Doc{{Key: "run/a/1", Data: []byte("{}")}, {Key: "run/a/2", Data: []byte("{}"), Done: true}, {Key: "run/ab/1", Data: []byte("{}")}},
		Jobs: []store.Job{{ID: "1", Account: "a", Lane: "l", Due: due}, {ID: "2", Account: "a", Lane: "l", Due: due}, {ID: "3", Account: "ab", Due: due}},
	})
	if err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(ctx, "a", due, 1, time.Hour)
	if err != nil || len(claimed) != 1 {
		t.Fatalf("claimed %v, %v", claimed, err)
	}
	if err := s.Drop(ctx, "a", "run/a/"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]error{"run/a/1": store.ErrNotFound, "run/a/2": store.ErrNotFound, "run/ab/1": nil} {
		if _, err := s.Get(ctx, key); !errors.Is(err, want) {
			t.Errorf("after Drop, Get %s: %v, want %v", key, err, want)
		}
	}
	if _, ok, _ := s.Next(ctx, "a"); ok {
		t.Error("the dropped account still has a job")
	}
	if _, ok, _ := s.Next(ctx, "ab"); !ok {
		t.Error("another account lost its job")
	}
	if _, err := s.Commit(ctx, store.Change{Done: []string{claimed[0].ID}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("finishing a dropped job: %v, want ErrConflict", err)
	}
	for account, want := range map[string]int{"a": 0, "ab": 1, "none": 0} {
		if n, _, err := s.Pending(ctx, account); n != want || err != nil {
			t.Errorf("Pending %s: %d, %v, want %d", account, n, err, want)
		}
	}
	if st, _ := s.Stats(ctx); st.Jobs != 1 || st.Docs != 1 || st.DoneDocs != 0 {
		t.Errorf("after Drop: %+v", st)
	}
}

var peekTests = []test{{"returns the next job of a claimed lane", testPeek}}

func testPeek(t *kit) {
	ctx, at := t.Context(), time.Unix(100, 0)
	_, err := t.Commit(ctx, store.Change{Jobs: []store.Job{
		{ID: "1", Account: "a", Lane: "l", Due: at}, {ID: "2", Account: "a", Lane: "l", Due: at, Payload: []byte("p")}, {ID: "3", Account: "a", Lane: "l", Due: at.Add(time.Second)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	peek := func(until time.Time) string {
		t.Helper()
		job, ok, err := t.Peek(ctx, "a", "l", until)
		if err != nil || ok != (job.ID != "") {
			t.Fatalf("peeked %+v, %v, %v", job, ok, err)
		}
		return job.ID
	}
	if got := peek(at); got != "" {
		t.Errorf("peeked %s before any claim", got)
	}
	for _, want := range []string{"2", "", ""} {
		claimed, err := t.Claim(ctx, "a", at.Add(time.Hour), 1, time.Hour)
		if err != nil || len(claimed) != 1 {
			t.Fatalf("claimed %v, %v", claimed, err)
		}
		if got := peek(at); got != want {
			t.Errorf("after claiming %s peeked %q, want %q", claimed[0].ID, got, want)
		}
		if _, err := t.Commit(ctx, store.Change{Done: []string{claimed[0].ID}}); err != nil {
			t.Fatal(err)
		}
	}
}
