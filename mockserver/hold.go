package mockserver

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// byHand is in the place of a hold's ID where a delivery is held by itself, or was let go so. No hold is called so: their
// IDs begin otherwise.
const byHand = "hand"

// deliveryOf is the key of the delivery that a job is an attempt of.
func deliveryOf(job store.Job) string { return strings.TrimPrefix(string(job.Payload), "send ") }

// holdBack has a delivery held back by a hold, in this step's change: its job is there, but never due.
func (s *step) holdBack(d *delivery, id, job string) error {
	d.Hold, d.Passed = id, ""
	return s.tellHold(d, id, job)
}

// letPass has a delivery that a hold has go on: its job is as it was, and due at once if its time has passed.
func (s *step) letPass(d *delivery, by, job string) error {
	was := d.Hold
	d.Hold, d.Passed = "", by
	return s.tellHold(d, was, job)
}

func (s *step) tellHold(d *delivery, id, job string) error {
	doc, err := d.doc(s.account.name)
	if err != nil {
		return err
	}
	s.put(doc)
	s.change.Done = append(s.change.Done, job)
	s.change.Jobs = append(s.change.Jobs, d.job(s.account.name))
	if id == byHand {
		id = ""
	}
	s.tell(journal.Hold{ID: id, Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Released: d.Hold == ""})
	return nil
}

// HoldDelivery holds a delivery back that is planned, or between two attempts, until it is released. One that a hold has
// is held by itself from then on, and stays when the hold ends.
func (e *Engine) HoldDelivery(ctx context.Context, name, id string) error {
	for {
		a, d, err := e.findDelivery(ctx, name, id)
		if err != nil || d.Hold == byHand {
			return err
		}
		s := e.step(a, a.clock.Now())
		job := d.job(a.name).ID
		s.change.Free = []string{job}
		if err := s.holdBack(d, byHand, job); err != nil {
			return err
		}
		err = s.commit(ctx)
		switch {
		case errors.Is(err, store.ErrClaimed):
			return control.Invalidf("delivery: %s is under way: hold it before an attempt begins, or once one has failed", id)
		case !errors.Is(err, store.ErrConflict):
			e.firsts.done(job) // whoever waits for it would wait until it is released
			a.begin()
			a.end() // nor do those wait for it any more who wait for the end of all that is to come
			return err
		}
	}
}

// ReleaseDelivery lets go of a delivery that is held: at once if its time has passed, else when it comes. No hold holds its
// next attempt.
func (e *Engine) ReleaseDelivery(ctx context.Context, name, id string) error {
	for {
		a, d, err := e.findDelivery(ctx, name, id)
		if err != nil {
			return err
		}
		if d.Hold == "" {
			return control.Invalidf("delivery: %s is not held", id)
		}
		if err := e.releaseOnce(ctx, a, d.stored.Key, byHand); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// releaseOnce is one try to let go of a delivery: a conflict says that somebody else did something to it.
func (e *Engine) releaseOnce(ctx context.Context, a *account, key, by string) error {
	d, err := e.readDelivery(ctx, key)
	if err != nil {
		return err
	}
	if d.Hold == "" {
		return store.ErrConflict
	}
	s := e.step(a, a.clock.Now())
	if err := s.letPass(d, by, d.job(a.name).ID); err != nil {
		return err
	}
	return s.commit(ctx)
}

// findDelivery finds a delivery that is not over, of an account or of any.
func (e *Engine) findDelivery(ctx context.Context, name, id string) (*account, *delivery, error) {
	accounts := []*account{e.known(name)}
	if name == everybody {
		var err error
		if accounts, err = e.chosen(ctx, name); err != nil {
			return nil, nil, err
		}
	}
	for _, a := range accounts {
		if a == nil {
			continue
		}
		d, err := e.readDelivery(ctx, deliveryKey(a.name, id))
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err == nil && d.stored.Done {
			err = control.Invalidf("delivery: %s is over: it can be resent", id)
		}
		return a, d, err
	}
	return nil, nil, fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
}

func (e *Engine) readDelivery(ctx context.Context, key string) (*delivery, error) {
	doc, err := e.store.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("delivery %s: %w", key, err)
	}
	d := &delivery{stored: doc}
	if err := json.Unmarshal(doc.Data, d); err != nil {
		return nil, fmt.Errorf("delivery %s: %w", key, err)
	}
	return d, nil
}
