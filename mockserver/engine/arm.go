package engine

import (
	"cmp"
	"context"
	"maps"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/scenarios"
)

// invalid makes an error control.ErrInvalid.
func invalid(err error) error {
	if err == nil {
		return nil
	}
	return control.Invalidf("%w", err)
}

// Arm has requests to come play a scenario.
func (e *Engine) Arm(ctx context.Context, want control.ArmRequest) error {
	if _, _, err := e.find(want.Account, want.Provider, want.Scenario); err != nil {
		return err
	}
	a, err := e.Accounts.Open(ctx, want.Account)
	if err != nil {
		return err
	}
	return e.Accounts.AddPending(ctx, a, account.PendingScenario{Provider: want.Provider, Scenario: want.Scenario, Subject: want.Subject, Requests: want.Calls})
}

// Defaults returns the default scenarios that are set for an account, by provider. Where there is none it is the default
// account's, or the provider's own.
func (e *Engine) Defaults(ctx context.Context, name string) (map[string]string, error) {
	a, err := e.Accounts.Find(name)
	if err != nil {
		return nil, err
	}
	set, err := e.Accounts.Settings(ctx, a)
	if err != nil {
		return nil, err
	}
	all := map[string]string{}
	maps.Copy(all, set.Defaults)
	return all, nil
}

// SetDefault sets the scenario that plays where a request chooses none, none is pending for it and it has no magic value.
// An empty scenario removes the setting. A request about a run still plays the run's scenario.
func (e *Engine) SetDefault(ctx context.Context, want control.DefaultRequest) error {
	if _, _, err := e.find(want.Account, want.Provider, cmp.Or(want.Scenario, scenarios.Default)); err != nil {
		return err
	}
	a, err := e.Accounts.Open(ctx, want.Account)
	if err != nil {
		return err
	}
	return e.Accounts.Change(ctx, a, func(s *account.Settings) (journal.Data, error) {
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
