package mockserver

import (
	"context"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// find finds the run that a call is about. The run's scenario plays, unless another was chosen that has a rule of its own
// for the operation. Such a one plays where there is no run, too, with one that is not kept; and where the provider has no
// answer of its own for that, any plays.
func (s *step) find(ctx context.Context, p *provider, library *scenarios.Library, c *openapi.Call, in Incoming, scope *template.Scope) (*run, *scenarios.Machine, jsontext.Value, error) {
	r, err := s.engine.findNamed(ctx, s.account, p, c)
	if err != nil {
		return nil, nil, nil, err
	}
	own := ""
	if r != nil {
		own = r.Scenario
	}
	m, err := s.chosen(ctx, p, library, c, in, own)
	if err != nil {
		return nil, nil, nil, err
	}
	if r != nil && m != nil && m.Scenario.Name == own { // which goes on as it began
		m = nil
	}
	if r == nil {
		if m == nil {
			m = library.Magic(scope)
		}
		missing, _ := c.Operation.Finds()
		if missing == "" && m == nil {
			if m, err = s.ordinary(ctx, p, library); err != nil {
				return nil, nil, nil, err
			}
		}
		if m == nil || missing != "" && !m.Has(c.Operation.ID) {
			return nil, nil, nil, nil
		}
		r = &run{Provider: p.Name, Operation: c.Operation.ID, Scenario: m.Scenario.Name, Edition: m.Edition, Subject: c.Subject, Started: s.now}
		scope.Run = r.values()
		return r, m, nil, nil
	}
	if m == nil || !m.Has(c.Operation.ID) {
		if m, err = s.engine.machine(r, own); err != nil {
			return nil, nil, nil, err
		}
	}
	before, err := json.Marshal(r.State.Set, json.Deterministic(true))
	scope.Run, scope.Subject = r.values(), r.Subject
	scope.Fake = fake.New(fake.Seed(s.account.seed, "subject", r.Subject))
	return r, m, before, err
}

// chosen returns the scenario that was chosen by name: the one the call names, or one that is armed for it. It is nil
// where there is none. own is the scenario of the run that the call is about, empty where there is no run yet.
func (s *step) chosen(ctx context.Context, p *provider, library *scenarios.Library, c *openapi.Call, in Incoming, own string) (*scenarios.Machine, error) {
	if in.Scenario != "" {
		m, err := library.Machine(in.Scenario)
		if err != nil {
			return nil, &openapi.Error{Kind: openapi.Invalid, Field: ScenarioHeader, Message: ScenarioHeader + ": " + err.Error()}
		}
		return m, nil
	}
	return s.armed(ctx, p, library, c, own)
}

// armed returns the scenario that was armed for this call, and counts it down in the same change. It is for every call
// that starts a run, and for any other that it has a rule of its own for.
func (s *step) armed(ctx context.Context, p *provider, library *scenarios.Library, c *openapi.Call, own string) (*scenarios.Machine, error) {
	owners, err := s.engine.own(ctx, s.account)
	if err != nil {
		return nil, err
	}
	m, count, err := s.engine.armedFor(ctx, owners, library, whom{p.Name, c.Subject}, func(m *scenarios.Machine) bool {
		return c.Operation.Starts() || m.Scenario.Name != own && m.Has(c.Operation.ID)
	})
	if count.Key != "" {
		s.change.Docs = append(s.change.Docs, store.Doc{Key: count.Key, Rev: count.Rev, Data: strconv.AppendInt(nil, int64(played(count))+1, 10)})
	}
	return m, err
}
