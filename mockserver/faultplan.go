package mockserver

import (
	"context"
	"slices"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// plan plans a delivery, with what its faults make of it. It reports false if there will never be an end of it, as it is
// never begun.
func (s *step) plan(ctx context.Context, d delivery) (bool, error) {
	if d.Instead != nil { // what somebody wrote by hand goes out as it was written
		return true, s.planOne(d)
	}
	set, err := s.fitting(ctx, scenarios.InDelivery, d.Provider, d.Event, d.Endpoint)
	if err != nil {
		return false, err
	}
	d.Faults = append(d.Faults[:len(d.Faults):len(d.Faults)], set...)
	if len(d.Faults) == 0 && !s.account.keeping.Load() {
		return true, s.planOne(d)
	}
	var p fault.Plan
	fault.Planned(d.Faults, &p)
	if p.Dropped {
		return false, s.dropped(ctx, d)
	}
	d.Due = d.Due.Add(p.Later)
	d.Copied = slices.ContainsFunc(p.Copies, func(c fault.Copy) bool { return !c.Signed })
	if p.Held != (fault.Held{}) {
		if err := s.keepBack(ctx, d, p.Held); err != nil {
			return false, err
		}
	} else {
		if err := s.planOne(d); err != nil {
			return false, err
		}
		if err := s.overtakes(ctx, d); err != nil {
			return false, err
		}
	}
	if p.First {
		s.first = append(s.first, d.job(s.account.name).ID)
	}
	for _, c := range p.Copies {
		again := d
		again.ID, again.Of, again.Due, again.Anew = s.account.name36("d"), d.ID, d.Due.Add(c.After), c.Signed
		again.stored = store.Doc{}
		again.Hooked = false // the provider believes that it sent one
		if c.Aside {
			again.Lane = again.ID
		}
		if err := s.planOne(again); err != nil {
			return false, err
		}
	}
	return true, nil
}

// dropped tells of a delivery that is never made. It can be made by hand.
func (s *step) dropped(ctx context.Context, d delivery) error {
	faults := faultNames(d.Faults)
	s.tellPlanned(d)
	s.tell(journal.Delivery{Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Outcome: journal.Dropped, Fault: faults})
	if d.Expect != nil {
		s.tell(journal.Expect{Delivery: d.ID, Run: d.Run.Reference, Rule: d.Rule, Want: d.Expect.String(), Got: "never sent: a fault dropped it"})
	}
	doc, err := d.doc(s.account.name)
	if err != nil {
		return err
	}
	doc.Done = true
	s.put(doc)
	if d.Hooked && d.stored.Rev > 0 { // its run waits for it already
		return s.ended(ctx, &d, end{outcome: journal.Dropped})
	}
	return nil
}

func (s *step) tellPlanned(d delivery) {
	s.tell(journal.Event{
		Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Scenario: d.Run.Scenario, Rule: d.Rule,
		Endpoint: d.Endpoint, URL: d.URL, Due: d.Due, Manual: d.Manual, Of: d.Of, Fault: faultNames(d.Faults),
	})
}

// changed returns the place of a document in this step's change, -1 if it is not in there.
func (s *step) changed(key string) int {
	for i := range s.change.Docs {
		if s.change.Docs[i].Key == key {
			return i
		}
	}
	return -1
}

// put adds a document to this step's change, or replaces the one of its key that is in there.
func (s *step) put(doc store.Doc) {
	if i := s.changed(doc.Key); i >= 0 {
		doc.Rev = s.change.Docs[i].Rev
		s.change.Docs[i] = doc
		return
	}
	s.change.Docs = append(s.change.Docs, doc)
}
