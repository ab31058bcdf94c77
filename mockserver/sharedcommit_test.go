package mockserver_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

// countingStore counts commits.
type countingStore struct {
	*store.Memory
	commits atomic.Int64
}

func (s *countingStore) Commit(ctx context.Context, c store.Change) (uint64, error) {
	s.commits.Add(1)
	return s.Memory.Commit(ctx, c)
}

// Due steps with events that reach no endpoint share commits, and the journal has each of them in order.
func TestDueStepsShareCommits(t *testing.T) {
	t.Parallel()
	const calls = 50
	counting := &countingStore{Memory: store.NewMemory(store.Retention{})}
	s := new(mockservertest.Network).Start(t, mockserver.Config{Start: began, Frozen: true, Store: counting})
	a := s.Account("shared")
	var runs []string
	before := counting.commits.Load()
	for range calls {
		runs = append(runs, reference(t, a.Call(provider, bvn, number(found))))
	}
	if got := counting.commits.Load() - before; got > calls+1 { // one opens the account
		t.Errorf("%d commits of %d calls", got, calls)
	}
	before = counting.commits.Load()
	a.Advance(time.Second)
	if got := counting.commits.Load() - before; got > 2 { // the steps, and the clock
		t.Errorf("%d commits of %d due steps", got, calls)
	}
	ends := mockservertest.Entries[journal.Delivery](a)
	if len(ends) != calls {
		t.Fatalf("%d events ended, want %d", len(ends), calls)
	}
	for i, end := range ends {
		if end.Outcome != journal.Unroutable || end.Run != runs[i] {
			t.Errorf("event %d of run %s is %s, want that of run %s to be unroutable", i, end.Run, end.Outcome, runs[i])
		}
	}
}

// An endpoint that is registered before an event is due receives it.
func TestEndpointAfterTheCall(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("late")
	a.Call(provider, bvn, number(found))
	a.Advance(500 * time.Millisecond)
	_, r := with(t, s, "late")
	a.Advance(500 * time.Millisecond)
	if got := len(r.Got()); got != 1 {
		t.Errorf("received %d webhooks, want 1", got)
	}
}
