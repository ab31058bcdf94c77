package main

import (
	"fmt"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/internal/fake"
)

type checkProviderCmd struct {
	URL      string `arg:"" optional:"" help:"The base URL, to which the paths of the document are added."`
	Provider string `help:"Whom it claims to be: a provider that ships, or the folder of one." env:"IDMOCK_CHECK_PROVIDER" placeholder:"NAME"`

	Key          string `help:"A key that the server knows; KEY:SECRET where the provider takes Basic. Without it, one that a mock takes." env:"IDMOCK_CHECK_KEY" placeholder:"KEY"`
	OtherKey     string `help:"A key of somebody else, who must not see what belongs to the first." env:"IDMOCK_CHECK_OTHER_KEY" placeholder:"KEY"`
	BadKey       string `help:"A key that nobody has." env:"IDMOCK_CHECK_BAD_KEY" placeholder:"KEY"`
	ForbiddenKey string `help:"A key that is known and may do nothing." env:"IDMOCK_CHECK_FORBIDDEN_KEY" placeholder:"KEY"`

	Listen    string `help:"Take the server's webhooks here, to judge how it sends; port 0 picks a free one." env:"IDMOCK_CHECK_LISTEN" placeholder:"HOST:PORT"`
	ListenURL string `name:"listen-url" help:"The base URL under which the server reaches that address, where that is a name, another machine's or a container's; its port 0 is the address's." env:"IDMOCK_CHECK_LISTEN_URL" placeholder:"URL"`

	DNS string `name:"dns" help:"Answer here for names that lead where no webhook may go, to judge what becomes of them: the server has to ask here." env:"IDMOCK_CHECK_DNS" placeholder:"HOST:PORT"`

	checkFlags
}

func (c *checkProviderCmd) target() provider.Target {
	t := provider.Target{URL: c.URL, Key: c.Key, OtherKey: c.OtherKey, BadKey: c.BadKey, Forbidden: c.ForbiddenKey, Listen: c.Listen, ListenURL: c.ListenURL, Only: c.Only, Skip: c.Skip, Core: c.Core,
		Seed: c.Seed, Strict: c.Strict, Version: version}
	t.Command = t.CommandLine(c.Provider)
	if c.DNS != "" {
		t.Command += " --dns " + c.DNS
	}
	return t
}

// Run judges the provider. It ends 0 if it is right, 1 if not, 2 if that could not be found out.
func (c *checkProviderCmd) Run(e env) error {
	t := c.target()
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	chosen, err := provider.Select(t)
	if err != nil {
		return usage(err)
	}
	if c.List {
		var all []listed
		for _, check := range chosen {
			all = append(all, listed{check.Check, check.Title})
		}
		return c.list(e, all)
	}
	if c.URL == "" || c.Provider == "" {
		return verdict{exitUntested, "want the server's URL and --provider: idmock check provider http://127.0.0.1:8080/NAME --provider NAME"}
	}
	if t.Provider, err = profile(c.Provider); err != nil {
		return err
	}
	if c.DNS != "" {
		if t.DNS, err = provider.ListenDNS(c.DNS); err != nil {
			return verdict{exitUntested, fmt.Sprintf("--dns %s: %v", c.DNS, err)}
		}
		defer t.DNS.Close()
	}
	intro := fmt.Sprintf("check %s as %s: %s, seed %d\n", without(c.URL), t.Provider.Title, count(len(chosen), "check"), t.Seed)
	return c.judge(e, intro, len(chosen), func(tell func(conformance.Result)) (*conformance.Report, error) {
		report, err := provider.Run(e.ctx, t, tell)
		if err == nil && len(report.Evidence) > 0 {
			fmt.Fprintln(e.stdout, strings.Join(report.Evidence, "; "))
		}
		return report, err
	})
}
