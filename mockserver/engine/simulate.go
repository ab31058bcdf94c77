package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

// Simulate plays the rule for a simulation, on one run or on every run that has such a rule, the oldest first. Runs that
// have ended count as long as they are kept: a person may be put on a watchlist long after the check.
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
	accounts, err := e.Accounts.Select(want.Account)
	if err != nil {
		return done, err
	}
	found := false
	for _, a := range accounts {
		all, err := e.runs(ctx, a, providers, want)
		if err != nil {
			return done, err
		}
		for _, r := range all {
			found = true
			played, err := e.simulate(ctx, a, r, want, data)
			switch {
			case err == nil:
				done.Runs = append(done.Runs, played)
				done.Played++
			case errors.Is(err, scenarios.ErrNoRule) && want.Run == "":
			case errors.Is(err, scenarios.ErrNoRule):
				return done, control.Invalidf("run %s: scenario %s has no rule for simulate %s in the run's present state", r.Reference, r.Scenario, want.Name)
			default:
				return done, fmt.Errorf("run %s: %w", r.Reference, err)
			}
		}
	}
	if want.Run != "" && !found {
		return done, fmt.Errorf("run %q: %w: unknown, or ended long ago", want.Run, store.ErrNotFound)
	}
	return done, nil
}

// runs lists the runs that a simulation is for.
func (e *Engine) runs(ctx context.Context, a *account.Account, providers []string, want control.SimulateRequest) ([]*run.Run, error) {
	var all []*run.Run
	if want.Run != "" { // by key
		for _, name := range providers {
			r, err := run.Find(ctx, e.Store, a.Name(), name, want.Run)
			if err != nil {
				return nil, err
			}
			if r != nil {
				all = append(all, r)
			}
		}
	} else {
		var err error
		if all, err = run.All(ctx, e.Store, a.Name()); err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(all, func(r *run.Run) bool {
		return !slices.Contains(providers, r.Provider) || want.Subject != "" && r.Subject != want.Subject
	}), nil
}

// simulating lists the providers that have a simulation.
func (e *Engine) simulating(want control.SimulateRequest) ([]string, error) {
	names := e.Library.Names()
	if want.Provider != "" {
		if _, err := e.Library.Find(want.Provider); err != nil {
			return nil, err
		}
		names = []string{want.Provider}
	}
	var with, known []string
	for _, name := range names {
		for _, simulation := range e.Library.Provider(name).Simulations() {
			known = append(known, simulation.Name)
			if simulation.Name == want.Name {
				with = append(with, name)
			}
		}
	}
	if len(with) == 0 {
		slices.Sort(known)
		return nil, control.Invalidf("unknown simulation %q, use one of %v", want.Name, slices.Compact(known))
	}
	return with, nil
}

// simulate plays a simulation on one run, again if a request moved the run meanwhile.
func (e *Engine) simulate(ctx context.Context, a *account.Account, r *run.Run, want control.SimulateRequest, data any) (control.SimulatedRun, error) {
	played := control.SimulatedRun{Account: a.Name(), Provider: r.Provider, Run: r.Reference, Scenario: r.Scenario}
	p := e.Library.Provider(r.Provider)
	m, err := p.Machine(r.Edition, r.Scenario)
	if err != nil {
		return played, err
	}
	if !m.Simulates(want.Name) { // in any state of the run
		return played, scenarios.ErrNoRule
	}
	err = tx.Retry(func() error {
		r, err := run.Find(ctx, e.Store, a.Name(), r.Provider, r.Reference)
		if err != nil {
			return err
		}
		if r == nil { // retention dropped it
			return scenarios.ErrNoRule
		}
		s := e.begin(a, p)
		before := func(rule string) {
			played.Rule = rule
			s.Log(journal.Simulate{Name: want.Name, Provider: r.Provider, Run: r.Reference, Scenario: r.Scenario, Subject: r.Subject, Rule: rule, Data: want.Data})
		}
		rule, err := s.trigger(ctx, r, scenarios.Simulate(want.Name), trigger{body: data, hasBody: true, before: before})
		if errors.Is(err, scenarios.ErrNoRule) {
			return err
		}
		if err != nil {
			s.ruleFailed(r, rule, err)
			return errors.Join(control.Invalidf("simulate %s: %w", want.Name, err), s.Commit(ctx))
		}
		if err := r.Put(s.Tx); err != nil {
			return err
		}
		return s.Commit(ctx)
	}, a.NotGone)
	if errors.Is(err, store.ErrConflict) {
		err = fmt.Errorf("account %q was reset: %w", a.Name(), store.ErrNotFound)
	}
	return played, err
}
