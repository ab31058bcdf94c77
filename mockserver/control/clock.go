package control

import (
	"context"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
)

// Clocks controls the accounts' clocks.
type Clocks interface {
	// Clock returns the state of an account's clock, or with "" the initial state for new accounts.
	Clock(ctx context.Context, account string) (clock.State, error)
	// SetClock changes an account's clock, or with "" all clocks, and returns the new state.
	SetClock(ctx context.Context, account string, change ClockChange) (clock.State, error)
	// Advance moves an account's clock, or with "" all clocks, forward by d of account time. It returns once every job that
	// fell due has finished; jobs run in the order of their due times.
	Advance(ctx context.Context, account string, d time.Duration) (Advanced, error)
	// Finish advances an account's clock until no job is pending.
	Finish(ctx context.Context, account string) (Advanced, error)
}

// ClockChange changes a clock. Nil fields are unchanged.
type ClockChange struct {
	Rate   *float64 `json:"rate"` // account seconds per second, above 0 and at most clock.MaxRate
	Frozen *bool    `json:"frozen"`
}

// Advanced is the result of an advance.
type Advanced struct {
	Now     time.Time `json:"now"`     // account time
	Settled int       `json:"settled"` // jobs that fell due: timeline steps, attempts, and deliveries that were held instead
	Ends              // deliveries that ended meanwhile
	Held    int       `json:"held"` // deliveries now held
}

// Ends counts deliveries by the status with which they ended.
type Ends struct {
	Delivered  int `json:"delivered"`
	Exhausted  int `json:"exhausted"`
	Unroutable int `json:"unroutable"`
	Dropped    int `json:"dropped"`
}

// Add counts a delivery that ended.
func (e *Ends) Add(s Status) {
	switch s {
	case Delivered:
		e.Delivered++
	case Exhausted:
		e.Exhausted++
	case Unroutable:
		e.Unroutable++
	case Dropped:
		e.Dropped++
	}
}

// Plus returns the sum of two counts.
func (e Ends) Plus(o Ends) Ends {
	return Ends{e.Delivered + o.Delivered, e.Exhausted + o.Exhausted, e.Unroutable + o.Unroutable, e.Dropped + o.Dropped}
}

// Since returns the counts after an earlier one.
func (e Ends) Since(o Ends) Ends {
	return Ends{e.Delivered - o.Delivered, e.Exhausted - o.Exhausted, e.Unroutable - o.Unroutable, e.Dropped - o.Dropped}
}
