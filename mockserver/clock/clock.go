// Package clock tells an account's time.
//
// Every account lives on a clock of its own, which can be frozen, moved forward and run faster or slower than the
// wall. Freezing and advancing are features that users ask for, not test doubles: code under test in this repository
// runs the same Clock inside a testing/synctest bubble. What belongs to the wall (HTTP timeouts, leases, signature
// timestamps) does not come here.
package clock

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"
)

// MaxRate is the fastest a clock runs: some eleven days of account time a second.
const MaxRate = 1e6

// ErrBackwards is what [Clock.Advance] answers to a negative duration: what has happened cannot be taken back.
var ErrBackwards = errors.New("a clock only moves forward")

// Clock is account time: a point that moves with the wall at some rate, until it is frozen. Make one with [New].
// All methods are safe for concurrent use, and Now never goes back.
type Clock struct {
	mu      sync.RWMutex
	base    time.Time // account time when the wall stood at since
	since   time.Time
	rate    float64
	frozen  bool
	changed chan struct{} // nil until somebody listens
}

// State is what a clock shows to people: its time, how many account seconds pass in a wall second once it is not
// frozen, and whether it is frozen.
type State struct {
	Now    time.Time `json:"now"`
	Rate   float64   `json:"rate"`
	Frozen bool      `json:"frozen"`
}

// New returns a clock that reads start and runs at rate 1.
func New(start time.Time) *Clock {
	return &Clock{base: start.Round(0), since: time.Now(), rate: 1} // Round(0): account time has no monotonic part
}

// NewFrozen returns a clock that stands at start, exactly, and runs at rate 1 once it is unfrozen.
func NewFrozen(start time.Time) *Clock {
	c := New(start)
	c.frozen = true
	return c
}

// Clone returns a clock of its own that reads and runs as this one does now.
func (c *Clock) Clone() *Clock {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return &Clock{base: c.now(), since: time.Now(), rate: c.rate, frozen: c.frozen}
}

// Now is the account's present time, in the location of the time the clock was started with.
func (c *Clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.now()
}

// State is a consistent view of the clock.
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
		c.set(c.now().Add(d))
	}
	return nil
}

// AdvanceTo moves the clock forward to t. It does nothing when t is past.
func (c *Clock) AdvanceTo(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t = t.In(c.base.Location()).Round(0); t.After(c.now()) {
		c.set(t)
	}
}

// SetRate makes r seconds of account time pass in a second of wall time from now on; Now does not jump. A frozen
// clock stays frozen and takes the rate when it is unfrozen. r lies above 0 and not above [MaxRate].
func (c *Clock) SetRate(r float64) error {
	if !(r > 0 && r <= MaxRate) { // written so that NaN fails
		return fmt.Errorf("rate %v: must be above 0 and at most %v (freeze a clock to stop it)", r, float64(MaxRate))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.now()
	c.rate = r
	c.set(now)
	return nil
}

// Freeze stops the clock where it is. Only Advance and AdvanceTo move it then.
func (c *Clock) Freeze() { c.freeze(true) }

// Unfreeze lets a frozen clock run on at its rate.
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

// Changed is closed at the next Advance, AdvanceTo, SetRate, Freeze or Unfreeze that changes anything. Take it before
// looking at the clock, so that no change falls in between.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.listen()
}

// WallUntil is the wall time that passes until account time t if nothing changes: 0 when t is reached, and not ok when
// the clock is frozen before it.
func (c *Clock) WallUntil(t time.Time) (d time.Duration, ok bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.wallUntil(t)
}

// Wait returns when account time t is reached, whatever moves the clock until then, or with ctx's error.
func (c *Clock) Wait(ctx context.Context, t time.Time) error {
	for {
		c.mu.Lock()
		d, ok := c.wallUntil(t)
		changed := c.listen()
		c.mu.Unlock()
		if ok && d == 0 {
			return nil
		}
		if err := c.sleep(ctx, d, ok, changed); err != nil {
			return err
		}
	}
}

// sleep returns after d, or when the clock changed, or with ctx's error. Without timed, d counts for nothing.
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
	passed := time.Since(c.since)
	if c.rate == 1 {
		return c.base.Add(passed) // exact, which a float is not after some months
	}
	t, ns := c.base, float64(passed)*c.rate
	const step = math.MaxInt64/2 + 1 // a fast clock outruns time.Duration, which ends at 292 years
	for ; ns >= step; ns -= step {
		t = t.Add(step)
	}
	return t.Add(time.Duration(ns))
}

// set makes the clock read now from here on and tells those who listen.
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
	left := t.Sub(c.now())
	switch {
	case left <= 0:
		return 0, true
	case c.frozen:
		return 0, false
	case c.rate == 1:
		return left, true
	}
	wall := math.Ceil(float64(left) / c.rate) // rounded up, so that t is reached and not almost reached
	if wall >= math.MaxInt64 {
		return math.MaxInt64, true
	}
	return time.Duration(wall), true
}
