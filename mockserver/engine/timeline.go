package engine

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// timeline is the part of its run's timelines that a step has planned.
type timeline struct {
	next      time.Time            // of the earliest step or deadline; zero if there is none
	deadlines map[string]time.Time // of requests that are expected from now on, by job
	settled   []string             // jobs of those that no longer are
}

func (l *timeline) plan(due time.Time) {
	if l.next.IsZero() || due.Before(l.next) {
		l.next = due
	}
}

// Commit commits the step, and notes the requests that are expected.
func (s *step) Commit(ctx context.Context) error {
	s.seal()
	return s.Tx.Commit(ctx)
}

// seal prepares a step for its commit.
func (s *step) seal() {
	if deadlines, settled := s.timeline.deadlines, s.timeline.settled; len(deadlines)+len(settled) > 0 {
		s.OnCommit(func() { s.account.Expect(deadlines, settled) })
	}
}

// timerID is the ID of a timer's job. IDs are unique in an account; two accounts may have one seed.
func (s *step) timerID() string { return "timer " + s.Account() + " " + s.account.NextID("t") }

// apply turns a step's effects but its reply into jobs and deliveries of the run. Times count from base.
func (s *step) apply(ctx context.Context, m *scenarios.Machine, r *run.Run, effects []scenarios.Effect, base time.Time) error {
	for _, effect := range effects {
		switch effect := effect.(type) {
		case scenarios.Schedule:
			due := base.Add(effect.After)
			s.timeline.plan(due)
			s.AddJob(tx.Job{ID: s.timerID(), Due: due, Keeps: tx.RunKey(s.Account(), r.Provider, r.Reference),
				Work: tx.Work{Step: place(m, r, effect.Timer)}})
		case scenarios.Await:
			s.await(m, r, effect, base)
		case scenarios.Send:
			if err := s.send(ctx, m, r, effect, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// place is where a timeline of a run goes on.
func place(m *scenarios.Machine, r *run.Run, t scenarios.Timer) *tx.Step {
	at := &tx.Step{Provider: r.Provider, Run: r.Reference, Scenario: other(m, r), Rule: t.Rule, Step: t.Step}
	if at.Scenario == "" {
		at.Own, at.Edition = m.Scenario.Name, m.Edition
	}
	return at
}

// other names a scenario that plays on a run without being the run's own, with its edition where that is not the run's.
// It is empty for the run's own.
func other(m *scenarios.Machine, r *run.Run) string {
	if m.Scenario.Name == r.Scenario {
		return ""
	}
	if m.Edition != r.Edition {
		return fmt.Sprint(m.Scenario.Name, store.KeySeparator, m.Edition)
	}
	return m.Scenario.Name
}

// parseOther parses a name that other returned.
func parseOther(named string, own int) (name string, edition int, err error) {
	name, number, ok := strings.Cut(named, store.KeySeparator)
	if !ok {
		return name, own, nil
	}
	if edition, err = strconv.Atoi(number); err != nil {
		return "", 0, fmt.Errorf("scenario %q: %w", named, err)
	}
	return name, edition, nil
}

// await has a run wait for a request.
func (s *step) await(m *scenarios.Machine, r *run.Run, effect scenarios.Await, base time.Time) {
	w := run.Wait{Timer: effect.Timer, Operation: effect.Call, Scenario: other(m, r), Rule: stepName(m, effect.Timer.Rule, m.Rule(effect.Timer.Rule).Steps()[effect.Timer.Step].Line),
		Since: base, Within: effect.Within, Job: s.timerID()}
	r.AddWait(w)
	s.timeline.plan(w.Deadline())
	s.AddJob(tx.Job{ID: w.Job, Due: w.Deadline(), Work: tx.Work{Timeout: place(m, r, w.Timer)}})
	if s.timeline.deadlines == nil {
		s.timeline.deadlines = map[string]time.Time{}
	}
	s.timeline.deadlines[w.Job] = w.Deadline()
}

// send plans an event for each endpoint that is registered for it.
func (s *step) send(ctx context.Context, m *scenarios.Machine, r *run.Run, send scenarios.Send, due time.Time) error {
	rule := ruleName(m, send.Rule)
	// An opt-in event goes to endpoints that opt in, unless the scenario is about just that.
	optIn := send.OptIn || send.Expect == nil && s.provider.Event(send.Event).OnRequest
	endpoints, err := s.engine.Deliveries.Endpoints.ForRun(ctx, s.account, s.provider, send.Event, r, optIn)
	if err != nil || len(endpoints) == 0 && optIn {
		return err
	}
	d := delivery.Delivery{Provider: s.provider.Name, Event: send.Event, Rule: rule, Step: stepName(m, send.Rule, send.Line), Expect: send.Expect, Due: due, Else: send.Else}
	if send.Data != nil {
		if d.Data, err = send.Data.Append(nil, nil); err != nil {
			return fmt.Errorf("data of %s: %w", send.Event, err)
		}
	}
	if len(endpoints) == 0 {
		return s.unroutable(ctx, m, r, &d)
	}
	if d.Run, err = r.Snapshot(send.Set, s.account, s.provider.Provider); err != nil {
		return err
	}
	endpoints = slices.DeleteFunc(slices.Clone(endpoints), func(ep webhook.Endpoint) bool {
		return !s.provider.Reports(send.Event, ep, d.Run.State.Set[outcome.Key])
	})
	if len(endpoints) == 0 {
		return s.unroutable(ctx, m, r, &d)
	}
	d.ElseOf = other(m, r)
	if len(send.Faults) > 0 {
		if d.Faults, err = s.engine.Faults.OfRule(ctx, s.Tx, s.account, send.Faults, scenarios.InDelivery, rule+" "+send.Event+" "+r.Subject); err != nil {
			return err
		}
	}
	if d.Awaited, err = s.awaitsEnd(m, r, &d); err != nil {
		return err
	}
	for _, ep := range endpoints {
		d.ID, d.Endpoint, d.URL = s.account.NextID(delivery.IDPrefix), ep.ID, ep.URL
		planned, err := s.engine.Deliveries.Plan(ctx, s.Tx, s.account, d)
		if err != nil {
			return err
		}
		switch {
		case d.Awaited && planned:
			r.Open++
		case d.Else != nil && !planned:
			if err := s.elseNow(ctx, m, r, &d, delivery.End{Outcome: journal.Dropped, Failure: "never sent: a fault dropped it"}); err != nil {
				return err
			}
		}
	}
	return nil
}

// unroutable logs an event that reaches no endpoint.
func (s *step) unroutable(ctx context.Context, m *scenarios.Machine, r *run.Run, d *delivery.Delivery) error {
	const reason = "no endpoint is registered"
	d.ID = s.account.NextID(delivery.IDPrefix)
	logUnroutable(s.Tx, d.ID, d.Provider, d.Event, r.Reference)
	if d.Expect != nil {
		s.Log(journal.Expect{Delivery: d.ID, Run: r.Reference, Rule: d.Step, Want: d.Expect.String(), Got: reason})
	}
	if d.Else == nil {
		return nil
	}
	return s.elseNow(ctx, m, r, d, delivery.End{Outcome: journal.Unroutable, Failure: reason})
}

func logUnroutable(t *tx.Tx, id, provider, event, run string) {
	entry := ends.Get().(*journal.Delivery)
	defer ends.Put(entry)
	*entry = journal.Delivery{Delivery: id, Provider: provider, Event: event, Run: run, Outcome: journal.Unroutable}
	t.Log(entry)
}

// ends are reused: most requests of a server without endpoints need one.
var ends = sync.Pool{New: func() any { return new(journal.Delivery) }}

// awaitsEnd reports whether a rule of the run's scenario may be for the end of a delivery. Until then the run counts as
// going on, so that it is kept.
func (s *step) awaitsEnd(m *scenarios.Machine, r *run.Run, d *delivery.Delivery) (bool, error) {
	if m.Scenario.Name != r.Scenario { // sent by a scenario that was chosen for one request
		var err error
		if m, err = s.machine(r, r.Scenario); err != nil {
			return false, err
		}
	}
	return d.Else != nil || m.Listens(d.Event), nil
}

// resume goes on with a timeline of a run, and returns the rule's name. When it fails, run and step are as they were.
func (s *step) resume(ctx context.Context, r *run.Run, at *tx.Step, turn scenarios.Turn) (rule string, err error) {
	defer s.undo(r, &err)()
	if s.provider == nil {
		return "", fmt.Errorf("provider %q is not served", r.Provider)
	}
	m, err := s.machine(r, cmp.Or(at.Scenario, r.Scenario))
	if err != nil {
		return "", err
	}
	if at.Rule < m.Rules() { // or the scenario was changed, which Step says
		rule = ruleName(m, at.Rule)
	}
	timer := scenarios.Timer{Rule: at.Rule, Step: at.Step}
	scope := &template.Scope{}
	if !m.IsFixed(timer) {
		if scope, err = s.scope(r); err != nil {
			return rule, err
		}
	}
	return rule, s.play(ctx, m, r, scenarios.Input{Timer: timer, Turn: turn, Scope: scope}, rule, "")
}

// play plays one input on a run that exists already, and logs the run before its effects.
func (s *step) play(ctx context.Context, m *scenarios.Machine, r *run.Run, in scenarios.Input, cause, rule string) error {
	mark, was := s.Mark(), r.State.Set[outcome.Key]
	before, err := r.StateJSON()
	if err != nil {
		return err
	}
	effects, err := r.Step(m, in)
	if err != nil {
		return err
	}
	if err := s.pay(ctx, r, was); err != nil {
		return err
	}
	if err := s.apply(ctx, m, r, effects, s.Now); err != nil {
		return err
	}
	return s.logRun(mark, r, before, cause, rule)
}

// turn goes on with a timeline inside a step that has begun already and logs the run at its end.
func (s *step) turn(ctx context.Context, m *scenarios.Machine, r *run.Run, in scenarios.Input, values map[string]any, base time.Time) error {
	scope, err := s.scope(r)
	if err != nil {
		return err
	}
	scope.Delivery = values
	in.Scope = scope
	was := r.State.Set[outcome.Key]
	effects, err := r.Step(m, in)
	if err != nil {
		return err
	}
	if err := s.pay(ctx, r, was); err != nil {
		return err
	}
	return s.apply(ctx, m, r, effects, base)
}

// undo returns a function that restores run and step as they are now, if err is set by then.
func (s *step) undo(r *run.Run, err *error) func() {
	was, timeline, restore := *r, s.timeline, s.Save()
	return func() {
		if *err != nil {
			restore()
			*r, s.timeline = was, timeline
		}
	}
}

// logRun logs at a mark how a run came to its state. before is the state until now, nil for a new run. rule is empty
// where the cause is one.
func (s *step) logRun(mark int, r *run.Run, before jsontext.Value, cause, rule string) error {
	state, err := r.StateJSON()
	if err != nil {
		return err
	}
	if before != nil && string(before) == string(state) && s.timeline.next.IsZero() {
		return nil
	}
	entry := runs.Get().(*journal.Run)
	defer runs.Put(entry)
	*entry = journal.Run{Run: r.Reference, Provider: r.Provider, Operation: r.Operation, Scenario: r.Scenario,
		Subject: r.Subject, Reference: r.Reference, State: []byte(state), Before: []byte(before), Cause: cause, Rule: rule, Next: s.timeline.next}
	s.LogAt(mark, entry)
	return nil
}

// runs are reused: nearly every step needs one.
var runs = sync.Pool{New: func() any { return new(journal.Run) }}

// ruleFailed logs that a rule could not be carried out.
func (s *step) ruleFailed(r *run.Run, rule string, err error) {
	s.Log(journal.RuleError{Run: r.Reference, Scenario: r.Scenario, Rule: rule, Message: err.Error()})
	s.engine.Logger.Error("rule failed", "account", s.Account(), "run", r.Reference, "scenario", r.Scenario, "error", err)
}

// ruleName says where a rule is, for people.
func ruleName(m *scenarios.Machine, rule int) string { return stepName(m, rule, m.Rule(rule).Line) }

// stepName says where a line of a rule is, such as one of its steps.
func stepName(m *scenarios.Machine, rule, line int) string {
	file := m.File(rule)
	return strings.TrimSuffix(path.Base(file), path.Ext(file)) + ":" + strconv.Itoa(line)
}
