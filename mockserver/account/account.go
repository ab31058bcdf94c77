package account

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// Default is the name of the default account: its settings apply to every account without its own.
const Default = ""

// Account is the isolated world of one credential. It is opened by being used. After a reset another Account has its
// place.
type Account struct {
	name     string
	tag      uint64 // of the name, in IDs
	key      string // of its settings
	seed     uint64
	clock    *clock.Clock
	accounts *Accounts
	ids      atomic.Uint64 // IDs made so far; the next one follows from this and the seed
	numbers  *numbers      // in a lasting store, in place of counting with ids; or nil
	floor    atomic.Uint64 // Seq of the last reset: earlier entries are hidden

	// Reordering is set once a fault has kept a delivery back, so that planning looks for the reorder buffer. It may be set
	// without need.
	Reordering atomic.Bool

	life sync.RWMutex // read-locked to commit what happens to the account; locked to reset it
	gone bool         // another has taken its place. Guarded by life

	// Advancing is locked by the one goroutine that advances or resets the account, which alone claims its jobs then, and
	// read-locked to claim.
	Advancing sync.RWMutex

	mu          sync.Mutex
	recorded    uint64                    // revision of its record that it is at
	generation  uint64                    // number of resets, in a lasting store
	uploads     uint64                    // number of uploads of scenarios, in a lasting store
	credentials map[string]map[string]any // by provider; each map is never changed
	working     int                       // jobs and steps under way
	changed     chan struct{}             // closed when working falls; nil while nothing waits for that
	paused      bool                      // the clock is frozen while the account is advanced
	frozen      bool                      // while paused: whether the clock is frozen afterwards
	deadlines   map[string]time.Time      // of expected requests, by job
	ends        control.Ends              // deliveries that ended since the account was opened

	used   atomic.Int64 // when it was opened or used last, in Unix nanoseconds
	kept   atomic.Int64 // when it was found not to be empty, in Unix nanoseconds
	pinned atomic.Bool  // it has something that is not in the store: it stays open

	publicURL atomic.Pointer[string]   // the base URL that the latest request came by
	settings  atomic.Pointer[Settings] // as last read: a cache of the document
}

var _ tx.Owner = (*Account)(nil)

// Name is the credential that opened the account; Default for the default account.
func (a *Account) Name() string { return a.name }

// Seed is the source of everything generated for the account.
func (a *Account) Seed() uint64 { return a.seed }

// Now is account time.
func (a *Account) Now() time.Time { return a.clock.Now() }

// Clock is the account's clock, to wait for it and to move it.
func (a *Account) Clock() *clock.Clock { return a.clock }

// Pin keeps the account open although it has no documents: its clock was set, or scenarios were uploaded for it.
func (a *Account) Pin() { a.pinned.Store(true) }

// Begin returns a unit of work at an account time.
func (a *Account) Begin(now time.Time) *tx.Tx { return tx.Begin(a.accounts.store, a, now) }

// Alive calls do unless the account was reset or deleted; then the error is store.ErrConflict: decisions for it came
// from stale state. While do runs, the account stays.
func (a *Account) Alive(do func() error) error {
	a.life.RLock()
	defer a.life.RUnlock()
	if a.gone {
		return fmt.Errorf("account %q was reset: %w", a.name, store.ErrConflict)
	}
	return do()
}

// IsGone reports whether the account was reset or deleted.
func (a *Account) IsGone() bool { return a.Alive(func() error { return nil }) != nil }

// NotGone is IsGone negated, for tx.Retry.
func (a *Account) NotGone() bool { return !a.IsGone() }

// leave ends an account that another replaces, and releases its waiters. The caller holds a.life.
func (a *Account) leave() {
	a.gone = true
	a.clock.Release()
	a.StartWork()
	a.EndWork() // and those that wait for its work
}

// An ID holds the account's tag above idBits, so that the account of a delivery is found from the delivery's ID alone.
const idBits = 40

// NextID returns an ID that is unique in the account and the same for the same seed and order.
func (a *Account) NextID(prefix string) string {
	const mask = 1<<idBits - 1
	n := a.number()
	// Multiplying by an odd number and adding permute the numbers below 2^idBits, so no two IDs are equal.
	mixed := (n*0x9E3779B97F4A7C15 + fake.Seed(a.seed, prefix)) & mask
	mixed ^= mixed >> 17
	mixed = mixed * 0xBF58476D1CE4E5B9 & mask
	return prefix + strconv.FormatUint(a.tag<<idBits|mixed, 36)
}

// number returns the next number of an ID.
func (a *Account) number() uint64 {
	if a.numbers == nil {
		return a.ids.Add(1)
	}
	n := a.numbers.take()
	a.ids.Store(n)
	return n
}

// Order is the number of IDs made so far, which orders runs.
func (a *Account) Order() uint64 { return a.ids.Load() }

// tag is a number of 24 bits for an account's name. Two accounts may share one.
func tag(name string) uint64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return uint64(h.Sum32() >> 8)
}

// tagOf reads the tag from an ID of a prefix.
func tagOf(prefix, id string) (uint64, bool) {
	rest, ok := strings.CutPrefix(id, prefix)
	n, err := strconv.ParseUint(rest, 36, 64)
	return n >> idBits, ok && err == nil
}

// UUID returns a UUID that is unique in the account and the same for the same seed and order.
func (a *Account) UUID(provider string) string {
	return fake.UUID(a.seed, provider, strconv.FormatUint(a.number(), 36))
}

// StartWork and EndWork bracket work that Idle waits for.
func (a *Account) StartWork() {
	a.mu.Lock()
	a.working++
	a.mu.Unlock()
}

// EndWork ends a StartWork.
func (a *Account) EndWork() {
	a.mu.Lock()
	a.working--
	a.wakeLocked()
	a.mu.Unlock()
}

func (a *Account) wakeLocked() {
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
}

// Wake wakes those that wait for work of the account to end, to look again.
func (a *Account) Wake() {
	a.StartWork()
	a.EndWork()
}

// Quiet reports whether no work is under way, and returns a channel that is closed when that may have changed.
func (a *Account) Quiet() (bool, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changed == nil {
		a.changed = make(chan struct{})
	}
	return a.working == 0, a.changed
}

// WaitQuiet returns when no work is under way, or with ctx's error.
func (a *Account) WaitQuiet(ctx context.Context) error {
	for {
		quiet, changed := a.Quiet()
		if quiet {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Ended counts deliveries that ended, by outcome.
func (a *Account) Ended(outcomes []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, outcome := range outcomes {
		a.ends.Add(control.Status(outcome))
	}
}

// Ends returns the deliveries that ended since the account was opened or reset.
func (a *Account) Ends() control.Ends {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ends
}

// Expect records the deadlines of requests that runs wait for from now on, by job, and forgets those of settled jobs.
func (a *Account) Expect(deadlines map[string]time.Time, settled []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for job, deadline := range deadlines {
		if a.deadlines == nil {
			a.deadlines = map[string]time.Time{}
		}
		a.deadlines[job] = deadline
	}
	for _, job := range settled {
		delete(a.deadlines, job)
	}
	if len(settled) > 0 {
		a.wakeLocked()
	}
}

// Expects reports whether the deadline of an expected request is at t or before.
func (a *Account) Expects(t time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, deadline := range a.deadlines {
		if !deadline.After(t) {
			return true
		}
	}
	return false
}
