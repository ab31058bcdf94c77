package mockserver

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// end is how a delivery ended.
type end struct {
	outcome string // of the journal's
	got     string // what the receiver did, for people
	pass    bool   // the scenario expected that, or nothing
	status  int    // of the last answer; 0 if there was none
	failure string // why the last attempt was not accepted; empty if it was
}

// values is what expressions see as delivery in a rule that plays because of it.
func (e end) values(d *delivery) map[string]any {
	v := map[string]any{"id": d.ID, "event": d.Event, "attempts": d.Attempts, "status": nil, "error": e.failure}
	if e.status != 0 {
		v["status"] = e.status
	}
	return v
}

// trigger is what a rule for such an end names; empty where there is no such thing.
func (e end) trigger(event string) string {
	switch e.outcome {
	case journal.Delivered:
		return scenarios.Delivered(event)
	case journal.Exhausted:
		return scenarios.Exhausted(event)
	}
	return ""
}

// hook has the run wait for the end of a delivery that some rule of its scenario may be for. Until then it counts as
// going on, so that it is kept.
func (s *step) hook(m *scenarios.Machine, r *run, d *delivery) error {
	if m.Scenario.Name != r.Scenario { // what was chosen for one call sent it, over the run's head
		var err error
		if m, err = s.engine.machine(r, r.Scenario); err != nil {
			return err
		}
	}
	d.Hooked = m.Listens(d.Event)
	return nil
}

// ended plays what the run's scenario has for the end of a delivery, in the change that tells of the end.
func (s *step) ended(ctx context.Context, d *delivery, e end) error {
	// The delivery carries its run as it was: what plays now, plays on the run as it is.
	r, err := s.engine.findRun(ctx, runKey(s.account.name, d.Provider, d.Run.Reference))
	if err != nil || r == nil {
		return err
	}
	r.Timers--
	if on := e.trigger(d.Event); on != "" {
		if _, err := s.trigger(ctx, r, on, trigger{delivery: e.values(d)}); err != nil && !errors.Is(err, scenarios.ErrNoRule) {
			s.failed(r, "", err)
		}
	}
	doc, err := r.doc(s.account.name)
	s.change.Docs = append(s.change.Docs, doc)
	return err
}

// again repeats what ends a hooked delivery as long as only its run was moved meanwhile, by a call for instance.
func (e *Engine) again(ctx context.Context, a *account, d *delivery, commit func() error) error {
	for {
		err := commit()
		if !d.Hooked || !errors.Is(err, store.ErrConflict) || a.isGone() {
			return err
		}
		if doc, err := e.store.Get(ctx, d.stored.Key); err != nil || doc.Rev != d.stored.Rev {
			return store.ErrConflict // the delivery itself was moved, or reset away
		}
	}
}

// trigger is what a triggered rule sees beside the run.
type trigger struct {
	delivery map[string]any
	body     any  // in place of the call's that the run remembers
	given    bool // body counts, even where it is nil
	before   func(rule string)
}

// trigger plays the rule of a run's scenario that is for a trigger, and returns the rule's name. When it fails, also with
// [scenarios.ErrNoRule], run and change are as they were.
func (s *step) trigger(ctx context.Context, r *run, on string, t trigger) (rule string, err error) {
	was, change, next := *r, s.change, s.next
	defer func() {
		if err != nil {
			*r, s.change, s.next = was, change, next
		}
	}()
	m, err := s.engine.machine(r, r.Scenario)
	if err != nil {
		return "", err
	}
	p := s.engine.providers[r.Provider]
	scope, err := s.engine.scopeOf(s.account, p, r, s.now)
	if err != nil {
		return "", err
	}
	if scope.Delivery = t.delivery; t.given {
		scope.Body = t.body
	}
	in := scenarios.Input{On: on, Scope: scope}
	i, err := m.Choose(in)
	if err != nil {
		return "", err
	}
	rule = ruleName(m, i)
	earlier := s.change.Entries
	s.change.Entries = nil
	before, err := json.Marshal(r.State.Set, json.Deterministic(true))
	if err != nil {
		return rule, err
	}
	effects, err := r.step(m, in)
	if err != nil {
		return rule, err
	}
	if err := s.apply(ctx, p, m, r, effects, s.now); err != nil {
		return rule, err
	}
	if err := s.leadRun(r, before, on, rule); err != nil {
		return rule, err
	}
	if t.before != nil {
		later := s.change.Entries
		s.change.Entries = nil
		t.before(rule)
		s.change.Entries = append(s.change.Entries, later...)
	}
	s.change.Entries = append(earlier[:len(earlier):len(earlier)], s.change.Entries...)
	return rule, nil
}

// failed tells that a rule could not be carried out.
func (s *step) failed(r *run, rule string, err error) {
	s.tell(journal.RuleError{Run: r.Reference, Scenario: r.Scenario, Rule: rule, Message: err.Error()})
	s.engine.log.Error("rule failed", "account", s.account.name, "run", r.Reference, "scenario", r.Scenario, "error", err)
}
