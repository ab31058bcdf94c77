package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

var _ delivery.Runs = (*Engine)(nil)

// Ended plays the rules of a run's scenario for the end of a delivery, in the unit of work that ends it.
func (e *Engine) Ended(ctx context.Context, t *tx.Tx, a *account.Account, d *delivery.Delivery, end delivery.End) error {
	s := e.stepOf(a, e.Library.Provider(d.Provider), t)
	// The delivery carries its run as it was: rules play on the run as it is.
	r, err := run.Find(ctx, t, a.Name(), d.Provider, d.Run.Reference)
	if err != nil || r == nil {
		return err
	}
	r.Open--
	if d.Else != nil && end.Failed(d) {
		if err := s.otherwise(ctx, r, d, end); err != nil {
			s.ruleFailed(r, d.Rule, err)
		}
	}
	if on := end.Trigger(d.Event); on != "" {
		if rule, err := s.trigger(ctx, r, on, trigger{delivery: end.Values(d)}); err != nil && !errors.Is(err, scenarios.ErrNoRule) {
			s.ruleFailed(r, rule, err)
		}
	}
	if deadlines, settled := s.timeline.deadlines, s.timeline.settled; len(deadlines)+len(settled) > 0 {
		t.OnCommit(func() { a.Expect(deadlines, settled) })
	}
	return r.Put(t)
}

// trigger are the values of a triggered rule beside the run.
type trigger struct {
	delivery map[string]any
	body     any // in place of the request's that the run remembers
	hasBody  bool
	before   func(rule string) // called before the rule plays
}

// trigger plays the rule of a run's scenario that is for a trigger, and returns the rule's name. When it fails, also with
// [scenarios.ErrNoRule], run and step are as they were.
func (s *step) trigger(ctx context.Context, r *run.Run, on string, t trigger) (rule string, err error) {
	defer s.undo(r, &err)()
	m, err := s.machine(r, r.Scenario)
	if err != nil {
		return "", err
	}
	scope, err := s.scope(r)
	if err != nil {
		return "", err
	}
	if scope.Delivery = t.delivery; t.hasBody {
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
	return rule, s.play(ctx, m, r, in, on, rule)
}

// otherwise plays the steps of else of the timeline that sent a delivery.
func (s *step) otherwise(ctx context.Context, r *run.Run, d *delivery.Delivery, end delivery.End) (err error) {
	defer s.undo(r, &err)()
	m, err := s.machine(r, cmp.Or(d.ElseOf, r.Scenario))
	if err != nil {
		return err
	}
	scope, err := s.scope(r)
	if err != nil {
		return err
	}
	scope.Delivery = end.Values(d)
	return s.play(ctx, m, r, scenarios.Input{Timer: *d.Else, Turn: scenarios.Begin, Scope: scope}, d.Rule, "")
}

// elseNow is otherwise for a delivery that ends in the step that plans it.
func (s *step) elseNow(ctx context.Context, m *scenarios.Machine, r *run.Run, d *delivery.Delivery, end delivery.End) error {
	return s.turn(ctx, m, r, scenarios.Input{Timer: *d.Else, Turn: scenarios.Begin}, end.Values(d), d.Due)
}

// endWaits goes on with the timelines that wait for a request about the run: those that waited before it came.
func (s *step) endWaits(ctx context.Context, r *run.Run, operation string, waits []run.Wait) {
	for _, w := range waits {
		if !glob.Match(w.Operation, operation) || s.Now.After(w.Deadline()) { // its job is late, but will say so
			continue
		}
		r.EndWait(w.Job)
		s.EndJob(w.Job)
		s.logExpected(r, w, fmt.Sprintf("%s after %v", operation, s.Now.Sub(w.Since)), true)
		if err := s.continueAfter(ctx, r, w); err != nil { // that timeline ends here; the request is answered all the same
			s.ruleFailed(r, w.Rule, err)
		}
	}
}

func (s *step) continueAfter(ctx context.Context, r *run.Run, w run.Wait) (err error) {
	defer s.undo(r, &err)()
	m, err := s.machine(r, cmp.Or(w.Scenario, r.Scenario))
	if err != nil {
		return err
	}
	return s.turn(ctx, m, r, scenarios.Input{Timer: w.Timer, Turn: scenarios.Met}, nil, s.Now)
}

// logExpected logs whether an expected request came.
func (s *step) logExpected(r *run.Run, w run.Wait, got string, pass bool) {
	want := scenarios.ExpectedRequest{Operation: w.Operation, Within: w.Within}
	s.Log(journal.Expect{Call: w.Operation, Run: r.Reference, Rule: w.Rule, Want: want.String(), Got: got, Pass: pass})
	s.timeline.settled = append(s.timeline.settled, w.Job)
}
