package engine

import (
	"context"
	"log/slog"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/wallet"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Config configures an engine. All fields but the switches are required.
type Config struct {
	Store      store.Store
	Accounts   *account.Accounts
	Library    *library.Library
	Faults     *faults.Injector
	Deliveries *delivery.Service
	Logger     *slog.Logger

	// Strict refuses requests that no page of the provider allows, see [openapi.Provider.MatchStrict].
	Strict bool
}

// Engine plays scenarios. It is safe for concurrent use.
type Engine struct{ Config }

// New returns an engine, and has deliveries call it.
func New(c Config) *Engine {
	e := &Engine{c}
	c.Deliveries.SetRuns(e)
	return e
}

// find returns a provider, and a scenario of it that an account can play. The error is control.ErrInvalid if there is none.
func (e *Engine) find(name, provider, scenario string) (*library.Provider, *scenarios.Machine, error) {
	p, err := e.Library.Find(provider)
	if err != nil {
		return nil, nil, err
	}
	if err := account.Refresh(context.Background(), e.Accounts, name); err != nil {
		return nil, nil, err
	}
	l, err := e.Library.Of(name, p)
	if err != nil {
		return nil, nil, err
	}
	m, err := l.Machine(scenario)
	return p, m, invalid(err)
}

// step is one step of an account's runs: a unit of work with the run's account, provider and timelines.
type step struct {
	*tx.Tx
	engine   *Engine
	account  *account.Account
	provider *library.Provider
	timeline timeline
	wallet   *wallet.Wallet // that the step began with; nil: not read, or nothing is paid
}

// begin returns a step. provider is that of its run.
func (e *Engine) begin(a *account.Account, p *library.Provider) *step {
	return e.stepOf(a, p, a.Begin(a.Now()))
}

func (e *Engine) stepOf(a *account.Account, p *library.Provider, t *tx.Tx) *step {
	return &step{Tx: t, engine: e, account: a, provider: p}
}

// machine returns a scenario of a run: the one that is named, in the run's edition unless the name has another.
func (s *step) machine(r *run.Run, named string) (*scenarios.Machine, error) {
	name, edition, err := parseOther(named, r.Edition)
	if err != nil {
		return nil, err
	}
	return s.provider.Machine(edition, name)
}

// scope returns the scope of a run's expressions without a request.
func (s *step) scope(r *run.Run) (*template.Scope, error) {
	return r.Scope(s.account, s.provider.Provider, s.Now)
}

// newRun returns a run of a scenario that was not stored yet.
func (s *step) newRun(m *scenarios.Machine, operation, subject string) *run.Run {
	r := runOf(s, m, operation, subject)
	return &r
}

func runOf(s *step, m *scenarios.Machine, operation, subject string) run.Run {
	return run.Run{Provider: s.provider.Name, Operation: operation, Scenario: m.Scenario.Name, Edition: m.Edition,
		Subject: subject, Started: s.Now, Order: s.account.Order()}
}

// refer gives a new run its reference: the provider's own, or a UUID. Two runs cannot have one reference. The scope has
// the run's values afterwards only if the caller sets them.
func (s *step) refer(ctx context.Context, op *openapi.Operation, r *run.Run, scope *template.Scope) error {
	r.Reference = s.account.UUID(s.provider.Name)
	r.Order = s.account.Order()
	if op.RefersRuns() {
		scope.Run = r.Values()
	}
	reference, err := op.Reference(scope)
	if err == nil && reference == "" {
		r.Reference = s.engine.Faults.OddReference(s.account, r.Reference)
	}
	if err != nil || reference == "" {
		return err
	}
	r.Reference = reference
	have, err := run.Find(ctx, s, s.Account(), s.provider.Name, reference)
	if err == nil && have != nil {
		err = &openapi.Error{Kind: openapi.Invalid, Field: "reference", Message: "reference: duplicate " + reference}
	}
	return err
}
