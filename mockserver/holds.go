package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// hold holds back whatever falls due and fits it, until it ends. Everybody's holds every account's, beside its own.
type hold struct {
	ID string `json:"id"`
	aim
}

// holder returns the ID of a hold that holds a delivery back whose attempt is due; empty if nothing does.
func (e *Engine) holder(ctx context.Context, a *account, d *delivery) (string, error) {
	if !e.holding.Load() || d.Passed == byHand {
		return "", nil
	}
	all, err := e.holdsOver(ctx, a)
	for _, h := range all {
		if h.ID != d.Passed && h.fits(d.Provider, d.Event, d.Endpoint) {
			return h.ID, nil
		}
	}
	return "", err
}

// holdsOver lists the holds that can hold an account's deliveries.
func (e *Engine) holdsOver(ctx context.Context, a *account) ([]hold, error) {
	owners, err := e.own(ctx, a)
	if err != nil {
		return nil, err
	}
	var all []hold
	for i, owner := range owners {
		if i > 0 && owner == a {
			break
		}
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return nil, err
		}
		all = append(all, set.Holds...)
	}
	return all, nil
}

// putAside commits that a hold holds a delivery back whose job fell due.
func (e *Engine) putAside(ctx context.Context, a *account, job store.Job, d *delivery, id string) error {
	s := e.step(a, a.clock.Now())
	if err := s.holdBack(d, id, job.ID); err != nil {
		return err
	}
	if err := s.commit(ctx); err != nil {
		return err
	}
	all, err := e.holdsOver(ctx, a)
	if err != nil || slices.ContainsFunc(all, func(h hold) bool { return h.ID == id }) {
		return err
	}
	_, err = e.release(ctx, a, id, -1) // whoever ended the hold meanwhile may not have seen this one
	return err
}

// SetHold holds back whatever falls due from now on and fits, and returns the hold with its ID.
func (e *Engine) SetHold(ctx context.Context, h control.Hold) (control.Hold, error) {
	if err := e.checkAim(h.Provider, h.Event, ""); err != nil {
		return h, err
	}
	a, err := e.account(ctx, h.Account)
	if err != nil {
		return h, err
	}
	e.holding.Store(true)
	err = e.change(ctx, a, func(s *settings) (journal.Data, error) {
		h.ID = a.name36("hold")
		s.Holds = append(s.Holds, hold{h.ID, aim{h.Provider, h.Event, h.Endpoint}})
		return journal.Hold{ID: h.ID, Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint}, nil
	})
	return h, err
}

// EndHold ends a hold and lets go of what it holds, in the order in which that was planned; with an empty ID it ends all
// holds of an account, or all that there are, and lets go of what is held by itself, too. It returns how many were let go.
func (e *Engine) EndHold(ctx context.Context, name, id string) (int, error) {
	ctx = context.WithoutCancel(ctx) // half of it would be hard to mend
	owners, err := e.chosen(ctx, name)
	if err != nil {
		return 0, err
	}
	total, found := 0, id == ""
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return total, err
		}
		for _, h := range set.Holds {
			if id != "" && id != h.ID {
				continue
			}
			found = true
			n, err := e.endHold(ctx, owner, h)
			if total += n; err != nil {
				return total, err
			}
		}
		if id == "" {
			n, err := e.release(ctx, owner, byHand, -1)
			if total += n; err != nil {
				return total, err
			}
		}
	}
	if !found {
		return 0, fmt.Errorf("hold %q: %w", id, store.ErrNotFound)
	}
	return total, nil
}

// endHold lets go of what a hold has while it still holds what falls due, or that would go first; then of the rest.
func (e *Engine) endHold(ctx context.Context, owner *account, h hold) (total int, err error) {
	for _, end := range []bool{false, true} {
		if end {
			err := e.change(ctx, owner, func(s *settings) (journal.Data, error) {
				s.Holds = slices.DeleteFunc(s.Holds, func(one hold) bool { return one.ID == h.ID })
				return journal.Hold{ID: h.ID, Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint, Released: true}, nil
			})
			if err != nil {
				return total, err
			}
		}
		accounts, err := e.chosen(ctx, owner.name)
		if err != nil {
			return total, err
		}
		for _, a := range accounts {
			_, most, err := e.store.Held(ctx, a.name, h.ID)
			if err != nil {
				return total, err
			}
			n, err := e.release(ctx, a, h.ID, most)
			if total += n; err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// release lets go of at most so many of an account's deliveries that a hold has, -1 for all of them, the earliest first.
func (e *Engine) release(ctx context.Context, a *account, id string, most int) (n int, err error) {
	for n != most {
		job, _, err := e.store.Held(ctx, a.name, id)
		if err != nil || job.ID == "" {
			return n, err
		}
		err = e.releaseOnce(ctx, a, deliveryOf(job), id)
		switch {
		case err == nil:
			n++
		case !errors.Is(err, store.ErrConflict):
			return n, err
		case a.isGone():
			return n, nil
		}
	}
	return n, nil
}

// Holds lists the holds over an account, or all that there are, with how many each has.
func (e *Engine) Holds(ctx context.Context, name string) (control.Holding, error) {
	told := control.Holding{Holds: []control.Hold{}}
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return told, err
	}
	owners := accounts
	if name != everybody {
		own, err := e.own(ctx, accounts[0])
		if err != nil {
			return told, err
		}
		owners = own[:]
	}
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return told, err
		}
		for _, h := range set.Holds {
			one := control.Hold{ID: h.ID, Account: owner.name, Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint}
			for _, a := range accounts {
				_, n, err := e.store.Held(ctx, a.name, h.ID)
				if err != nil {
					return told, err
				}
				one.Held += n
			}
			told.Holds = append(told.Holds, one)
		}
	}
	told.Held, err = e.Held(ctx, name)
	return told, err
}

// Held counts the deliveries of an account, or of all, that are held back.
func (e *Engine) Held(ctx context.Context, name string) (int, error) {
	if name != everybody { // which it may be that nobody uses any more
		_, held, err := e.store.Pending(ctx, name)
		return held, err
	}
	accounts, err := e.chosen(ctx, name)
	total := 0
	for _, a := range accounts {
		_, held, err := e.store.Pending(ctx, a.name)
		if err != nil {
			return total, err
		}
		total += held
	}
	return total, err
}
