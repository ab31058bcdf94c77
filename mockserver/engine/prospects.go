package engine

import (
	"context"
	"slices"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/scenarios"
)

var _ control.Prospects = (*Engine)(nil)

// IsOpen reports whether something of a run is planned. A run that is not kept any more is not open.
func (e *Engine) IsOpen(ctx context.Context, account, provider, reference string) (bool, error) {
	runs, err := e.runsOf(ctx, account, provider, reference)
	return slices.ContainsFunc(runs, func(r *run.Run) bool { return r.Open > 0 }), err
}

// CanSend reports whether a run can still send an event other than by hand.
func (e *Engine) CanSend(ctx context.Context, account, provider, reference, event string) (bool, error) {
	runs, err := e.runsOf(ctx, account, provider, reference)
	if err != nil {
		return false, err
	}
	for _, r := range runs {
		if r.Open > 0 {
			return true, nil
		}
		p := e.Library.Provider(r.Provider)
		m, err := p.Machine(r.Edition, r.Scenario)
		if err != nil {
			return false, err
		}
		if can, err := sendsLater(p, m, event); can || err != nil {
			return can, err
		}
	}
	return false, nil
}

// runsOf finds the runs of an account with a reference: mostly one, as the references of providers differ.
func (e *Engine) runsOf(ctx context.Context, account, provider, reference string) ([]*run.Run, error) {
	var all []*run.Run
	for _, name := range e.Library.Names() {
		if provider != "" && provider != name {
			continue
		}
		r, err := run.Find(ctx, e.Store, account, name, reference)
		if err != nil {
			return nil, err
		}
		if r != nil {
			all = append(all, r)
		}
	}
	return all, nil
}

// sendsLater reports whether a rule sends an event, or with "" any, in reply to a simulation or to a request about a run that
// exists already.
func sendsLater(p *library.Provider, m *scenarios.Machine, event string) (bool, error) {
	operations, err := p.Operations()
	if err != nil {
		return false, err
	}
	var later []string
	for _, op := range operations {
		if !op.Starts() {
			later = append(later, op.ID)
		}
	}
	for _, s := range p.Simulations() {
		later = append(later, scenarios.Simulate(s.Name))
	}
	for i := range m.Rules() {
		rule := m.Rule(i)
		for _, on := range later {
			if rule.Matches(on) && sends(rule, event) {
				return true, nil
			}
		}
	}
	return false, nil
}

func sends(r *scenarios.Rule, event string) bool {
	for _, step := range r.Steps() {
		if step.Send != "" && (event == "" || event == step.Send) {
			return true
		}
	}
	return false
}

// HasTaker reports whether an endpoint of the account takes an event of a provider; "" is any provider.
func (e *Engine) HasTaker(ctx context.Context, account, provider, event string) (bool, error) {
	a, err := e.Accounts.Find(account)
	if err != nil {
		return false, err
	}
	for _, name := range e.Library.Names() {
		if provider != "" && provider != name || event != "" && e.Library.Provider(name).Event(event) == nil {
			continue
		}
		endpoints, err := e.Deliveries.Endpoints.Of(ctx, a, name)
		if err != nil {
			return false, err
		}
		for _, ep := range endpoints {
			if event == "" || ep.Wants(event) {
				return true, nil
			}
		}
	}
	return false, nil
}
