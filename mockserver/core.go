package mockserver

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/scheduler"
	"github.com/idmock/idmock/mockserver/webhook"
)

// core is a server without listeners.
type core struct {
	config     Config // with defaults
	accounts   *account.Accounts
	library    *library.Library
	uploads    *library.Uploads
	random     *faults.Random
	deliveries *delivery.Service
	engine     *engine.Engine
	scheduler  *scheduler.Scheduler
	sender     *webhook.Sender
	scripts    scripts
}

// newCore wires the packages together. config has its defaults.
func newCore(config Config) (*core, error) {
	c := &core{config: config}
	if err := config.checkProviders(); err != nil {
		return nil, err
	}
	sources, err := config.sources()
	if err != nil {
		return nil, err
	}
	if config.Rough != nil {
		if c.random, err = faults.NewRandom(config.Rough.Nuisances, config.Rough.Rate); err != nil {
			return nil, err
		}
	}
	if c.library, err = library.New(config.Providers, config.Scenarios); err != nil {
		return nil, err
	}
	c.accounts, err = account.New(context.Background(), account.Config{Store: config.Store, Seed: config.Seed, NewClock: config.newClock(),
		Credentials: config.Credentials, Keys: config.Keys, Max: config.MaxAccounts, Random: c.random.Entry(config.Seed)})
	if err != nil {
		return nil, err
	}
	if err := c.accounts.SetPublicURL(context.Background(), config.PublicURL); err != nil {
		return nil, fmt.Errorf("public URL: %w", err)
	}
	c.uploads = library.NewUploads(c.library, c.accounts)
	if account.IsLasting(config.Store) {
		c.library.NumberEditions()
		if err := c.uploads.Share(context.Background(), config.Store); err != nil {
			return nil, err
		}
	}
	targets := webhook.Policy{Strict: config.StrictTargets}
	c.sender = webhook.NewSender(targets, "idmock/"+config.Version)
	c.sender.Rewrites, c.sender.Resolver, c.sender.Connect = config.Rewrites, config.Resolver, config.Connect
	injector := faults.New(c.accounts, c.library, c.random, config.FaultBytes)
	c.deliveries = delivery.New(delivery.Config{Store: config.Store, Accounts: c.accounts, Library: c.library, Faults: injector,
		Endpoints: delivery.NewEndpoints(c.accounts, c.library, config.WebhookHeaders, sources, targets),
		Sender:    c.sender, Responses: &delivery.Responses{}, Logger: config.Logger})
	c.engine = engine.New(engine.Config{Store: config.Store, Accounts: c.accounts, Library: c.library, Faults: injector,
		Deliveries: c.deliveries, Logger: config.Logger, Strict: config.StrictRequests})
	c.scheduler = scheduler.New(scheduler.Config{Store: config.Store, Accounts: c.accounts, Engine: c.engine,
		Deliveries: c.deliveries, Logger: config.Logger})
	c.scripts.check, c.scripts.pass = c.guard().Helper, rand.Text()
	for _, p := range config.Providers {
		if err := c.scripts.serve(p, config.Version, c.sdk()); err != nil {
			return nil, err
		}
	}
	return c, c.registerWebhooks()
}

// guard protects the server from pages of other sites.
func (c *core) guard() access.Guard {
	return access.Guard{AllowedHosts: c.config.AllowedHosts, ProviderHost: func(host string) bool {
		return slices.ContainsFunc(c.library.Names(), func(name string) bool { return c.library.Provider(name).OwnsHost(host) })
	}}
}

// registerWebhooks registers the endpoints of the configuration.
func (c *core) registerWebhooks() error {
	for provider, url := range c.config.Webhooks {
		ep := webhook.Endpoint{Provider: provider, URL: url, Source: account.SourceFlag}
		if _, err := c.deliveries.Endpoints.SetEndpoint(context.Background(), ep); err != nil {
			return fmt.Errorf("webhook %s: %w", provider, err)
		}
	}
	return nil
}
