package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance/service"
	"github.com/idmock/idmock/internal/dnstest"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

type serveCmd struct {
	Addr      string            `help:"Where to listen; port 0 picks a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Webhook   map[string]string `help:"Register a webhook for every account that has none of its own." placeholder:"PROVIDER=URL"`
	Scenarios []string          `help:"Serve these scenario files, or all in these folders, beside those that ship." placeholder:"PATH" type:"path"`
	Watch     bool              `help:"Read the files of --scenarios and the folders of --provider again when they change; what has mistakes is told, and what was served before stays."`
	providerFlag
	credentialFlag
	Keys           string            `help:"Know only the keys in this file, and answer others as the provider does: lines of PROVIDER or *, a key, and perhaps forbidden." placeholder:"FILE" type:"path"`
	Seed           uint64            `help:"Make up the same people and references every time; 0 picks a seed and prints it." default:"0" placeholder:"N"`
	Rough          roughFlag         `help:"Let everything go wrong now and then, drawn from the seed; or only some of it, as in --rough=duplicates,random-5xx. There are duplicates, reordering, unknown-fields, odd-ids and random-5xx." placeholder:"WHAT"`
	RoughRate      float64           `help:"How likely each of it is each time, from 0 to 1." default:"0.1" placeholder:"RATE"`
	Start          string            `help:"Account time at which every clock begins, such as 2026-01-01T00:00:00Z; empty is the present." placeholder:"TIME"`
	Frozen         bool              `help:"Let every clock stand where it begins until it is advanced or unfrozen; with --seed and --start, equal calls then leave equal journals."`
	Targets        string            `help:"Where webhooks may go: local also reaches this machine and private networks, strict is like the real providers." enum:"local,strict" default:"local"`
	Resolver       string            `help:"Ask this DNS server for the names in webhook URLs, instead of the system's." placeholder:"HOST:PORT"`
	WebhookRewrite map[string]string `help:"Send what is registered for one host, or host and port, to another: localhost=host.docker.internal. The request's Host stays. With whole URLs, what begins so begins otherwise. A host may be led to a local address where targets are strict, too." placeholder:"FROM=TO"`
	SourceAddress  map[string]string `help:"Let a provider's webhooks come from this address of the machine, such as 127.0.0.2, to test the allow-list of an app." placeholder:"PROVIDER=ADDRESS"`
	PublicURL      string            `name:"public-url" help:"Base URL that the server prints where it tells addresses of its own; empty: learnt from each request." placeholder:"URL"`
	ControlToken   string            `help:"Ask whoever uses the page or the control API for this token: the page by a login, scripts by Authorization: Bearer. At least 8 characters." placeholder:"TOKEN"`
	AllowedHosts   []string          `help:"Further host names under which the page and the control API may be opened." placeholder:"HOST"`
	JournalBytes   int64             `help:"Memory for the journal; 0 is 24 MiB." default:"0" placeholder:"BYTES"`
	JournalEntries int               `help:"Entries the journal keeps; 0 is 20000." default:"0" placeholder:"N"`
	DrainTimeout   time.Duration     `help:"How long deliveries under way get when the server is told to stop." default:"5s"`
	LogFormat      string            `help:"How to log." enum:"text,json" default:"text"`
	LogLevel       string            `help:"What to log; debug is everything." enum:"debug,info,warn,error" default:"info"`
	Hosts          bool              `help:"Serve the providers' real host names over TLS, too, with certificates of a local authority: see idmock ca."`
	HostsAddr      string            `help:"Where to listen for the real host names; port 0 picks a free one." default:"127.0.0.1:443" placeholder:"HOST:PORT"`
	dataFlag
}

// Run serves until the context ends. Once calls are accepted it prints one line that scripts can wait for.
func (c *serveCmd) Run(e env) error {
	var before map[string]string
	if c.Watch {
		if len(c.watched()) == 0 {
			return verdict{exitUntested, "--watch: there is nothing to watch: name files or folders with --scenarios or --provider"}
		}
		before = fingerprints(c.watched())
	}
	providers, err := c.open()
	if err != nil {
		return err
	}
	credentials, err := c.byProvider()
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	headers, err := c.headers()
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	config := mockserver.Config{
		WebhookHeaders: headers, Sources: c.SourceAddress,
		Addr: c.Addr, Providers: providers, Webhooks: c.Webhook, Credentials: credentials, Seed: c.Seed, StrictTargets: c.Targets == "strict",
		AllowedHosts: c.AllowedHosts, ControlToken: c.ControlToken, DrainTimeout: c.DrainTimeout, Version: version, PublicURL: c.PublicURL, Logger: e.logger(c.LogFormat, c.LogLevel),
		Checks: service.New,
		Frozen: c.Frozen, Retention: store.Retention{Entries: c.JournalEntries, EntryBytes: c.JournalBytes},
	}
	if c.ControlToken != "" && len(c.ControlToken) < 8 {
		return verdict{exitUntested, "--control-token is too short: give one of at least 8 characters"}
	}
	if c.Start != "" {
		if config.Start, err = time.Parse(time.RFC3339, c.Start); err != nil {
			return verdict{exitUntested, fmt.Sprintf("--start %q is no time: write it as 2026-01-01T00:00:00Z", c.Start)}
		}
	}
	if config.Rewrites, err = webhook.ParseRewrites(c.WebhookRewrite); err != nil {
		return verdict{exitUntested, "--webhook-rewrite " + err.Error()}
	}
	if c.Resolver != "" {
		if _, _, err := net.SplitHostPort(c.Resolver); err != nil {
			return verdict{exitUntested, fmt.Sprintf("--resolver %q is no address: write it as 127.0.0.1:53", c.Resolver)}
		}
		config.Resolver = dnstest.Resolver(c.Resolver)
	}
	if config.Keys, err = c.keys(providers); err != nil {
		return err
	}
	if config.Scenarios, err = c.parse(providers); err != nil {
		return err
	}
	if c.Hosts {
		a, err := c.authority(providers)
		if err != nil {
			return err
		}
		config.HostsAddr, config.Certificate = c.HostsAddr, a.Certificate
		for _, host := range realHosts(providers) {
			if !a.Covers(host) {
				config.Logger.Warn("the local certificate authority was made before this host was known: make a new one with idmock ca --new", "host", host)
			}
		}
	}
	if config.Rough, err = c.Rough.config(c.RoughRate); err != nil {
		return verdict{exitUntested, err.Error()}
	}
	server, err := listen(config)
	if err != nil {
		return err
	}
	for _, name := range c.replaced() {
		config.Logger.Info("the folder takes the place of the provider that ships", "provider", name)
	}
	config.Logger.Info("serving", "url", server.URL(), "version", version, "seed", server.Engine().Seed())
	if what, rate := server.Engine().Rough(); len(what) > 0 {
		config.Logger.Info("rough", "nuisances", strings.Join(what, ","), "rate", rate, "seed", server.Engine().Seed())
	}
	if addr := server.HostsAddr(); addr != nil {
		fmt.Fprintf(e.stdout, "hosts %s\n", addr)
	}
	end, err := c.watch(e.ctx, before, server.Engine(), config.Logger)
	if err != nil {
		return errors.Join(err, server.Stop(e.ctx))
	}
	fmt.Fprintf(e.stdout, "ready %s\n", server.URL())
	err = errors.Join(server.Run(e.ctx), end())
	if errors.Is(err, context.DeadlineExceeded) {
		return verdict{exitWrong, err.Error() + ": allow them more with --drain-timeout"}
	}
	return err
}

// parse reads the scenario files that the server is given. Their mistakes are the user's to mend.
func (c *serveCmd) parse(providers []*openapi.Provider) ([]*scenarios.Scenario, error) {
	files, err := readScenarios(c.Scenarios)
	if err != nil {
		return nil, verdict{exitUntested, err.Error()}
	}
	var all []*scenarios.Scenario
	var problems scenarios.Problems
	for _, f := range files {
		s, err := library.Lint(providers, f.name, f.src)
		if err := collect(&problems, err); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	if err := problems.Err(); err != nil {
		return nil, verdict{exitUntested, err.Error()}
	}
	return all, nil
}
