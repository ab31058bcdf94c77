package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// byHand takes the place of a hold's ID where a single delivery is held or released. No hold has this ID.
const byHand = "hand"

var _ control.Holds = (*Holds)(nil)

// Holds keeps deliveries back: single ones by hand, or all that are in a hold's scope as they fall due.
type Holds struct{ service *Service }

// Holds returns the holds of the deliveries.
func (s *Service) Holds() *Holds { return &Holds{s} }

// hold has a delivery held in a unit of work: its job stays and is never due.
func (d *Delivery) hold(t *tx.Tx, id, job string) error {
	d.Hold, d.ExemptFrom = id, ""
	return d.logHold(t, id, job)
}

// release ends the hold of a delivery: its job is due as before, at once if its time has passed.
func (d *Delivery) release(t *tx.Tx, by, job string) error {
	was := d.Hold
	d.Hold, d.ExemptFrom = "", by
	return d.logHold(t, was, job)
}

func (d *Delivery) logHold(t *tx.Tx, id, job string) error {
	if err := d.put(t); err != nil {
		return err
	}
	t.EndJob(job)
	t.AddJob(d.job(t.Account()))
	if id == byHand {
		id = ""
	}
	t.Log(journal.Hold{ID: id, Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Released: d.Hold == ""})
	return nil
}

// HoldDelivery holds a delivery that is planned, or between two attempts, until it is released. One that a hold in scope
// has is held by itself from then on, and stays held when that hold ends.
func (hs *Holds) HoldDelivery(ctx context.Context, name, id string) error {
	return tx.Retry(func() error {
		a, d, err := hs.pending(ctx, name, id)
		if err != nil || d.Hold == byHand {
			return err
		}
		t := a.Begin(a.Now())
		job := d.job(a.Name()).ID
		t.RequireUnclaimed(job)
		if err := d.hold(t, byHand, job); err != nil {
			return err
		}
		if err := t.Commit(ctx); errors.Is(err, store.ErrClaimed) {
			return control.Invalidf("delivery: an attempt of %s is under way: hold it before one begins or after one has failed", id)
		} else if err != nil {
			return err
		}
		hs.service.Responses.Attempted(job) // a response that waits for it would wait until it is released
		a.Wake()                            // and so would waits for all deliveries to end
		return nil
	}, nil)
}

// ReleaseDelivery releases a held delivery: it is due at once if its time has passed. No hold holds its next attempt.
func (hs *Holds) ReleaseDelivery(ctx context.Context, name, id string) error {
	return tx.Retry(func() error {
		a, d, err := hs.pending(ctx, name, id)
		if err != nil {
			return err
		}
		if d.Hold == "" {
			return control.Invalidf("delivery: %s is not held", id)
		}
		return hs.releaseOnce(ctx, a, d.ID, byHand)
	}, nil)
}

// releaseOnce tries to release a delivery once: a conflict means that it changed meanwhile.
func (hs *Holds) releaseOnce(ctx context.Context, a *account.Account, id, by string) error {
	d, err := read(ctx, hs.service.Store, a.Name(), id)
	if err != nil {
		return err
	}
	if d.Hold == "" {
		return store.ErrConflict
	}
	t := a.Begin(a.Now())
	if err := d.release(t, by, d.job(a.Name()).ID); err != nil {
		return err
	}
	return t.Commit(ctx)
}

// pending finds a delivery that has not ended, of an account or of any.
func (hs *Holds) pending(ctx context.Context, name, id string) (*account.Account, *Delivery, error) {
	a, d, err := hs.service.find(ctx, name, id)
	if err == nil && d.stored.Done {
		err = control.Invalidf("delivery: %s has ended: it can be resent", id)
	}
	return a, d, err
}

// find finds a delivery by its ID, of an account or of any for the default one.
func (s *Service) find(ctx context.Context, name, id string) (*account.Account, *Delivery, error) {
	for _, a := range s.Accounts.OfID(IDPrefix, id) {
		if name != account.Default && a.Name() != name {
			continue
		}
		d, err := read(ctx, s.Store, a.Name(), id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		return a, d, err
	}
	return nil, nil, fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
}

// holder returns the ID of a hold that holds a due delivery; empty if none does.
func (hs *Holds) holder(ctx context.Context, a *account.Account, d *Delivery) (string, error) {
	if !hs.service.Accounts.HasHolds.Load() || d.ExemptFrom == byHand {
		return "", nil
	}
	all, err := hs.holdsOver(ctx, a)
	for _, h := range all {
		if h.ID != d.ExemptFrom && h.Matches(d.Provider, d.Event, d.Endpoint) {
			return h.ID, nil
		}
	}
	return "", err
}

// holdsOver lists the holds that can hold an account's deliveries: its own and the default account's.
func (hs *Holds) holdsOver(ctx context.Context, a *account.Account) ([]account.Hold, error) {
	layers, err := hs.service.Accounts.Layers(ctx, nil, a)
	var all []account.Hold
	for _, layer := range layers {
		all = append(all, layer.Holds...)
	}
	return all, err
}

// holdDue commits that a hold holds a due delivery.
func (hs *Holds) holdDue(ctx context.Context, a *account.Account, job store.Job, d *Delivery, id string) error {
	t := a.Begin(a.Now())
	if err := d.hold(t, id, job.ID); err != nil {
		return err
	}
	if err := t.Commit(ctx); err != nil {
		return err
	}
	all, err := hs.holdsOver(ctx, a)
	if err != nil || slices.ContainsFunc(all, func(h account.Hold) bool { return h.ID == id }) {
		return err
	}
	_, err = hs.release(ctx, a, id, -1) // the end of the hold may have missed this delivery
	return err
}

// SetHold holds deliveries in scope that fall due from now on, and returns the hold with its ID.
func (hs *Holds) SetHold(ctx context.Context, h control.Hold) (control.Hold, error) {
	if err := faults.CheckScope(hs.service.Library, h.Provider, h.Event, ""); err != nil {
		return h, err
	}
	a, err := hs.service.Accounts.Open(ctx, h.Account)
	if err != nil {
		return h, err
	}
	hs.service.Accounts.HasHolds.Store(true)
	err = hs.service.Accounts.Change(ctx, a, func(set *account.Settings) (journal.Data, error) {
		h.ID = a.NextID("hold")
		set.Holds = append(set.Holds, account.Hold{ID: h.ID, Scope: account.Scope{Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint}})
		return journal.Hold{ID: h.ID, Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint}, nil
	})
	return h, err
}

// EndHold ends a hold and releases its deliveries, in the order in which they were planned. With an empty ID it ends all holds
// of an account, or all there are, and releases deliveries held by themselves, too. It returns how many were released.
func (hs *Holds) EndHold(ctx context.Context, name, id string) (int, error) {
	ctx = context.WithoutCancel(ctx) // half of it would be hard to repair
	owners, err := hs.service.Accounts.Select(name)
	if err != nil {
		return 0, err
	}
	total, found := 0, id == ""
	for _, owner := range owners {
		set, err := hs.service.Accounts.Settings(ctx, owner)
		if err != nil {
			return total, err
		}
		for _, h := range set.Holds {
			if id != "" && id != h.ID {
				continue
			}
			found = true
			n, err := hs.endHold(ctx, owner, h)
			if total += n; err != nil {
				return total, err
			}
		}
		if id == "" {
			n, err := hs.release(ctx, owner, byHand, -1)
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

// endHold releases the deliveries of a hold while it still holds due ones, or those would overtake; then the rest.
func (hs *Holds) endHold(ctx context.Context, owner *account.Account, h account.Hold) (total int, err error) {
	for _, end := range []bool{false, true} {
		if end {
			err := hs.service.Accounts.Change(ctx, owner, func(set *account.Settings) (journal.Data, error) {
				set.Holds = slices.DeleteFunc(set.Holds, func(have account.Hold) bool { return have.ID == h.ID })
				return journal.Hold{ID: h.ID, Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint, Released: true}, nil
			})
			if err != nil {
				return total, err
			}
		}
		accounts, err := hs.service.Accounts.Select(owner.Name())
		if err != nil {
			return total, err
		}
		for _, a := range accounts {
			_, most, err := hs.service.Store.Held(ctx, a.Name(), h.ID)
			if err != nil {
				return total, err
			}
			n, err := hs.release(ctx, a, h.ID, most)
			if total += n; err != nil {
				return total, err
			}
		}
	}
	return total, nil
}

// release releases at most most of a hold's deliveries of an account, -1 for all, the earliest first.
func (hs *Holds) release(ctx context.Context, a *account.Account, id string, most int) (n int, err error) {
	for n != most {
		job, _, err := hs.service.Store.Held(ctx, a.Name(), id)
		if err != nil || job.ID == "" {
			return n, err
		}
		work, err := tx.Decode(job)
		if err != nil {
			return n, err
		}
		err = hs.releaseOnce(ctx, a, work.Attempt.Delivery, id)
		switch {
		case err == nil:
			n++
		case !errors.Is(err, store.ErrConflict):
			return n, err
		case a.IsGone():
			return n, nil
		}
	}
	return n, nil
}

// Holds lists the holds over an account, or all there are, with how many deliveries each has.
func (hs *Holds) Holds(ctx context.Context, name string) (control.Holding, error) {
	holding := control.Holding{Holds: []control.Hold{}}
	accounts, err := hs.service.Accounts.Select(name)
	if err != nil {
		return holding, err
	}
	owners := accounts
	if name != account.Default {
		fallback, err := hs.service.Accounts.Open(ctx, account.Default)
		if err != nil {
			return holding, err
		}
		owners = append(slices.Clip(accounts), fallback)
	}
	for _, owner := range owners {
		set, err := hs.service.Accounts.Settings(ctx, owner)
		if err != nil {
			return holding, err
		}
		for _, h := range set.Holds {
			listed := control.Hold{ID: h.ID, Account: owner.Name(), Provider: h.Provider, Event: h.Event, Endpoint: h.Endpoint}
			for _, a := range accounts {
				_, n, err := hs.service.Store.Held(ctx, a.Name(), h.ID)
				if err != nil {
					return holding, err
				}
				listed.Held += n
			}
			holding.Holds = append(holding.Holds, listed)
		}
	}
	holding.Held, err = hs.Held(ctx, name)
	return holding, err
}

// Held counts the held deliveries of an account, or of all.
func (hs *Holds) Held(ctx context.Context, name string) (int, error) {
	if name != account.Default {
		_, held, err := hs.service.Store.Pending(ctx, name)
		return held, err
	}
	accounts, err := hs.service.Accounts.Select(name)
	total := 0
	for _, a := range accounts {
		_, held, err := hs.service.Store.Pending(ctx, a.Name())
		if err != nil {
			return total, err
		}
		total += held
	}
	return total, err
}
