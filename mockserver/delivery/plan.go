package delivery

import (
	"context"
	"slices"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// Plan adds a delivery to a unit of work, and applies the faults of planning. It reports false if the delivery has no end
// that a rule could wait for, as it never begins.
func (s *Service) Plan(ctx context.Context, t *tx.Tx, a *account.Account, d Delivery) (bool, error) {
	if d.Override != nil { // sent as it was written by hand
		return true, s.planOne(t, d)
	}
	set, err := s.Faults.Set(ctx, t, a, faults.Target{On: scenarios.InDelivery, Provider: d.Provider, Name: d.Event, Endpoint: d.Endpoint})
	if err != nil {
		return false, err
	}
	d.Faults = append(slices.Clip(d.Faults), set...)
	if len(d.Faults) == 0 && !a.Reordering.Load() {
		return true, s.planOne(t, d)
	}
	var p fault.Plan
	fault.Planned(d.Faults, &p)
	if p.Dropped {
		return false, s.planDropped(ctx, t, a, d)
	}
	if d.Faults, err = s.Faults.BoundPlan(ctx, t, a, d.sends(d.Faults), &p); err != nil {
		return false, err
	}
	d.Due = d.Due.Add(p.Later)
	d.Copied = slices.ContainsFunc(p.Copies, func(c fault.Copy) bool { return !c.Signed })
	if p.Held != (fault.Held{}) {
		err = s.buffer(ctx, t, a, d, p.Held)
	} else if err = s.planOne(t, d); err == nil {
		err = s.overtake(ctx, t, a, d)
	}
	if err != nil {
		return false, err
	}
	if p.First && t.Request != "" {
		own := d.job(a.Name()).ID
		t.Attempts(func(job string, attempt *tx.Attempt) {
			if job == own {
				attempt.Before = t.Request
			}
		})
	}
	return true, s.planCopies(t, a, d, p.Copies)
}

// sends describes what a delivery sends with faults, for their limits.
func (d *Delivery) sends(apply []scenarios.Fault) faults.Sends {
	return faults.Sends{Run: d.Run.Reference, Event: d.Event, Attempt: d.Attempts + 1, Faults: apply}
}

func (s *Service) planCopies(t *tx.Tx, a *account.Account, d Delivery, copies []fault.Copy) error {
	for _, c := range copies {
		again := d
		again.ID, again.CopyOf, again.Due, again.Resigned = a.NextID(IDPrefix), d.ID, d.Due.Add(c.After), c.Signed
		again.stored = store.Doc{}
		again.Awaited = false // the provider believes that it sent one
		if c.Aside {
			again.Lane = again.ID
		}
		if err := s.planOne(t, again); err != nil {
			return err
		}
	}
	return nil
}

// planOne adds a delivery with the job of its first attempt.
func (s *Service) planOne(t *tx.Tx, d Delivery) error {
	doc, err := d.doc(t.Account())
	if err != nil {
		return err
	}
	t.Put(doc)
	t.AddJob(d.job(t.Account()))
	if !d.Due.After(t.Now) {
		d.stored = doc
		d.stored.Rev++
		s.decoded.put(&d)
		t.OnFail(func() { s.decoded.drop(doc.Key) })
	}
	logPlanned(t, &d)
	return nil
}

func logPlanned(t *tx.Tx, d *Delivery) {
	t.Log(journal.Event{
		Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Scenario: d.Run.Scenario, Rule: d.Rule,
		Endpoint: d.Endpoint, URL: d.URL, Due: d.Due, Manual: d.Manual, Of: d.CopyOf, Fault: faults.Names(d.Faults),
	})
}

// planDropped logs a delivery that a fault drops. It can be resent by hand.
func (s *Service) planDropped(ctx context.Context, t *tx.Tx, a *account.Account, d Delivery) error {
	logPlanned(t, &d)
	t.Log(journal.Delivery{Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Outcome: journal.Dropped, Fault: faults.Names(d.Faults)})
	if d.Expect != nil {
		t.Log(journal.Expect{Delivery: d.ID, Run: d.Run.Reference, Rule: d.Step, Want: d.Expect.String(), Got: "never sent: a fault dropped it"})
	}
	doc, err := d.doc(a.Name())
	if err != nil {
		return err
	}
	doc.Done = true
	t.Put(doc)
	if d.Awaited && d.stored.Rev > 0 { // its run waits for it already
		return s.runs.Ended(ctx, t, a, &d, End{Outcome: journal.Dropped})
	}
	return nil
}

// newManual returns a delivery of a run's event that is due at a time, for an endpoint to be filled in.
func newManual(t *tx.Tx, a *account.Account, r *run.Run, event string) Delivery {
	return Delivery{ID: a.NextID(IDPrefix), Provider: r.Provider, Event: event, Run: r, Due: t.Now, Manual: true}
}
