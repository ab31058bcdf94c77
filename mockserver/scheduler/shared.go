package scheduler

import (
	"context"
	"time"
)

// elsewhere is the pause between two looks at the work of other processes.
const elsewhere = 20 * time.Millisecond

// sharedStore is a store that several processes may use at the same time.
type sharedStore interface {
	IsShared() bool
	// Busy reports whether a job of the account is claimed, by any process.
	Busy(ctx context.Context, account string) (bool, error)
}

// shared returns the store if other processes may use it.
func (s *Scheduler) shared() sharedStore {
	if shared, ok := s.Store.(sharedStore); ok && shared.IsShared() {
		return shared
	}
	return nil
}

// busyElsewhere reports whether another process works at a job of an account, while this one does not. If so, it returns after a pause.
func (s *Scheduler) busyElsewhere(ctx context.Context, name string) (bool, error) {
	shared := s.shared()
	if shared == nil {
		return false, nil
	}
	busy, err := shared.Busy(ctx, name)
	if err != nil || !busy {
		return false, err
	}
	select {
	case <-s.look():
	case <-ctx.Done():
		return false, context.Cause(ctx)
	}
	return true, nil
}

// look receives when it is time to look at the store again, because the ends of other processes' jobs wake nothing here. It never
// does if this process has the store for itself.
func (s *Scheduler) look() <-chan time.Time {
	if s.shared() == nil {
		return nil
	}
	return time.After(elsewhere)
}
