package mockserver

import (
	"cmp"
	"context"
	"maps"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/scenarios"
)

// Defaults tells which scenarios an account, or everybody, plays where nothing else was chosen, by provider. Where there
// is none it is the provider's own.
func (e *Engine) Defaults(ctx context.Context, name string) (map[string]string, error) {
	a, err := e.account(ctx, name)
	if err != nil {
		return nil, err
	}
	set, err := e.settingsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	maps.Copy(all, set.Defaults)
	return all, nil
}

// SetDefault says which scenario plays where a call chooses none, none is armed for it and it holds no magic value. An
// empty scenario leaves that to everybody's default again, or to the provider's own. A call about a run still plays the
// run's scenario.
func (e *Engine) SetDefault(ctx context.Context, want control.DefaultRequest) error {
	if _, _, err := e.find(ctx, want.Account, want.Provider, cmp.Or(want.Scenario, scenarios.Default)); err != nil {
		return err
	}
	a, err := e.account(ctx, want.Account)
	if err != nil {
		return err
	}
	return e.change(ctx, a, func(s *settings) (journal.Data, error) {
		switch {
		case want.Scenario == "":
			delete(s.Defaults, want.Provider)
		case s.Defaults == nil:
			s.Defaults = map[string]string{want.Provider: want.Scenario}
		default:
			s.Defaults[want.Provider] = want.Scenario
		}
		return journal.Armed{Scenario: want.Scenario, Provider: want.Provider, Default: true}, nil
	})
}

// ordinary returns the scenario that plays where nothing else was chosen: the account's default, everybody's, or the
// provider's own.
func (s *step) ordinary(ctx context.Context, p *provider, library *scenarios.Library) (*scenarios.Machine, error) {
	owners, err := s.engine.own(ctx, s.account)
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		set, err := s.engine.settingsOf(ctx, owner)
		if err != nil {
			return nil, err
		}
		if name := set.Defaults[p.Name]; name != "" {
			return library.Machine(name)
		}
	}
	return library.Machine(scenarios.Default)
}
