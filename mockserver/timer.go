package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// timerPayload names the step and the run. The verb is timer for a step that is due, await for a call that is expected. scenario is empty for a rule of the run's own: only what was chosen for one
// call, over the run's head, has to be named.
func timerPayload(verb string, t scenarios.Timer, scenario, key string) []byte {
	if scenario != "" {
		key = "@" + url.QueryEscape(scenario) + " " + key
	}
	return fmt.Appendf(nil, "%s %d %d %s", verb, t.Rule, t.Step, key)
}

// timerID names a timer's job. Names are unique in an account; two accounts may have one seed.
func timerID(a *account) string { return "timer " + a.name + " " + a.name36("t") }

func parseTimer(payload string) (t scenarios.Timer, scenario, key string, err error) {
	rule, rest, _ := strings.Cut(payload, " ")
	number, key, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(key, "@") { // no key of a run begins so
		scenario, key, _ = strings.Cut(key[1:], " ")
	}
	r, err1 := strconv.Atoi(rule)
	n, err2 := strconv.Atoi(number)
	scenario, err3 := url.QueryUnescape(scenario)
	if err := errors.Join(err1, err2, err3); err != nil || r < 0 || n < 0 {
		return scenarios.Timer{}, "", "", fmt.Errorf("timer %q cannot be read: %w", payload, err)
	}
	return scenarios.Timer{Rule: r, Step: n}, scenario, key, nil
}

// fire plays the step of a timeline whose time has come. The step happens at the time for which it was planned, however
// late the machine is, so that what follows from it does not drift.
func (e *Engine) fire(ctx context.Context, a *account, job store.Job, verb, payload string) error {
	timer, scenario, key, err := parseTimer(payload)
	if err != nil {
		return err
	}
	for {
		err := e.fireOnce(ctx, a, job, verb, timer, scenario, key)
		if !errors.Is(err, store.ErrConflict) || a.isGone() {
			return err
		}
		// Either a call moved the run meanwhile, or the job is gone with its run. Only the first is worth another try.
		if _, err := e.store.Get(ctx, key); errors.Is(err, store.ErrNotFound) {
			return nil
		}
	}
}

func (e *Engine) fireOnce(ctx context.Context, a *account, job store.Job, verb string, timer scenarios.Timer, scenario, key string) error {
	s := e.step(a, job.Due)
	s.change.Done = []string{job.ID}
	r, err := e.findRun(ctx, key)
	if err != nil {
		return err
	}
	if r == nil {
		return s.commit(ctx) // the run was reset away; its timer goes too
	}
	turn := scenarios.Due
	if verb == "await" {
		w, waits := r.settle(job.ID)
		if !waits { // the call came in, and took the job away, just as its time was over
			return nil
		}
		turn = scenarios.Missed
		s.judge(r, w, "no such call", false)
	}
	r.Timers--
	rule, err := s.timeline(ctx, r, cmp.Or(scenario, r.Scenario), timer, turn)
	if err != nil { // the timeline ends here, and the run stays as it was
		s.failed(r, rule, err)
	}
	doc, err := r.doc(a.name)
	if err != nil {
		return err
	}
	s.change.Docs = append(s.change.Docs, doc)
	return s.commit(ctx)
}

// timeline goes on with a timeline of a run's, and returns the rule's name. When it fails, run and change are as they were.
func (s *step) timeline(ctx context.Context, r *run, scenario string, timer scenarios.Timer, turn scenarios.Turn) (rule string, err error) {
	defer s.undo(r, &err)()
	m, err := s.engine.machine(r, scenario)
	if err != nil {
		return "", err
	}
	if timer.Rule < m.Rules() { // or the scenario has changed, which Step says
		rule = ruleName(m, timer.Rule)
	}
	p := s.engine.providers.of(r.Provider)
	scope, err := s.engine.scopeOf(s.account, p, r, s.now)
	if err != nil {
		return rule, err
	}
	return rule, s.play(ctx, p, m, r, scenarios.Input{Timer: timer, Turn: turn, Scope: scope}, rule, "")
}

// play plays one input on a run that exists already, and tells of the run before what follows from it.
func (s *step) play(ctx context.Context, p *provider, m *scenarios.Machine, r *run, in scenarios.Input, cause, rule string) error {
	earlier := s.change.Entries
	s.change.Entries = nil
	before, err := json.Marshal(r.State.Set, json.Deterministic(true))
	if err != nil {
		return err
	}
	effects, err := r.step(m, in)
	if err != nil {
		return err
	}
	if err := s.apply(ctx, p, m, r, effects, s.now); err != nil {
		return err
	}
	if err := s.leadRun(r, before, cause, rule); err != nil {
		return err
	}
	s.change.Entries = append(earlier[:len(earlier):len(earlier)], s.change.Entries...)
	return nil
}

// turn goes on with a timeline inside a step that has begun already, whose end tells of the run.
func (s *step) turn(ctx context.Context, p *provider, m *scenarios.Machine, r *run, in scenarios.Input, delivery map[string]any, base time.Time) error {
	scope, err := s.engine.scopeOf(s.account, p, r, s.now)
	if err != nil {
		return err
	}
	scope.Delivery = delivery
	in.Scope = scope
	effects, err := r.step(m, in)
	if err != nil {
		return err
	}
	return s.apply(ctx, p, m, r, effects, base)
}

// undo returns what puts a run and what the step has gathered back as they are now, if err says so by then.
func (s *step) undo(r *run, err *error) func() {
	was, now := *r, *s
	return func() {
		if *err != nil {
			s.engine.fresh.forget(s.kept[len(now.kept):])
			*r, *s = was, now
		}
	}
}

// machine returns the machine of a scenario, as over names it, of a run's provider.
func (e *Engine) machine(r *run, scenario string) (*scenarios.Machine, error) {
	p := e.providers.of(r.Provider)
	if p == nil {
		return nil, fmt.Errorf("no provider is called %q", r.Provider)
	}
	name, edition, other := strings.Cut(scenario, keyEnd)
	number := r.Edition
	if other {
		var err error
		if number, err = strconv.Atoi(edition); err != nil {
			return nil, fmt.Errorf("scenario %q: %w", scenario, err)
		}
	}
	library, err := p.shelf.edition(number)
	if err != nil {
		return nil, err
	}
	return library.Machine(name)
}
