package sqlstore_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// The store counts conflicts and jobs that are taken over, for metrics.
func TestWorkIsCounted(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "test.db"), store.Retention{})
	defer s.Close()
	now := time.Now()
	change := store.Change{Docs: []store.Doc{{Key: "x\x1fa", Data: []byte("A")}}, Jobs: []store.Job{{ID: "j", Account: "x", Lane: "l", Due: now}}}
	if _, err := s.Commit(t.Context(), change); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Commit(t.Context(), change); !errors.Is(err, store.ErrConflict) {
		t.Errorf("the same again: %v", err)
	}
	for n := 0; n < 2; { // the first lease ends at once
		jobs, err := s.Claim(t.Context(), "x", now, 1, time.Nanosecond)
		if err != nil {
			t.Fatal(err)
		}
		n += len(jobs)
	}
	if w := s.Work(); w.Conflicts != 1 || w.Takeovers != 1 || w.Failures != 0 || w.Operations < 4 || w.Transactions > w.Operations || w.Busy <= 0 {
		t.Errorf("counted %+v", w)
	}
}
