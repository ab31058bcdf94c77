package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// DefaultMax is the number of accounts above which idle ones are closed, unless the configuration has another. Every API key
// that is accepted opens one, of about 5 KB.
const DefaultMax = 30_000

// idleAfter is how long an account was not used before it may be closed.
const idleAfter = 10 * time.Second

// between is the least time from one search for idle accounts to the next. A search looks at every account, which must not be
// part of every request while there are too many.
const between = time.Second

// fewest is the least number of accounts that a search looks at.
const fewest = 100

// ErrFull reports that no further account can be opened: none of those that are open is idle and empty.
var ErrFull = fmt.Errorf("too many accounts: %w", store.ErrFull)

// evictor closes accounts that are idle and empty. The zero value needs accounts.
type evictor struct {
	*Accounts
	running  atomic.Bool
	searched atomic.Int64 // nanoseconds; when the last search ended
	closed   atomic.Uint64
}

// count is the number of accounts that are open.
func (s *evictor) count() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.accounts)
}

// makeRoom closes idle accounts without runs, jobs and settings if there are too many. The error is ErrFull if there are twice
// as many as there may be.
func (s *evictor) makeRoom(ctx context.Context) error {
	limit := s.config.Max
	if s.count() > limit && time.Now().UnixNano()-s.searched.Load() > int64(between) && s.running.CompareAndSwap(false, true) {
		for _, a := range s.longestIdle(limit/10 + fewest) {
			if s.close(ctx, a) != nil { // it stays; the next search looks at others first
				a.kept.Store(time.Now().UnixNano())
			}
		}
		s.searched.Store(time.Now().UnixNano())
		s.running.Store(false)
	}
	if s.count() > 2*limit {
		return ErrFull
	}
	return nil
}

// longestIdle returns n idle accounts: those first that were neither used nor found in use for the longest time.
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
	since := func(a *Account) int64 { return max(a.used.Load(), a.kept.Load()) }
	slices.SortFunc(idle, func(a, b *Account) int { return cmp.Compare(since(a), since(b)) })
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
	if err := s.records.close(ctx, a.name, last-1); err != nil {
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
	docs, err := s.store.List(ctx, a.name+store.KeySeparator, "", 2)
	return len(docs) == 0 || len(docs) == 1 && docs[0].Key == tx.NumbersKey(a.name), err
}
