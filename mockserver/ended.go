package mockserver

import (
	"cmp"
	"context"
	"errors"
	"time"

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
	// notified are the addresses that the provider tells of an exhausted delivery.
	notified []string
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

// wrong reports whether what follows instead is to play: the expectation was not met or, where there is none, the event
// did not arrive.
func (e end) wrong(d *delivery) bool {
	if d.Expect != nil {
		return !e.pass
	}
	return e.outcome != journal.Delivered
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
	d.Hooked = d.Else != nil || m.Listens(d.Event)
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
	if d.Else != nil && e.wrong(d) {
		if err := s.otherwise(ctx, r, d, e); err != nil {
			s.failed(r, d.Rule, err)
		}
	}
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
	defer s.undo(r, &err)()
	m, err := s.engine.machine(r, r.Scenario)
	if err != nil {
		return "", err
	}
	p := s.engine.providers.of(r.Provider)
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
	if t.before != nil {
		t.before(rule)
	}
	return rule, s.play(ctx, p, m, r, in, on, rule)
}

// otherwise plays what the timeline that sent a delivery has for when it is judged wrong.
func (s *step) otherwise(ctx context.Context, r *run, d *delivery, e end) (err error) {
	defer s.undo(r, &err)()
	m, err := s.engine.machine(r, cmp.Or(d.ElseOf, r.Scenario))
	if err != nil {
		return err
	}
	p := s.engine.providers.of(r.Provider)
	scope, err := s.engine.scopeOf(s.account, p, r, s.now)
	if err != nil {
		return err
	}
	scope.Delivery = e.values(d)
	return s.play(ctx, p, m, r, scenarios.Input{Timer: *d.Else, Turn: scenarios.Begin, Scope: scope}, d.Rule, "")
}

// elseNow is otherwise for a delivery that ends in the step that plans it.
func (s *step) elseNow(ctx context.Context, p *provider, m *scenarios.Machine, r *run, d *delivery, e end, base time.Time) error {
	return s.turn(ctx, p, m, r, scenarios.Input{Timer: *d.Else, Turn: scenarios.Begin}, e.values(d), base)
}

// failed tells that a rule could not be carried out.
func (s *step) failed(r *run, rule string, err error) {
	s.tell(journal.RuleError{Run: r.Reference, Scenario: r.Scenario, Rule: rule, Message: err.Error()})
	s.engine.log.Error("rule failed", "account", s.account.name, "run", r.Reference, "scenario", r.Scenario, "error", err)
}
