package mockserver

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// wait is a call that a run's scenario expects. Its job is due when the time for it is over; the call takes the job away.
type wait struct {
	Timer    scenarios.Timer `json:"timer"`
	Call     string          `json:"call"`               // the operation, with wildcards
	Scenario string          `json:"scenario,omitempty"` // that expects it, if not the run's own
	Rule     string          `json:"rule"`
	Since    time.Time       `json:"since"` // account time
	Within   time.Duration   `json:"within,format:nano"`
	Job      string          `json:"job"`
}

// await has a run wait for a call.
func (s *step) await(m *scenarios.Machine, r *run, effect scenarios.Await, base time.Time) {
	w := wait{Timer: effect.Timer, Call: effect.Call, Scenario: over(m, r), Rule: ruleName(m, effect.Timer.Rule),
		Since: base, Within: effect.Within, Job: timerID(s.account)}
	due := base.Add(w.Within)
	r.Timers++
	r.Waits = append(slices.Clip(r.Waits), w)
	if s.next.IsZero() || due.Before(s.next) {
		s.next = due
	}
	s.change.Jobs = append(s.change.Jobs, store.Job{ID: w.Job, Account: s.account.name, Due: due,
		Payload: timerPayload("await", w.Timer, w.Scenario, runKey(s.account.name, r.Provider, r.Reference))})
	s.awaited = append(s.awaited, w)
}

// settle takes a wait off a run by its job.
func (r *run) settle(job string) (wait, bool) {
	i := slices.IndexFunc(r.Waits, func(w wait) bool { return w.Job == job })
	if i < 0 {
		return wait{}, false
	}
	w := r.Waits[i]
	r.Waits = slices.Concat(r.Waits[:i], r.Waits[i+1:])
	return w, true
}

// judge tells whether a call came that was expected.
func (s *step) judge(r *run, w wait, got string, pass bool) {
	want := scenarios.CallExpect{Operation: w.Call, Within: w.Within}
	s.tell(journal.Expect{Call: w.Call, Run: r.Reference, Rule: w.Rule, Want: want.String(), Got: got, Pass: pass})
	s.settled = append(s.settled, w.Job)
}

// met goes on with the timelines that a call about the run lets go on: those that waited before it came.
func (s *step) met(ctx context.Context, p *provider, r *run, operation string, waits []wait) {
	for _, w := range waits {
		if !glob.Match(w.Call, operation) || s.now.After(w.Since.Add(w.Within)) { // its job is late, but will say so
			continue
		}
		r.settle(w.Job)
		r.Timers--
		s.change.Done = append(s.change.Done, w.Job)
		s.judge(r, w, fmt.Sprintf("%s after %v", operation, s.now.Sub(w.Since)), true)
		if err := s.goOn(ctx, p, r, w); err != nil { // that timeline ends here; the call is answered all the same
			s.failed(r, w.Rule, err)
		}
	}
}

func (s *step) goOn(ctx context.Context, p *provider, r *run, w wait) (err error) {
	defer s.undo(r, &err)()
	m, err := s.engine.machine(r, cmp.Or(w.Scenario, r.Scenario))
	if err != nil {
		return err
	}
	return s.turn(ctx, p, m, r, scenarios.Input{Timer: w.Timer, Turn: scenarios.Met}, nil, s.now)
}

// patience is how long, in wall time, an application gets to make a call that is expected before the clock is moved past
// the time for it: its own work takes wall time, however fast the clock is moved.
const patience = 5 * time.Second

// expect notes deadlines of calls that are expected, and forgets those of others.
func (a *account) expect(awaited []wait, settled []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, w := range awaited {
		if a.deadlines == nil {
			a.deadlines = map[string]time.Time{}
		}
		a.deadlines[w.Job] = w.Since.Add(w.Within)
	}
	for _, job := range settled {
		delete(a.deadlines, job)
	}
	if len(settled) > 0 && a.changed != nil { // who waits for the call
		close(a.changed)
		a.changed = nil
	}
}

// expects reports whether the time for a call that is expected is over at t.
func (a *account) expects(t time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, deadline := range a.deadlines {
		if !deadline.After(t) {
			return true
		}
	}
	return false
}

// lenient gives the application its time for a call whose deadline is what comes next. It returns early when the call
// has come.
func (a *account) lenient(ctx context.Context, deadline time.Time) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		_, changed := a.quiet()
		if !a.expects(deadline) {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
