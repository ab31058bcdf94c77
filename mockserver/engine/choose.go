package engine

import (
	"context"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// choice is the run and the scenario that a request plays.
type choice struct {
	run     *run.Run // nil where the request is about a run that does not exist
	machine *scenarios.Machine
	before  jsontext.Value // the run's state; nil for a new run
}

// choose finds the run that a request is about, or makes one. A request that is about no run gets one that is not kept.
func (q *request) choose(ctx context.Context) (choice, error) {
	l, err := q.engine.Library.Of(q.Account(), q.provider)
	if err != nil {
		return choice{}, err
	}
	if _, finds := q.call.Operation.Finds(); finds {
		return q.chooseForRun(ctx, l)
	}
	m, err := q.chosen(ctx, l, "")
	if m == nil && err == nil {
		if m = l.Magic(q.scope); m == nil {
			m, err = q.defaultScenario(ctx, l)
		}
	}
	if err != nil {
		return choice{}, err
	}
	r := q.newRun(m, q.call.Operation.ID, q.call.Subject)
	if q.call.Operation.Starts() {
		if err := q.refer(ctx, q.call.Operation, r, q.scope); err != nil {
			return choice{}, err
		}
		if err := r.Remember(q.call.Body); err != nil {
			return choice{}, err
		}
	}
	q.scope.Run = r.Values()
	return choice{run: r, machine: m}, nil
}

// chooseForRun chooses for a request that names a run. The run's scenario plays, unless another was chosen that has a rule
// of its own for the operation. Such a scenario plays where there is no run, too, with one that is not kept; and where
// the provider has no response of its own for that, any scenario plays.
func (q *request) chooseForRun(ctx context.Context, l *scenarios.Library) (choice, error) {
	op := q.call.Operation
	r, err := run.FindFor(ctx, q, q.Account(), q.provider.Provider, q.call)
	if err != nil {
		return choice{}, err
	}
	own := ""
	if r != nil {
		own = r.Scenario
	}
	m, err := q.chosen(ctx, l, own)
	if err != nil {
		return choice{}, err
	}
	if r == nil {
		return q.chooseWithoutRun(ctx, l, m)
	}
	if m == nil || m.Scenario.Name == own || !m.Has(op.ID) { // it goes on as it began
		if m, err = q.machine(r, own); err != nil {
			return choice{}, err
		}
	}
	before, err := r.StateJSON()
	q.scope.Run, q.scope.Subject = r.Values(), r.Subject
	q.scope.Fake, q.scope.Person = nil, run.Person(q.account, r.Subject)
	return choice{r, m, before}, err
}

func (q *request) chooseWithoutRun(ctx context.Context, l *scenarios.Library, m *scenarios.Machine) (choice, error) {
	op := q.call.Operation
	if m == nil {
		m = l.Magic(q.scope)
	}
	missing, _ := op.Finds()
	if missing == "" && m == nil {
		var err error
		if m, err = q.defaultScenario(ctx, l); err != nil {
			return choice{}, err
		}
	}
	if m == nil || missing != "" && !m.Has(op.ID) {
		return choice{}, nil
	}
	r := q.newRun(m, op.ID, q.call.Subject)
	q.scope.Run = r.Values()
	return choice{run: r, machine: m}, nil
}

// chosen returns the scenario that was chosen by name: the one the request names, or a pending one, which it counts. It is
// nil where there is none. own is the scenario of the run that the request is about; empty where there is no run yet.
func (q *request) chosen(ctx context.Context, l *scenarios.Library, own string) (*scenarios.Machine, error) {
	if q.in.Scenario != "" {
		m, err := l.Machine(q.in.Scenario)
		if err != nil {
			return nil, &openapi.Error{Kind: openapi.Invalid, Field: ScenarioHeader, Message: ScenarioHeader + ": " + err.Error()}
		}
		return m, nil
	}
	op := q.call.Operation
	// A pending scenario is for every request that starts a run, and for any other that it has a rule of its own for.
	takes := func(name string) (bool, error) {
		m, err := l.Machine(name)
		return err == nil && (op.Starts() || name != own && m.Has(op.ID)), err
	}
	target := account.Target{Provider: q.provider.Name, Subject: q.call.Subject}
	pending, ok, err := q.engine.Accounts.NextPending(ctx, q.Tx, q.account, target, takes)
	if err != nil || !ok {
		return nil, err
	}
	pending.Use(q.Tx)
	return l.Machine(pending.Scenario)
}

// defaultScenario returns the scenario that plays where nothing else was chosen: the account's default, the default
// account's, or the provider's own.
func (q *request) defaultScenario(ctx context.Context, l *scenarios.Library) (*scenarios.Machine, error) {
	layers, err := q.engine.Accounts.Layers(ctx, q.Tx, q.account)
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		if name := layer.Defaults[q.provider.Name]; name != "" {
			return l.Machine(name)
		}
	}
	return l.Machine(scenarios.Default)
}
