package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/plural"
)

type checkProviderCmd struct {
	URL      string `arg:"" optional:"" help:"Base URL of the server, without the document's paths."`
	Provider string `help:"Provider that the server implements: a built-in one, or a provider directory." env:"IDMOCK_CHECK_PROVIDER" placeholder:"NAME"`

	Key          string `help:"Valid API key, or KEY:SECRET for Basic authentication; empty uses one that idmock accepts." env:"IDMOCK_CHECK_KEY" placeholder:"KEY"`
	OtherKey     string `help:"Valid API key of another account, to check that accounts are isolated." env:"IDMOCK_CHECK_OTHER_KEY" placeholder:"KEY"`
	BadKey       string `help:"Invalid API key." env:"IDMOCK_CHECK_BAD_KEY" placeholder:"KEY"`
	ForbiddenKey string `help:"Valid API key without permissions." env:"IDMOCK_CHECK_FORBIDDEN_KEY" placeholder:"KEY"`

	Listen    string `help:"Receive the server's webhooks on this address, to check deliveries; port 0 picks a free one." env:"IDMOCK_CHECK_LISTEN" placeholder:"HOST:PORT"`
	ListenURL string `name:"listen-url" help:"Base URL of --listen as the server sees it, such as from a container. Port 0 is the port of --listen." env:"IDMOCK_CHECK_LISTEN_URL" placeholder:"URL"`

	DNS string `name:"dns" help:"Serve DNS here, with host names that resolve to forbidden addresses. The server has to use it." env:"IDMOCK_CHECK_DNS" placeholder:"HOST:PORT"`

	checkFlags
}

func (c *checkProviderCmd) target() provider.Target {
	t := provider.Target{
		URL: c.URL, Key: c.Key, OtherKey: c.OtherKey, BadKey: c.BadKey, Forbidden: c.ForbiddenKey, Listen: c.Listen, ListenURL: c.ListenURL,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Seed: c.Seed, Strict: c.Strict, Version: version,
	}
	if t.Command = t.CommandLine(c.Provider); c.DNS != "" {
		t.Command += " --dns " + c.DNS
	}
	return t
}

// Run tests the server.
func (c *checkProviderCmd) Run(ctx context.Context, s streams) error {
	t := c.target()
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	selected, err := provider.Select(t)
	if err != nil {
		return usageError(err)
	}
	if c.List {
		checks := make([]listedCheck, len(selected))
		for i, check := range selected {
			checks[i] = listedCheck{check.Check, check.Title}
		}
		return c.list(s, checks)
	}
	if c.URL == "" || c.Provider == "" {
		return untested("missing URL or --provider: idmock check provider http://127.0.0.1:8080/NAME --provider NAME")
	}
	if t.Provider, err = openNamed(c.Provider); err != nil {
		return err
	}
	if c.DNS != "" {
		if t.DNS, err = provider.ListenDNS(c.DNS); err != nil {
			return untested("--dns %s: %v", c.DNS, err)
		}
		defer t.DNS.Close()
	}
	intro := fmt.Sprintf("check %s as %s: %s, seed %d\n", redacted(c.URL), t.Provider.Title, plural.Count(len(selected), "check"), t.Seed)
	failOn, err := conformance.ParseLevel(c.FailOn)
	if err != nil {
		return untested("--fail-on: %v", err)
	}
	return c.run(s, intro, len(selected), func(result func(conformance.Result)) (*conformance.Report, error) {
		report, err := provider.Run(ctx, t, result)
		if err == nil {
			report.FailOn = failOn
		}
		if err == nil && len(report.Evidence) > 0 {
			fmt.Fprintln(s.out, strings.Join(report.Evidence, "; "))
		}
		return report, err
	})
}
