package mockserver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Clock reads an account's clock; for the empty name the one with which accounts to come start.
func (e *Engine) Clock(ctx context.Context, name string) (clock.State, error) {
	if name == everybody {
		e.mu.RLock()
		defer e.mu.RUnlock()
		return e.clock.State(), nil
	}
	a, err := e.account(ctx, name)
	if err != nil {
		return clock.State{}, err
	}
	return a.state(), nil
}

// SetClock freezes an account's clock, lets it go on, or changes its rate. For the empty name it does so with every
// account's, those to come included.
func (e *Engine) SetClock(ctx context.Context, name string, c control.ClockChange) (clock.State, error) {
	names := []string{name}
	if name == everybody {
		e.mu.Lock()
		names = slices.Sorted(maps.Keys(e.accounts))
		err := set(e.clock, c)
		e.mu.Unlock()
		if err != nil {
			return clock.State{}, err
		}
	}
	for _, name := range names {
		a, err := e.account(ctx, name)
		if err != nil {
			return clock.State{}, err
		}
		state, err := a.setClock(c)
		if err != nil {
			return clock.State{}, err
		}
		told := journal.New(a.name, state.Now, time.Now(), journal.Clock{Now: state.Now, Rate: state.Rate, Frozen: state.Frozen})
		if _, err := e.store.Commit(ctx, store.Change{Entries: []store.Entry{told}}); err != nil {
			return clock.State{}, err
		}
		e.moved.add(a.name)
	}
	return e.Clock(ctx, name)
}

func set(c *clock.Clock, change control.ClockChange) error {
	if change.Rate != nil {
		if err := c.SetRate(*change.Rate); err != nil {
			return fmt.Errorf("%w: %w", control.ErrInvalid, err)
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

// setClock changes the account's clock. While it is being advanced it stands whatever is asked for, and does that
// afterwards.
func (a *account) setClock(c control.ClockChange) (clock.State, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.advancing && c.Frozen != nil {
		a.frozen = *c.Frozen
		c.Frozen = nil
	}
	err := set(a.clock, c)
	return a.stateLocked(), err
}

// state is what the account's clock shows. That it stands because it is being advanced does not show.
func (a *account) state() clock.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.stateLocked()
}

func (a *account) stateLocked() clock.State {
	state := a.clock.State()
	if a.advancing {
		state.Frozen = a.frozen
	}
	return state
}

// stand stops the account's clock to advance it, and returns where it stands.
func (a *account) stand() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advancing, a.frozen = true, a.clock.State().Frozen
	a.clock.Freeze()
	return a.clock.Now()
}

// move ends what stand began.
func (a *account) move() clock.State {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.advancing = false
	state := a.clock.State()
	if state.Frozen = a.frozen; !a.frozen {
		a.clock.Unfreeze()
	}
	return state
}
