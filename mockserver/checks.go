package mockserver

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
)

// Checks judges receivers and providers for the control API. Package conformance/runs is it: what is judged does not know
// who judges.
type Checks interface {
	control.Checks
	// Close stops the runs under way, and returns when they have ended.
	Close()
}

// Holder is an account as checks need it: who sends the events of a provider.
type Holder struct {
	Account     string
	Seed        uint64
	Credentials map[string]string  // by name
	Endpoints   []webhook.Endpoint // where its events go: its own, or else everybody's
	Headers     []webhook.Header   // of endpoints that were registered with none
	API         string             // base URL under which its application reaches the provider; empty: it is not served
}

// Holder tells of an account with a provider, and opens it if need be. Without a name it is the account that plays what
// nobody has named one for. A provider that is not served has the credentials that it would have here.
func (e *Engine) Holder(ctx context.Context, name string, judged *openapi.Provider) (Holder, error) {
	a, err := e.account(ctx, e.somebody(name, judged.Name))
	if err != nil {
		return Holder{}, err
	}
	made := Holder{Account: a.name, Seed: a.seed, Credentials: map[string]string{}, Headers: e.headers}
	p := e.providers.of(judged.Name)
	var credentials map[string]any
	if p != nil {
		made.API = e.base(a, p)
		credentials, err = a.credentialsFor(p)
	} else {
		credentials, err = judged.Credentials(a.name, a.seed)
	}
	if err != nil {
		return made, err
	}
	for _, name := range judged.CredentialNames() {
		made.Credentials[name] = fmt.Sprint(credentials[name])
	}
	owners, err := e.own(ctx, a)
	if err != nil {
		return made, err
	}
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return made, err
		}
		for _, ep := range set.Endpoints {
			if ep.Provider == judged.Name {
				made.Endpoints = append(made.Endpoints, ep)
			}
		}
		if len(made.Endpoints) > 0 {
			break
		}
	}
	return made, nil
}

// Served is the provider of this name, or nil.
func (e *Engine) Served(name string) *openapi.Provider {
	if p := e.providers.of(name); p != nil {
		return p.Provider
	}
	return nil
}

// ProviderNames lists the providers that are served.
func (e *Engine) ProviderNames() []string { return e.names }

// Base is the URL below which a provider that is served is reached, as far as that is known without a call.
func (e *Engine) Base(provider string) string {
	root := e.self
	if set := e.public.Load(); set != nil {
		root = *set
	}
	return e.providers.of(provider).below(root)
}

// Headers are the header lines of endpoints that were registered with none.
func (e *Engine) Headers() []webhook.Header { return e.headers }

// Version is that of the server.
func (e *Engine) Version() string { return e.version }

// Tell writes into an account's journal what was done outside the engine. It opens the account if need be; the empty name
// is everybody's.
func (e *Engine) Tell(ctx context.Context, account string, what journal.Data) error {
	a, err := e.account(ctx, account)
	if err != nil {
		return err
	}
	_, err = e.store.Commit(ctx, store.Change{Entries: []store.Entry{journal.New(a.name, a.clock.Now(), time.Now(), what)}})
	return err
}

// Dial opens a connection to an application under test, where webhooks may go, too.
func (e *Engine) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	return e.sender.Dial(ctx, network, address)
}
