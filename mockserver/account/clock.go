package account

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
)

// Clock reads an account's clock; for the default account the one with which new accounts start.
func (s *Accounts) Clock(_ context.Context, name string) (clock.State, error) {
	if name == Default {
		s.mu.RLock()
		defer s.mu.RUnlock()
		return s.clock.State(), nil
	}
	a, err := s.Find(name)
	if err != nil {
		return clock.State{}, err
	}
	return a.ClockState(), nil
}

// SetClock freezes or unfreezes an account's clock, or changes its rate. For the default account it does so for every
// account, new ones included.
func (s *Accounts) SetClock(ctx context.Context, name string, change control.ClockChange) (clock.State, error) {
	names := []string{name}
	if name == Default {
		if err := s.records.others(ctx, s); err != nil {
			return clock.State{}, err
		}
		s.mu.Lock()
		names = slices.Sorted(maps.Keys(s.accounts))
		err := apply(s.clock, change)
		s.mu.Unlock()
		if err != nil {
			return clock.State{}, err
		}
	}
	for _, each := range names {
		a := s.Known(each)
		if a == nil && name == Default {
			continue // deleted meanwhile
		}
		if a == nil {
			var err error
			if a, err = s.Open(ctx, each); err != nil {
				return clock.State{}, err
			}
		}
		state, err := a.setClock(change)
		if err != nil {
			return clock.State{}, err
		}
		if _, err := logRecorded(ctx, s, a, state.Now, journal.Clock{Now: state.Now, Rate: state.Rate, Frozen: state.Frozen}); err != nil {
			return clock.State{}, err
		}
		s.Woken.Add(a.name)
	}
	return s.Clock(ctx, name)
}

// AdvanceTemplate advances the clock with which new accounts start, and returns it with the names of the accounts that
// are open: one that is opened meanwhile starts with the clock before or after this, and is or is not among them.
func (s *Accounts) AdvanceTemplate(d time.Duration) (now time.Time, names []string, err error) {
	if err := s.records.others(context.Background(), s); err != nil {
		return time.Time{}, nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.clock.Advance(d) // recorded with the advance of the default account's own clock
	return s.clock.Now(), slices.Sorted(maps.Keys(s.accounts)), err
}

func apply(c *clock.Clock, change control.ClockChange) error {
	if change.Rate != nil {
		if err := c.SetRate(*change.Rate); err != nil {
			return control.Invalidf("%w", err)
		}
	}
	switch {
	case change.Frozen == nil:
	case *change.Frozen:
		c.Freeze()
	default:
		c.Unfreeze()
	}
	return nil
}

// setClock changes the account's clock. While the account is advanced the clock stays frozen; the change applies
// afterwards.
func (a *Account) setClock(change control.ClockChange) (clock.State, error) {
	a.Pin()
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.paused && change.Frozen != nil {
		a.frozen = *change.Frozen
		change.Frozen = nil
	}
	err := apply(a.clock, change)
	return a.clockStateLocked(), err
}

// ClockState is the account's clock as users see it. That it is frozen while the account is advanced does not show.
func (a *Account) ClockState() clock.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.clockStateLocked()
}

func (a *Account) clockStateLocked() clock.State {
	state := a.clock.State()
	if a.paused {
		state.Frozen = a.frozen
	}
	return state
}

// Pause freezes the account's clock to advance it, and returns its time.
func (a *Account) Pause() time.Time {
	a.Pin()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.paused, a.frozen = true, a.clock.State().Frozen
	a.clock.Freeze()
	return a.clock.Now()
}

// Resume ends a Pause.
func (a *Account) Resume() clock.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.paused = false
	state := a.clock.State()
	if state.Frozen = a.frozen; !a.frozen {
		a.clock.Unfreeze()
	}
	return state
}

// WakeSet holds the accounts whose clock was moved, or whose jobs may run again, since the scheduler looked. Add never
// blocks: an account may be advanced before the scheduler starts and after it has stopped.
type WakeSet struct {
	ready chan struct{} // holds a token while there are names
	mu    sync.Mutex
	names map[string]struct{}
}

func newWakeSet() *WakeSet {
	return &WakeSet{ready: make(chan struct{}, 1), names: map[string]struct{}{}}
}

// Add adds an account.
func (w *WakeSet) Add(account string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.names[account] = struct{}{}
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// Ready receives when there are names to take.
func (w *WakeSet) Ready() <-chan struct{} { return w.ready }

// Take returns the names and empties the set.
func (w *WakeSet) Take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := slices.Collect(maps.Keys(w.names))
	clear(w.names)
	return names
}
