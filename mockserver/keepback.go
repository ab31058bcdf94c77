package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// line is the deliveries to one endpoint of an account that are kept back until others have gone first or have gathered
// beside them. Each has its job all the same, for the time at which it goes in any case.
type line struct {
	Waiting []waiting `json:"waiting"`
}

type waiting struct {
	Delivery string    `json:"delivery"`
	Past     int       `json:"past,omitzero"`   // so many are still to overtake it
	Gather   int       `json:"gather,omitzero"` // it goes once so many have gathered
	Until    time.Time `json:"until"`
}

func keptKey(account, endpoint string) string { return "kept/" + account + keyEnd + endpoint }

// line reads who is kept back from an endpoint, as this step has it.
func (s *step) line(ctx context.Context, endpoint string) (line, store.Doc, error) {
	key := keptKey(s.account.name, endpoint)
	doc := store.Doc{Key: key}
	if i := s.changed(key); i >= 0 {
		doc = s.change.Docs[i]
	} else if have, err := s.engine.store.Get(ctx, key); err == nil {
		doc = have
	} else if !errors.Is(err, store.ErrNotFound) {
		return line{}, doc, err
	}
	var k line
	if len(doc.Data) > 0 {
		if err := json.Unmarshal(doc.Data, &k); err != nil {
			return k, doc, fmt.Errorf("%s: %w", key, err)
		}
	}
	return k, doc, nil
}

func (s *step) putLine(k line, doc store.Doc) (err error) {
	doc.Done = len(k.Waiting) == 0
	if doc.Data, err = json.Marshal(k, json.Deterministic(true)); err != nil {
		return err
	}
	s.put(doc)
	return nil
}

// keepBack plans a delivery for the end of its patience, and lets those go with whom it was to gather.
func (s *step) keepBack(ctx context.Context, d delivery, held fault.Held) error {
	k, doc, err := s.line(ctx, d.Endpoint)
	if err != nil {
		return err
	}
	now := d.Due
	w := waiting{Delivery: d.ID, Past: held.Past, Gather: held.Gather, Until: d.Due.Add(held.Within)}
	if held.Gather > 0 {
		d.Lane = d.ID // those that gather go side by side
		if i := slices.IndexFunc(k.Waiting, func(w waiting) bool { return w.Gather > 0 }); i >= 0 {
			w.Until = k.Waiting[i].Until
		}
	}
	d.Due, d.Kept = w.Until, true
	if err := s.planOne(d); err != nil {
		return err
	}
	s.account.keeping.Store(true) // before the commit: whoever plans after it must look
	k.Waiting = append(k.Waiting, w)
	var gathered []waiting
	for _, w := range k.Waiting {
		if w.Gather > 0 {
			gathered = append(gathered, w)
		}
	}
	if held.Gather > 0 && len(gathered) >= held.Gather {
		k.Waiting = slices.DeleteFunc(k.Waiting, func(w waiting) bool { return w.Gather > 0 })
		for _, w := range gathered {
			if err := s.letGo(ctx, w.Delivery, now); err != nil {
				return err
			}
		}
	}
	return s.putLine(k, doc)
}

// overtakes counts a delivery that was planned as one that goes before those that wait for such.
func (s *step) overtakes(ctx context.Context, d delivery) error {
	if !s.account.keeping.Load() {
		return nil
	}
	k, doc, err := s.line(ctx, d.Endpoint)
	if err != nil || len(k.Waiting) == 0 {
		return err
	}
	var still []waiting
	for _, w := range k.Waiting {
		if w.Past == 0 {
			still = append(still, w)
			continue
		}
		if w.Past--; w.Past > 0 {
			still = append(still, w)
			continue
		}
		if err := s.letGo(ctx, w.Delivery, d.Due); err != nil {
			return err
		}
	}
	return s.putLine(line{still}, doc)
}

// letGo makes a delivery that is kept back due: behind all that is planned for that time already.
func (s *step) letGo(ctx context.Context, id string, due time.Time) error {
	key := deliveryKey(s.account.name, id)
	var doc store.Doc
	var err error
	own := s.changed(key) >= 0
	if own {
		doc = s.change.Docs[s.changed(key)]
	} else if doc, err = s.engine.store.Get(ctx, key); err != nil {
		return err
	}
	d := delivery{stored: doc}
	if err := json.Unmarshal(doc.Data, &d); err != nil {
		return fmt.Errorf("delivery %s: %w", key, err)
	}
	d.Due, d.Kept = due, false
	if doc, err = d.doc(s.account.name); err != nil {
		return err
	}
	s.put(doc)
	job := d.job(s.account.name)
	if i := slices.IndexFunc(s.change.Jobs, func(j store.Job) bool { return j.ID == job.ID }); i >= 0 {
		s.change.Jobs = slices.Delete(s.change.Jobs, i, i+1)
	} else {
		s.change.Done = append(s.change.Done, job.ID)
	}
	s.change.Jobs = append(s.change.Jobs, job)
	return nil
}

// overdue takes a delivery that nobody overtook in time off the list, before its attempt. It reports false if somebody
// let the delivery go meanwhile: then its attempt is another job.
func (e *Engine) overdue(ctx context.Context, a *account, d *delivery) (bool, error) {
	for {
		mine, err := e.overdueOnce(ctx, a, d)
		if !errors.Is(err, store.ErrConflict) || a.isGone() {
			return mine, err
		}
	}
}

func (e *Engine) overdueOnce(ctx context.Context, a *account, d *delivery) (bool, error) {
	s := e.step(a, a.clock.Now())
	k, doc, err := s.line(ctx, d.Endpoint)
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(k.Waiting, func(w waiting) bool { return w.Delivery == d.ID })
	if i < 0 {
		return false, nil
	}
	k.Waiting = slices.Delete(k.Waiting, i, i+1)
	if err := s.putLine(k, doc); err != nil {
		return false, err
	}
	d.Kept = false
	if doc, err = d.doc(a.name); err != nil {
		return false, err
	}
	s.put(doc)
	if err := s.commit(ctx); err != nil {
		return false, err
	}
	d.stored = doc
	d.stored.Rev++
	return true, nil
}
