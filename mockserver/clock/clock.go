// Package clock implements account time.
//
// Every account has its own clock, which can be frozen, advanced and run faster or slower than wall time. These are
// features for users, not test doubles: tests run the same Clock in testing/synctest bubbles. Wall time, for HTTP timeouts,
// leases and signature timestamps, does not belong here, nor does the scheduling of jobs.
package clock

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// MaxRate is the highest rate of a clock, about eleven days of account time per second.
const MaxRate = 1e6

// ErrBackwards is the error of [Clock.Advance] for a negative duration.
var ErrBackwards = errors.New("a clock cannot go back")

// Clock is account time, which advances with wall time at some rate unless it is frozen. Use [New] to create one. All
// methods are safe for concurrent use, and Now never goes back.
type Clock struct {
	mu       sync.RWMutex
	base     time.Time // account time at wall time since
	since    time.Time
	rate     float64
	frozen   bool
	changed  chan struct{} // nil without listeners
	released bool          // nothing waits any more
}

// State is the state of a clock: its time, its rate in account seconds per wall second (in effect unless frozen), and
// whether it is frozen.
type State struct {
	Now    time.Time `json:"now"`
	Rate   float64   `json:"rate"`
	Frozen bool      `json:"frozen"`
}

// Saved is a clock that can be continued later, or by another process: its time at a wall time.
type Saved struct {
	Base   time.Time `json:"base"`
	Since  time.Time `json:"since"`
	Rate   float64   `json:"rate"`
	Frozen bool      `json:"frozen,omitzero"`
}

// Save returns the clock for Restore.
func (c *Clock) Save() Saved {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return Saved{Base: c.now(), Since: time.Now().UTC(), Rate: c.rate, Frozen: c.frozen}
}

// Restore continues a clock that was saved, as if it had run since. It notifies listeners.
func (c *Clock) Restore(s Saved) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.base, c.since, c.rate, c.frozen = s.Base, s.Since, s.Rate, s.Frozen
	c.set(c.now())
}

// New returns a clock that starts at start with rate 1.
func New(start time.Time) *Clock {
	return &Clock{base: start.Round(0), since: time.Now(), rate: 1} // Round(0): account time has no monotonic part
}

// NewFrozen returns a clock frozen at start, with rate 1 once it is unfrozen.
func NewFrozen(start time.Time) *Clock {
	c := New(start)
	c.frozen = true
	return c
}

// Clone returns an independent copy of the clock.
func (c *Clock) Clone() *Clock {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &Clock{base: c.now(), since: time.Now(), rate: c.rate, frozen: c.frozen}
}

// Now returns the account's current time, in the location of the start time.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now()
}

// State returns a consistent snapshot of the clock.
func (c *Clock) State() State {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return State{Now: c.now(), Rate: c.rate, Frozen: c.frozen}
}

// Advance moves the clock forward by d of account time, frozen or not. A negative d is [ErrBackwards].
func (c *Clock) Advance(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("advance by %v: %w", d, ErrBackwards)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.set(c.clamp(c.now().Add(d)))
	}
	return nil
}

// AdvanceTo moves the clock forward to t. It does nothing if t is in the past.
func (c *Clock) AdvanceTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t = t.In(c.base.Location()).Round(0); t.After(c.now()) {
		c.set(c.clamp(t))
	}
}

// Release lets everything that waits for the clock go, now and later: its account was reset. Time stays as it is.
func (c *Clock) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.released = true
	c.set(c.now())
}

// SetRate sets the rate to r account seconds per wall second from now on; Now does not jump. A frozen clock stays frozen
// and uses the rate once unfrozen. r must be above 0 and at most [MaxRate].
func (c *Clock) SetRate(r float64) error {
	if !(r > 0 && r <= MaxRate) { // also rejects NaN
		return fmt.Errorf("invalid rate %v: must be above 0 and at most %v (freeze the clock to stop it)", r, float64(MaxRate))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.rate = r
	c.set(now)
	return nil
}

// Freeze stops the clock. A frozen clock moves only by Advance and AdvanceTo.
func (c *Clock) Freeze() { c.freeze(true) }

// Unfreeze resumes a frozen clock at its rate.
func (c *Clock) Unfreeze() { c.freeze(false) }

func (c *Clock) freeze(frozen bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.frozen == frozen {
		return
	}
	now := c.now()
	c.frozen = frozen
	c.set(now)
}

// Changed returns a channel that is closed at the next Advance, AdvanceTo, SetRate, Freeze or Unfreeze with an effect. Get
// it before reading the clock, so that no change is missed in between.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listen()
}

// WallUntil returns the wall time until account time t if the clock does not change: 0 if t is reached; ok is false if the
// clock is frozen before t.
func (c *Clock) WallUntil(t time.Time) (d time.Duration, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.wallUntil(t)
}

// Wait blocks until account time t, following changes of the clock, or returns ctx's error.
func (c *Clock) Wait(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		d, ok := c.wallUntil(t)
		changed, released := c.listen(), c.released
		c.mu.Unlock()
		if ok && d == 0 || released {
			return nil
		}
		if err := c.sleep(ctx, d, ok, changed); err != nil {
			return err
		}
	}
}

// sleep returns after d if timed, when the clock changes, or with ctx's error.
func (c *Clock) sleep(ctx context.Context, d time.Duration, timed bool, changed <-chan struct{}) error {
	var reached <-chan time.Time
	if timed {
		timer := time.NewTimer(d)
		defer timer.Stop()
		reached = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-reached:
	}
	return nil
}

func (c *Clock) now() time.Time {
	if c.frozen {
		return c.base
	}
	return c.clamp(c.running())
}

// lastYear is where clocks stop. RFC 3339, and with it JSON, ends with the year 9999; what follows a job must still have a time.
const lastYear = 9000

func (c *Clock) clamp(t time.Time) time.Time {
	if t.Year() >= lastYear {
		return time.Date(lastYear, 1, 1, 0, 0, 0, 0, c.base.Location())
	}
	return t
}

func (c *Clock) running() time.Time {
	passed := time.Since(c.since)
	if c.rate == 1 {
		return c.base.Add(passed) // exact, unlike a float after some months
	}
	t, ns := c.base, float64(passed)*c.rate
	const step = math.MaxInt64/2 + 1 // a fast clock exceeds time.Duration, which is limited to 292 years
	for ; ns >= step; ns -= step {
		t = t.Add(step)
	}
	return t.Add(time.Duration(ns))
}

// set sets the clock to now and notifies listeners.
func (c *Clock) set(now time.Time) {
	c.base, c.since = now, time.Now()
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

func (c *Clock) listen() <-chan struct{} {
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

func (c *Clock) wallUntil(t time.Time) (time.Duration, bool) {
	remaining := t.Sub(c.now())
	switch {
	case remaining <= 0:
		return 0, true
	case c.frozen:
		return 0, false
	case c.rate == 1:
		return remaining, true
	}
	wall := math.Ceil(float64(remaining) / c.rate) // rounded up, so that t is reached
	if wall >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return time.Duration(wall), true
}
