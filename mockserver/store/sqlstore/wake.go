package sqlstore

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// never is the due time of an account without claimable jobs.
const never = math.MaxInt64

// remembered bounds the due times in known. An account without one is reported more often.
const remembered = 100_000

// waking is a job that was added or removed.
type waking struct {
	account string
	due     int64
	lane    string
	lease   int64
	held    bool
	gone    bool
}

// wakeups are the notes for Wake.
type wakeups struct {
	mu      sync.Mutex
	changed []string
	isIn    map[string]bool  // changed
	known   map[string]int64 // due time of an account's next job, as Next returned it or as it was reported; never if there is none
	version uint64           // of known
	lease   int64            // end of the earliest lease that is known of; 0 for none
	seen    int64            // leases that ended until then were reported
	more    chan struct{}    // closed at the next change; nil if nothing waits
}

// change notes an account for the next Wake.
func (w *wakeups) change(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.add(account)
}

// changedElsewhere notes an account after another process changed its jobs.
func (w *wakeups) changedElsewhere(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	delete(w.known, account)
	w.add(account)
}

func (w *wakeups) add(account string) {
	if w.isIn[account] {
		return
	}
	if w.isIn == nil {
		w.isIn = map[string]bool{}
	}
	w.isIn[account] = true
	w.changed = append(w.changed, account)
	w.fire()
}

func (w *wakeups) fire() {
	if w.more != nil {
		close(w.more)
		w.more = nil
	}
}

// note evaluates jobs that were added and removed: only those before the account's next job change when it is due.
func (w *wakeups) note(all []waking, now int64) {
	if len(all) == 0 {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	for _, j := range all {
		known, ok := w.known[j.account]
		if !ok {
			known = never
		}
		switch {
		case j.held:
		case !j.gone && j.due < known:
			w.remember(j.account, j.due)
			w.add(j.account)
		case j.gone && (j.lane != "" && j.lease > now || j.lease <= now && j.due <= known):
			w.remember(j.account, never) // not known: any further job is reported
			w.add(j.account)
		}
	}
}

func (w *wakeups) remember(account string, due int64) {
	if due == never {
		delete(w.known, account)
		return
	}
	if w.known == nil || len(w.known) >= remembered {
		w.known = map[string]int64{}
	}
	w.known[account] = due
}

// forget has the next change of an account reported.
func (w *wakeups) forget(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	delete(w.known, account)
}

// asked returns a function that takes the due time of an account's next job, which is read meanwhile.
func (w *wakeups) asked(account string) func(due int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	version := w.version
	return func(due int64) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if version == w.version {
			w.remember(account, due)
		}
	}
}

// leased notes the end of a lease.
func (w *wakeups) leased(ends int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.lease == 0 || ends < w.lease {
		w.lease = ends
		w.fire()
	}
}

// take returns the changed accounts. If there is none, it returns a channel and a time to wait for.
func (w *wakeups) take() (changed []string, more <-chan struct{}, lease int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.changed) > 0 {
		changed, w.changed, w.isIn = w.changed, nil, nil
		return changed, nil, 0
	}
	if w.more == nil {
		w.more = make(chan struct{})
	}
	return nil, w.more, w.lease
}

// Wake implements store.Store.
func (s *Store) Wake(ctx context.Context) ([]string, error) {
	for {
		if s.isClosed.Load() {
			return nil, store.ErrClosed
		}
		changed, more, lease := s.wake.take()
		if len(changed) > 0 {
			return changed, nil
		}
		if err := s.await(ctx, more, lease); err != nil {
			return nil, err
		}
	}
}

// await returns at a change, at the end of a lease, when the store closes, or with ctx's error.
func (s *Store) await(ctx context.Context, more <-chan struct{}, lease int64) error {
	var ends <-chan time.Time
	if lease > 0 {
		timer := time.NewTimer(time.Duration(max(0, lease-s.now())))
		defer timer.Stop()
		ends = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closed:
	case <-more:
	case <-ends:
		return s.expire(ctx)
	}
	return nil
}

// expire notes the accounts of leases that ended, and the end of the next one.
func (s *Store) expire(ctx context.Context) error {
	now := s.now()
	s.wake.mu.Lock()
	seen := s.wake.seen
	s.wake.mu.Unlock()
	var accounts []string
	var next int64
	err := s.read(ctx, query("SELECT account, lease FROM idmock_jobs WHERE lease > 0 AND lease > $1 ORDER BY lease LIMIT 1000", func(scan func(...any) error) error {
		var account []byte
		var lease int64
		if err := scan(&account, &lease); err != nil {
			return err
		}
		if lease > now {
			next = lease
			return errStop
		}
		seen = lease
		accounts = append(accounts, string(account))
		return nil
	}, seen))
	if err != nil {
		return err
	}
	w := &s.wake
	w.mu.Lock()
	defer w.mu.Unlock()
	w.seen = seen
	if len(accounts) == 0 && next == 0 && w.lease > now {
		return nil // of a claim that was committed meanwhile
	}
	if len(accounts) == 1000 {
		next = now
	}
	if w.lease <= now || next > 0 && next < w.lease {
		w.lease = next
	}
	for _, account := range accounts {
		delete(w.known, account)
		w.add(account)
	}
	w.version++
	return nil
}
