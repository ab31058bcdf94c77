package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// timerPayload names the step and the run. scenario is empty for a rule of the run's own: only what was chosen for one
// call, over the run's head, has to be named.
func timerPayload(t scenarios.Timer, scenario, key string) []byte {
	if scenario != "" {
		key = "@" + url.QueryEscape(scenario) + " " + key
	}
	return fmt.Appendf(nil, "timer %d %d %s", t.Rule, t.Step, key)
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
func (e *Engine) fire(ctx context.Context, a *account, job store.Job, payload string) error {
	timer, scenario, key, err := parseTimer(payload)
	if err != nil {
		return err
	}
	for {
		err := e.fireOnce(ctx, a, job, timer, scenario, key)
		if !errors.Is(err, store.ErrConflict) || a.isGone() {
			return err
		}
		// Either a call moved the run meanwhile, or the job is gone with its run. Only the first is worth another try.
		if _, err := e.store.Get(ctx, key); errors.Is(err, store.ErrNotFound) {
			return nil
		}
	}
}

func (e *Engine) fireOnce(ctx context.Context, a *account, job store.Job, timer scenarios.Timer, scenario, key string) error {
	s := e.step(a, job.Due)
	s.change.Done = []string{job.ID}
	r, err := e.findRun(ctx, key)
	if err != nil {
		return err
	}
	if r == nil {
		return s.commit(ctx) // the run was reset away; its timer goes too
	}
	r.Timers--
	was, p, rule := *r, e.providers[r.Provider], ""
	m, err := e.machine(r, cmp.Or(scenario, r.Scenario))
	if err == nil {
		rule, err = s.timeline(ctx, p, m, r, timer)
	}
	if err != nil { // the timeline ends here, and the run stays as it was
		*r = was
		s.change = store.Change{Done: []string{job.ID}}
		s.tell(journal.RuleError{Run: r.Reference, Scenario: r.Scenario, Rule: rule, Message: err.Error()})
		e.log.Error("timeline failed", "account", a.name, "run", r.Reference, "scenario", r.Scenario, "error", err)
	}
	doc, err := r.doc(a.name)
	if err != nil {
		return err
	}
	s.change.Docs = append(s.change.Docs, doc)
	return s.commit(ctx)
}

// timeline plays a step of a rule and returns the rule's name.
func (s *step) timeline(ctx context.Context, p *provider, m *scenarios.Machine, r *run, timer scenarios.Timer) (rule string, err error) {
	if timer.Rule < m.Rules() { // or the scenario has changed, which Step says
		rule = ruleName(m, timer.Rule)
	}
	before, err := json.Marshal(r.State.Set, json.Deterministic(true))
	if err != nil {
		return rule, err
	}
	scope, err := s.engine.scopeOf(s.account, p, r, s.now)
	if err != nil {
		return rule, err
	}
	effects, err := r.step(m, scenarios.Input{Timer: timer, Scope: scope})
	if err != nil {
		return rule, err
	}
	if err := s.apply(ctx, p, m, r, effects, s.now); err != nil {
		return rule, err
	}
	return rule, s.leadRun(r, before, rule, "")
}

// machine returns the machine of a scenario of a run's provider.
func (e *Engine) machine(r *run, scenario string) (*scenarios.Machine, error) {
	p := e.providers[r.Provider]
	if p == nil {
		return nil, fmt.Errorf("no provider is called %q", r.Provider)
	}
	library, err := p.library()
	if err != nil {
		return nil, err
	}
	return library.Machine(scenario)
}
