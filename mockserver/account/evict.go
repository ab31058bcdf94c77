package account

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// DefaultMax is the number of accounts above which idle ones are closed, unless the configuration has another. Every API key
// that is accepted opens one.
const DefaultMax = 10_000

// idleAfter is how long an account was not used before it may be closed.
const idleAfter = 10 * time.Second

// ErrFull reports that no further account can be opened: none of those that are open is idle and empty.
var ErrFull = fmt.Errorf("too many accounts: %w", store.ErrFull)

// evictor closes accounts that are idle and empty. The zero value needs accounts.
type evictor struct {
	*Accounts
	running atomic.Bool
	closed  atomic.Uint64
}

// count is the number of accounts that are open.
func (s *evictor) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.accounts)
}

// makeRoom closes idle accounts without runs, jobs and settings if there are too many. The error is ErrFull if there are twice
// as many as there may be, and none can be closed.
func (s *evictor) makeRoom(ctx context.Context) error {
	limit := s.config.Max
	if s.count() <= limit || !s.running.CompareAndSwap(false, true) {
		return nil
	}
	defer s.running.Store(false)
	closed := 0
	for _, a := range s.longestIdle(limit/10 + 1) {
		if s.close(ctx, a) == nil {
			closed++
		}
	}
	if closed == 0 && s.count() > 2*limit {
		return ErrFull
	}
	return nil
}

// longestIdle returns the n accounts that were used the longest ago.
func (s *evictor) longestIdle(n int) []*Account {
	s.mu.RLock()
	var idle []*Account
	before := time.Now().Add(-idleAfter).UnixNano()
	for _, a := range s.accounts {
		if a.name != Default && a.used.Load() < before {
			idle = append(idle, a)
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(idle, func(a, b *Account) int { return int(a.used.Load() - b.used.Load()) })
	return idle[:min(n, len(idle))]
}

// errInUse reports an account that cannot be closed.
var errInUse = fmt.Errorf("account in use: %w", store.ErrConflict)

// close closes an account that nothing uses and that has nothing. As after Delete, its earlier entries are hidden: when it is
// opened again, it starts anew.
func (s *evictor) close(ctx context.Context, a *Account) error {
	if !a.Advancing.TryLock() {
		return errInUse
	}
	defer a.Advancing.Unlock()
	if !a.life.TryLock() {
		return errInUse
	}
	defer a.life.Unlock()
	if empty, err := s.isEmpty(ctx, a); err != nil || !empty {
		return errInUse
	}
	last, err := s.logged(ctx, a, a.Now(), journal.Reset{Account: a.name, Dropped: true, Evicted: true})
	if err != nil {
		return err
	}
	err = forget(s.onReset, a.name)
	s.mu.Lock()
	s.remove(a.name)
	s.deleted[a.name] = last - 1 // the end itself is shown
	s.mu.Unlock()
	if stats, statsErr := s.store.Stats(ctx); statsErr == nil {
		trimDeleted(s.Accounts, stats.Oldest)
	}
	s.index.forget(a)
	a.leave()
	s.closed.Add(1)
	return err
}

// isEmpty reports whether an account has no work, no job and no document.
func (s *evictor) isEmpty(ctx context.Context, a *Account) (bool, error) {
	if quiet, _ := a.Quiet(); !quiet || a.gone || a.pinned.Load() {
		return false, nil
	}
	jobs, held, err := s.store.Pending(ctx, a.name)
	if err != nil || jobs+held > 0 {
		return false, err
	}
	docs, err := s.store.List(ctx, a.name+store.KeySeparator, "", 1)
	return len(docs) == 0, err
}
