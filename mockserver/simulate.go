package mockserver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// Simulate plays the rule for a simulation, on one run or on every run that has one, the oldest first. Runs that are over
// count as long as they are kept: a person may be put on a list long after the check.
func (e *Engine) Simulate(ctx context.Context, want control.SimulateRequest) (control.Simulated, error) {
	done := control.Simulated{Runs: []control.SimulatedRun{}}
	providers, err := e.simulating(want)
	if err != nil {
		return done, err
	}
	var data any
	if len(want.Data) > 0 {
		if data, err = template.DecodeJSON(want.Data); err != nil {
			return done, control.Invalidf("data: %w", err)
		}
	}
	accounts, err := e.chosen(ctx, want.Account)
	if err != nil {
		return done, err
	}
	found := false
	for _, a := range accounts {
		for _, one := range a.runs.list() {
			if !slices.Contains(providers, one.provider) || want.Subject != "" && one.subject != want.Subject || want.Run != "" && one.reference != want.Run {
				continue
			}
			found = true
			told, err := e.simulate(ctx, a, one, want, data)
			switch {
			case err == nil:
				done.Runs = append(done.Runs, told)
				done.Played++
			case errors.Is(err, scenarios.ErrNoRule) && want.Run == "":
			case errors.Is(err, scenarios.ErrNoRule):
				return done, control.Invalidf("run %s: its scenario %s has no rule for simulate %s as the run is now", one.reference, one.scenario, want.Name)
			default:
				return done, fmt.Errorf("run %s: %w", one.reference, err)
			}
		}
	}
	if want.Run != "" && !found {
		return done, fmt.Errorf("run %q: %w; a run that is over is kept only so long", want.Run, store.ErrNotFound)
	}
	return done, nil
}

// simulating lists the providers that a simulation may be of.
func (e *Engine) simulating(want control.SimulateRequest) ([]string, error) {
	names := e.names
	if want.Provider != "" {
		if e.providers.of(want.Provider) == nil {
			return nil, control.Invalidf("no provider is called %q, want one of %v", want.Provider, e.names)
		}
		names = []string{want.Provider}
	}
	var with, known []string
	for _, name := range names {
		for _, one := range e.providers.of(name).Simulations() {
			known = append(known, one.Name)
			if one.Name == want.Name {
				with = append(with, name)
			}
		}
	}
	if len(with) == 0 {
		slices.Sort(known)
		return nil, control.Invalidf("nothing is called %q that could be simulated, want one of %v", want.Name, slices.Compact(known))
	}
	return with, nil
}

// simulate plays a simulation on one run, again if a call moved the run meanwhile.
func (e *Engine) simulate(ctx context.Context, a *account, one kept, want control.SimulateRequest, data any) (control.SimulatedRun, error) {
	told := control.SimulatedRun{Account: a.name, Provider: one.provider, Run: one.reference, Scenario: one.scenario}
	m, err := e.machine(&run{Provider: one.provider, Edition: one.edition}, one.scenario)
	if err != nil {
		return told, err
	}
	if !m.Simulates(want.Name) { // which needs no look at the run
		return told, scenarios.ErrNoRule
	}
	for {
		r, err := e.findRun(ctx, runKey(a.name, one.provider, one.reference))
		if err != nil {
			return told, err
		}
		if r == nil { // retention dropped it
			return told, scenarios.ErrNoRule
		}
		s := e.step(a, a.clock.Now())
		before := func(rule string) {
			told.Rule = rule
			s.tell(journal.Simulate{Name: want.Name, Provider: r.Provider, Run: r.Reference, Scenario: r.Scenario, Subject: r.Subject, Rule: rule, Data: want.Data})
		}
		rule, err := s.trigger(ctx, r, scenarios.Simulate(want.Name), trigger{body: data, given: true, before: before})
		if errors.Is(err, scenarios.ErrNoRule) {
			return told, err
		}
		if err != nil {
			s.failed(r, rule, err)
			return told, errors.Join(control.Invalidf("simulate %s: %w", want.Name, err), s.commit(ctx))
		}
		doc, err := r.doc(a.name)
		if err != nil {
			return told, err
		}
		s.change.Docs = append(s.change.Docs, doc)
		if err = s.commit(ctx); !errors.Is(err, store.ErrConflict) {
			return told, err
		}
		if a.isGone() {
			return told, fmt.Errorf("account %q was reset: %w", a.name, store.ErrNotFound)
		}
	}
}
