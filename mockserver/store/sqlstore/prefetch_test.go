package sqlstore_test

import (
	"errors"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// Documents that are read ahead are those of that moment until a commit with the context, and not for long.
func TestPrefetch(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"), store.Retention{})
	defer s.Close()
	put := func(key, data string, rev uint64) {
		t.Helper()
		if _, err := s.Commit(t.Context(), store.Change{Docs: []store.Doc{{Key: key, Data: []byte(data), Rev: rev}}}); err != nil {
			t.Fatal(err)
		}
	}
	put("x\x1fa", "1", 0)
	ctx, err := s.Prefetch(t.Context(), [4]string{"x\x1fa", "x\x1fb", "x\x1fa", "x\x1fb"})
	if err != nil {
		t.Fatal(err)
	}
	put("x\x1fa", "2", 1)
	put("x\x1fb", "1", 0)
	if _, err := s.Commit(ctx, store.Change{Docs: []store.Doc{{Key: "x\x1fa", Data: []byte("3"), Rev: 1}}}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a commit on what has changed: %v, want a conflict", err)
	}
	for key, want := range map[string]string{"x\x1fa": "2", "x\x1fb": "1"} { // a conflict is decided on what is there now
		if doc, err := s.Get(ctx, key); err != nil || string(doc.Data) != want {
			t.Errorf("%q after the conflict: %s, %v, want %s", key, doc.Data, err, want)
		}
	}
}

// What was read ahead serves as long as the work of a request takes, from one read.
func TestPrefetchEnds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	synctest.Test(t, func(t *testing.T) {
		s := open(t, path, store.Retention{})
		defer s.Close()
		ctx, err := s.Prefetch(t.Context(), [4]string{"x\x1fa", "x\x1fb", "x\x1fc", "x\x1fd"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Commit(t.Context(), store.Change{Docs: []store.Doc{{Key: "x\x1fa", Data: []byte("1")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Get(ctx, "x\x1fa"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("within its time: %v, want what there was", err)
		}
		time.Sleep(time.Second)
		if doc, err := s.Get(ctx, "x\x1fa"); err != nil || string(doc.Data) != "1" {
			t.Errorf("after its time: %s, %v", doc.Data, err)
		}
	})
}
