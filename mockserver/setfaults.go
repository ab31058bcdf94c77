package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// setFault is a fault that was set by hand, for what is planned or asked from then on.
type setFault struct {
	ID   string            `json:"id"`
	On   string            `json:"on"` // scenarios.InDelivery or scenarios.InReply
	Name string            `json:"name"`
	Args map[string]string `json:"args,omitempty"`
	aim
	Operation string `json:"operation,omitempty"` // of a reply, in place of the event
	Left      int    `json:"left,omitempty"`      // plays it is still for; 0: until it is taken away
}

// fits reports whether a fault is meant for a delivery or a call; event or operation is what it is called.
func (f setFault) fits(on, provider, name, endpoint string) bool {
	to := f.aim
	if on == scenarios.InReply {
		to.Event = f.Operation
	}
	return f.On == on && to.fits(provider, name, endpoint)
}

// fitting returns the faults set for a delivery or a call that play on it, and counts them. An account that has some of
// its own has none of everybody's.
func (s *step) fitting(ctx context.Context, on, provider, name, endpoint string) ([]scenarios.Fault, error) {
	play := s.nuisances(on)
	if !s.engine.faulted.Load() {
		return play, nil
	}
	owners, err := s.engine.own(ctx, s.account)
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		set, err := s.settingsOf(ctx, owner)
		if err != nil {
			return nil, err
		}
		own := false
		for _, f := range set.Faults {
			own = own || f.On == on
			if !f.fits(on, provider, name, endpoint) {
				continue
			}
			one := scenarios.Fault{Name: f.Name, Args: f.Args}
			if !s.drawn(f.ID, fault.LimitsOf(one, on).Probability) {
				continue
			}
			play = append(play, one)
			if f.Left > 0 {
				if err := s.use(ctx, owner, f.ID); err != nil {
					return nil, err
				}
			}
		}
		if own {
			break
		}
	}
	return play, nil
}

// use counts a playing of a fault that is for so many, in this step's change.
func (s *step) use(ctx context.Context, owner *account, id string) error {
	return s.edit(ctx, owner, func(next *settings) {
		i := slices.IndexFunc(next.Faults, func(f setFault) bool { return f.ID == id })
		if next.Faults[i].Left--; next.Faults[i].Left == 0 {
			next.Faults = slices.Delete(next.Faults, i, i+1)
		}
	})
}

// settingsOf returns an account's settings as this step leaves them.
func (s *step) settingsOf(ctx context.Context, a *account) (*settings, error) {
	if i := s.changed(settingsKey(a.name)); i >= 0 {
		doc := s.change.Docs[i]
		next := &settings{rev: doc.Rev}
		return next, json.Unmarshal(doc.Data, next)
	}
	return s.engine.settingsOf(ctx, a)
}

// edit changes an account's settings in this step's change: several edits are one document.
func (s *step) edit(ctx context.Context, a *account, how func(*settings)) error {
	have, err := s.settingsOf(ctx, a)
	if err != nil {
		return err
	}
	next := have.clone()
	how(next)
	doc, err := next.doc(a.name)
	if err != nil {
		return err
	}
	s.put(doc)
	return nil
}

// Faults lists what an account has set, or what everybody has.
func (e *Engine) Faults(ctx context.Context, name string) ([]control.Fault, error) {
	a, err := e.account(ctx, name)
	if err != nil {
		return nil, err
	}
	set, err := e.settingsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	all := []control.Fault{}
	for _, f := range set.Faults {
		all = append(all, control.Fault{ID: f.ID, Account: name, On: f.On, Fault: f.Name, Args: f.Args, Provider: f.Provider,
			Event: f.Event, Operation: f.Operation, Endpoint: f.Endpoint, Times: f.Left})
	}
	return all, nil
}

// FaultCatalogue lists every fault that there is.
func (e *Engine) FaultCatalogue() []control.FaultVerb {
	var all []control.FaultVerb
	for _, v := range fault.Verbs() {
		verb := control.FaultVerb{Name: v.Name, Where: v.Where, About: v.About}
		for _, a := range v.Args {
			verb.Args = append(verb.Args, control.FaultArg(a))
		}
		all = append(all, verb)
	}
	return all
}

// SetFault sets a fault, and returns it with its ID. One for a delivery is added to that delivery alone.
func (e *Engine) SetFault(ctx context.Context, f control.Fault) (control.Fault, error) {
	if err := e.checkFault(&f); err != nil {
		return f, err
	}
	if f.Delivery != "" {
		return f, e.faultDelivery(ctx, f)
	}
	a, err := e.account(ctx, f.Account)
	if err != nil {
		return f, err
	}
	e.faulted.Store(true)
	err = e.change(ctx, a, func(s *settings) (journal.Data, error) {
		f.ID = a.name36("x")
		s.Faults = append(s.Faults, setFault{f.ID, f.On, f.Fault, f.Args, aim{f.Provider, f.Event, f.Endpoint}, f.Operation, f.Times})
		return tellFault(f), nil
	})
	return f, err
}

func tellFault(f control.Fault) journal.Fault {
	return journal.Fault{ID: f.ID, On: f.On, Fault: f.Fault, Args: f.Args, Provider: f.Provider, Event: f.Event,
		Operation: f.Operation, Endpoint: f.Endpoint, Delivery: f.Delivery, Times: f.Times}
}

// checkFault judges what somebody wants to set, and finds out where it is to stand.
func (e *Engine) checkFault(f *control.Fault) error {
	places := map[string]bool{}
	for _, v := range fault.Verbs() {
		for _, where := range v.Where {
			places[where] = places[where] || v.Name == f.Fault
		}
	}
	delivery, reply := f.Event != "" || f.Endpoint != "" || f.Delivery != "", f.Operation != ""
	switch {
	case delivery && reply:
		return control.Invalidf("operation: a fault is on what is answered or on what is sent, not on both: leave out operation, or event, endpoint and delivery")
	case f.On != "" && f.On != scenarios.InDelivery && f.On != scenarios.InReply:
		return control.Invalidf("on: %q is not known, want %s or %s", f.On, scenarios.InDelivery, scenarios.InReply)
	case delivery:
		f.On = scenarios.InDelivery
	case reply:
		f.On = scenarios.InReply
	case f.On == "" && places[scenarios.InDelivery] && places[scenarios.InReply]:
		return control.Invalidf("on: the fault %s can be on a %s and on a %s: say which", f.Fault, scenarios.InDelivery, scenarios.InReply)
	case f.On == "" && places[scenarios.InReply]:
		f.On = scenarios.InReply
	case f.On == "":
		f.On = scenarios.InDelivery
	}
	if err := fault.Check(scenarios.Fault{Name: f.Fault, Args: f.Args}, f.On); err != nil {
		return control.Invalidf("fault: %w", err)
	}
	return e.checkAim(f.Provider, f.Event, f.Operation)
}

// faultDelivery adds a fault to a delivery that is not over. What is decided when a delivery is planned can be changed as
// long as it has not been attempted.
func (e *Engine) faultDelivery(ctx context.Context, f control.Fault) error {
	for {
		err := e.faultDeliveryOnce(ctx, f)
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return err
		}
	}
}

func (e *Engine) faultDeliveryOnce(ctx context.Context, f control.Fault) error {
	known, err := e.Delivery(ctx, f.Delivery)
	if err != nil {
		return err
	}
	if f.Account != everybody && known.Account != f.Account {
		return fmt.Errorf("delivery %q: %w: it is another account's", f.Delivery, store.ErrNotFound)
	}
	a, err := e.account(ctx, known.Account)
	if err != nil {
		return err
	}
	doc, err := e.store.Get(ctx, deliveryKey(a.name, f.Delivery))
	if err != nil {
		return fmt.Errorf("delivery %q: %w", f.Delivery, err)
	}
	d := delivery{stored: doc}
	if err := json.Unmarshal(doc.Data, &d); err != nil {
		return err
	}
	s := e.step(a, a.clock.Now())
	if doc.Done || !d.Due.After(s.now) && d.Hold == "" {
		return control.Invalidf("delivery: %s is under way or over: a fault can be put on what is still to come", f.Delivery)
	}
	one := scenarios.Fault{Name: f.Fault, Args: f.Args}
	s.tell(tellFault(f))
	if !fault.Plans(one) {
		d.Faults = append(d.Faults, one)
		if doc, err = d.doc(a.name); err != nil {
			return err
		}
		s.put(doc)
		return s.commit(ctx)
	}
	if d.Attempts > 0 || d.Kept || d.Hold != "" {
		return control.Invalidf("fault: %s is decided before a delivery's first attempt, and %s has had one or is kept back or held", f.Fault, f.Delivery)
	}
	job := d.job(a.name)
	s.change.Done = []string{job.ID}
	before := d.Faults
	d.Faults = []scenarios.Fault{one}
	planned, err := s.plan(ctx, d)
	if err != nil {
		return err
	}
	if i := s.changed(doc.Key); planned && len(before) > 0 { // what it had before goes on, and is not planned again
		d.Faults = append(before, one)
		var next delivery
		if err := json.Unmarshal(s.change.Docs[i].Data, &next); err != nil {
			return err
		}
		next.stored, next.Faults = doc, d.Faults
		if s.change.Docs[i], err = next.doc(a.name); err != nil {
			return err
		}
	}
	return s.commit(ctx)
}

// RemoveFault takes a fault away, or all of them with an empty ID.
func (e *Engine) RemoveFault(ctx context.Context, name, id string) error {
	a, err := e.account(ctx, name)
	if err != nil {
		return err
	}
	return e.change(ctx, a, func(s *settings) (journal.Data, error) {
		if id == "" {
			s.Faults = nil
			return journal.Fault{Removed: true}, nil
		}
		i := slices.IndexFunc(s.Faults, func(f setFault) bool { return f.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("fault %q: %w", id, store.ErrNotFound)
		}
		gone := s.Faults[i]
		s.Faults = slices.Delete(s.Faults, i, i+1)
		return journal.Fault{ID: id, On: gone.On, Fault: gone.Name, Removed: true}, nil
	})
}
