package mockserver

import (
	"context"
	"net"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Engine offers callers in the same process more than the control API: reloading files, and the needs of checks.
type Engine struct{ core *core }

// Version is the server's.
func (e *Engine) Version() string { return e.core.config.Version }

// Seed is the source of everything that is generated.
func (e *Engine) Seed() uint64 { return e.core.config.Seed }

// Rough lists the random faults and the probability of each; no names if there are none.
func (e *Engine) Rough() (nuisances []string, rate float64) {
	return e.core.random.Names(), e.core.random.Rate()
}

// ProviderNames lists the providers that are served.
func (e *Engine) ProviderNames() []string { return e.core.library.Names() }

// Provider returns a provider that is served, or nil.
func (e *Engine) Provider(name string) *openapi.Provider {
	if p := e.core.library.Provider(name); p != nil {
		return p.Provider
	}
	return nil
}

// BaseURL is the base URL of a provider that is served, as far as it is known without a request.
func (e *Engine) BaseURL(provider string) string {
	return e.core.accounts.BaseURL(e.core.library.Provider(provider).Provider)
}

// DefaultHeaders are the headers of endpoints that were registered without any.
func (e *Engine) DefaultHeaders() []webhook.Header {
	return e.core.deliveries.Endpoints.DefaultHeaders()
}

// ReplaceScenarios gives an account, or every account for the empty name, scenarios in place of those that the same source
// gave before, without interrupting requests; see [library.Uploads.ReplaceScenarios].
func (e *Engine) ReplaceScenarios(ctx context.Context, account, source string, all []*scenarios.Scenario) error {
	return e.core.uploads.ReplaceScenarios(ctx, account, source, all)
}

// RefuseScenarios logs that a source gave files with errors, which are not taken.
func (e *Engine) RefuseScenarios(ctx context.Context, account, source string, reason error) error {
	return e.core.uploads.RefuseScenarios(ctx, account, source, reason)
}

// ReplaceProvider serves a provider as its directory is now, without interrupting requests; see
// [library.Uploads.ReplaceProvider].
func (e *Engine) ReplaceProvider(ctx context.Context, p *openapi.Provider) error {
	if e.Provider(p.Name) == nil {
		return control.Invalidf("unknown provider %q, use one of %v", p.Name, e.ProviderNames())
	}
	if err := e.core.scripts.serve(p, e.Version(), e.core.sdk()); err != nil {
		return err
	}
	return e.core.uploads.ReplaceProvider(ctx, p)
}

// Log adds an entry to an account's journal. It opens the account; the empty name is the default
// account.
func (e *Engine) Log(ctx context.Context, account string, what journal.Data) error {
	return e.core.accounts.Log(ctx, account, what)
}

// Dial opens a connection to an application under test, where webhooks may go.
func (e *Engine) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return e.core.deliveries.Dial(ctx, network, address)
}

// Tenant is an account as checks need it: the sender of a provider's events.
type Tenant struct {
	Account     string
	Seed        uint64
	Credentials map[string]string  // by name
	Endpoints   []webhook.Endpoint // where its events go: its own, or else the default account's
	Headers     []webhook.Header   // of endpoints that were registered without any
	API         string             // base URL of the provider for its application; empty: it is not served
}

// Tenant describes an account with a provider, which need not be served, and opens it. Without a name it is the account of
// actions by hand.
func (e *Engine) Tenant(ctx context.Context, name string, p *openapi.Provider) (Tenant, error) {
	served := e.Provider(p.Name)
	a, err := e.core.accounts.Open(ctx, e.core.accounts.Caller(name, served))
	if err != nil {
		return Tenant{}, err
	}
	t := Tenant{Account: a.Name(), Seed: a.Seed(), Headers: e.DefaultHeaders()}
	if served != nil {
		t.API = a.BaseURL(served, "")
		t.Credentials, err = credentials(a, served)
	} else {
		var values map[string]any
		values, err = p.Credentials(a.Name(), a.Seed())
		t.Credentials = named(p, values)
	}
	if err != nil {
		return t, err
	}
	t.Endpoints, err = e.core.deliveries.Endpoints.Of(ctx, a, p.Name)
	return t, err
}

// Checks tests receivers and providers for the control API. Package conformance/service implements it, so that the server
// does not depend on its tests.
type Checks interface {
	control.Checks
	// Close stops the runs under way, and returns when they have ended.
	Close()
}
