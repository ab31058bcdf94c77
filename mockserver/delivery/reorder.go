package delivery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// reorderBuffer holds the deliveries to one endpoint of an account that faults keep back until others have overtaken them
// or have gathered beside them. Each has its job all the same, for the time at which it goes in any case.
type reorderBuffer struct {
	Waiting []buffered `json:"waiting"`

	doc store.Doc // as it was read
}

type buffered struct {
	Delivery string    `json:"delivery"`
	Past     int       `json:"past,omitzero"`   // how many are still to overtake it
	Gather   int       `json:"gather,omitzero"` // it goes once this number has gathered
	Until    time.Time `json:"until"`
}

func readBuffer(ctx context.Context, t *tx.Tx, endpoint string) (*reorderBuffer, error) {
	doc, err := t.Find(ctx, tx.ReorderKey(t.Account(), endpoint))
	b := &reorderBuffer{doc: doc}
	if err != nil || len(doc.Data) == 0 {
		return b, err
	}
	if err := json.Unmarshal(doc.Data, b); err != nil {
		return b, fmt.Errorf("%s: %w", doc.Key, err)
	}
	return b, nil
}

func (b *reorderBuffer) put(t *tx.Tx) (err error) {
	b.doc.Done = len(b.Waiting) == 0
	if b.doc.Data, err = json.Marshal(b, json.Deterministic(true)); err == nil {
		t.Put(b.doc)
	}
	return err
}

// buffer plans a delivery for the time at which it goes in any case, and releases those that it completes a group with.
func (s *Service) buffer(ctx context.Context, t *tx.Tx, a *account.Account, d Delivery, held fault.Held) error {
	b, err := readBuffer(ctx, t, d.Endpoint)
	if err != nil {
		return err
	}
	now := d.Due
	w := buffered{Delivery: d.ID, Past: held.Past, Gather: held.Gather, Until: d.Due.Add(held.Within)}
	if held.Gather > 0 {
		d.Lane = d.ID // a group goes out side by side
		if i := slices.IndexFunc(b.Waiting, func(w buffered) bool { return w.Gather > 0 }); i >= 0 {
			w.Until = b.Waiting[i].Until
		}
	}
	d.Due, d.Reordered = w.Until, true
	if err := s.planOne(t, d); err != nil {
		return err
	}
	a.Reordering.Store(true) // before the commit: later plans must look
	b.Waiting = append(b.Waiting, w)
	var group []buffered
	for _, w := range b.Waiting {
		if w.Gather > 0 {
			group = append(group, w)
		}
	}
	if held.Gather > 0 && len(group) >= held.Gather {
		b.Waiting = slices.DeleteFunc(b.Waiting, func(w buffered) bool { return w.Gather > 0 })
		for _, w := range group {
			if err := unbuffer(ctx, t, w.Delivery, now); err != nil {
				return err
			}
		}
	}
	return b.put(t)
}

// overtake counts a planned delivery as one that goes before those that wait to be overtaken.
func (s *Service) overtake(ctx context.Context, t *tx.Tx, a *account.Account, d Delivery) error {
	if !a.Reordering.Load() {
		return nil
	}
	b, err := readBuffer(ctx, t, d.Endpoint)
	if err != nil || len(b.Waiting) == 0 {
		return err
	}
	var still []buffered
	for _, w := range b.Waiting {
		if w.Past == 0 {
			still = append(still, w)
			continue
		}
		if w.Past--; w.Past > 0 {
			still = append(still, w)
			continue
		}
		if err := unbuffer(ctx, t, w.Delivery, d.Due); err != nil {
			return err
		}
	}
	b.Waiting = still
	return b.put(t)
}

// unbuffer makes a buffered delivery due, behind all that is planned for that time already.
func unbuffer(ctx context.Context, t *tx.Tx, id string, due time.Time) error {
	d, err := read(ctx, t, t.Account(), id)
	if err != nil {
		return err
	}
	d.Due, d.Reordered = due, false
	if err := d.put(t); err != nil {
		return err
	}
	t.ReplaceJob(d.job(t.Account()))
	return nil
}

// leaveBuffer takes a delivery that was not overtaken in time out of the buffer, before its attempt. It reports false if
// another delivery released it meanwhile: then its attempt is another job's.
func (s *Service) leaveBuffer(ctx context.Context, a *account.Account, d *Delivery) (mine bool, err error) {
	err = tx.Retry(func() (err error) {
		mine, err = s.leaveBufferOnce(ctx, a, d)
		return err
	}, a.NotGone)
	return mine, err
}

func (s *Service) leaveBufferOnce(ctx context.Context, a *account.Account, d *Delivery) (bool, error) {
	t := a.Begin(a.Now())
	b, err := readBuffer(ctx, t, d.Endpoint)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(b.Waiting, func(w buffered) bool { return w.Delivery == d.ID })
	if i < 0 {
		return false, nil
	}
	b.Waiting = slices.Delete(b.Waiting, i, i+1)
	if err := b.put(t); err != nil {
		return false, err
	}
	d.Reordered = false
	doc, err := d.doc(a.Name())
	if err != nil {
		return false, err
	}
	t.Put(doc)
	if err := t.Commit(ctx); err != nil {
		return false, err
	}
	d.stored = doc
	d.stored.Rev++
	return true, nil
}
