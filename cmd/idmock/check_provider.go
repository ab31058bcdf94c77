package main

import (
	"errors"
	"fmt"
	"os"
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

	Only    []string `name:"run" help:"Make only the checks that fit, such as error/*." env:"IDMOCK_CHECK_RUN" placeholder:"GLOB"`
	Skip    []string `help:"Leave out the checks that fit." env:"IDMOCK_CHECK_SKIP" placeholder:"GLOB"`
	Core    bool     `help:"Make only the core of the checks." env:"IDMOCK_CHECK_CORE"`
	List    bool     `help:"List the checks instead of making them." env:"-"`
	Strict  bool     `help:"Let warnings and missing evidence count as failures." env:"IDMOCK_CHECK_STRICT"`
	Waivers string   `help:"Known failures: a YAML list of id, verdict and reason. One that does not fail any more fails the run." env:"IDMOCK_CHECK_WAIVERS" placeholder:"FILE"`
	Seed    uint64   `help:"What is made up; 0 picks one and prints it." env:"IDMOCK_CHECK_SEED" default:"0" placeholder:"N"`
	reportFlag
	Verbose bool `help:"Tell the whole story of every failure." env:"IDMOCK_CHECK_VERBOSE"`
}

func (c *checkProviderCmd) target() provider.Target {
	return provider.Target{URL: c.URL, Key: c.Key, OtherKey: c.OtherKey, BadKey: c.BadKey, Forbidden: c.ForbiddenKey, Listen: c.Listen, ListenURL: c.ListenURL, Only: c.Only, Skip: c.Skip, Core: c.Core,
		Seed: c.Seed, Strict: c.Strict, Version: version, Command: c.again()}
}

// again is this command without what chooses the checks. Keys are named and not told: a report may be published.
func (c *checkProviderCmd) again() string {
	words := []string{"idmock check provider", c.URL, "--provider", c.Provider}
	for _, key := range []struct{ name, value string }{{"key", c.Key}, {"other-key", c.OtherKey}, {"bad-key", c.BadKey}, {"forbidden-key", c.ForbiddenKey}} {
		if key.value != "" {
			words = append(words, "--"+key.name, "…")
		}
	}
	if c.Listen != "" {
		words = append(words, "--listen", c.Listen)
	}
	if c.ListenURL != "" {
		words = append(words, "--listen-url", c.ListenURL)
	}
	if c.DNS != "" {
		words = append(words, "--dns", c.DNS)
	}
	return strings.Join(words, " ")
}

// Run judges the provider. It ends 0 if it is right, 1 if not, 2 if that could not be found out.
func (c *checkProviderCmd) Run(e env) error {
	t := c.target()
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	chosen, err := provider.Select(t)
	if err != nil {
		return usageOf(err, provider.ErrUsage)
	}
	if c.List {
		for _, check := range chosen {
			core := " "
			if check.Core {
				core = "*"
			}
			fmt.Fprintf(e.stdout, "%s %-24s %-6s %s\n", core, check.ID, check.Level, check.Title)
		}
		fmt.Fprintf(e.stdout, "%s; * are the core\n", count(len(chosen), "check"))
		return nil
	}
	if c.URL == "" || c.Provider == "" {
		return verdict{exitUntested, "want the server's URL and --provider: idmock check provider http://127.0.0.1:8080/NAME --provider NAME"}
	}
	if err := c.reportFlag.check(); err != nil {
		return err
	}
	waivers, err := readWaivers(c.Waivers)
	if err != nil {
		return err
	}
	if t.Provider, err = profile(c.Provider); err != nil {
		return err
	}
	if c.DNS != "" {
		if t.Names, err = provider.ListenNames(c.DNS); err != nil {
			return verdict{exitUntested, fmt.Sprintf("--dns %s: %v", c.DNS, err)}
		}
		defer t.Names.Close()
	}
	console := &conformance.Console{W: e.stdout, Live: terminal(e.stdout), Total: len(chosen), All: c.Verbose}
	console.Color = console.Live && os.Getenv("NO_COLOR") == ""
	fmt.Fprintf(e.stdout, "check %s as %s: %s, seed %d\n", c.URL, t.Provider.Title, count(len(chosen), "check"), t.Seed)
	report, err := provider.Run(e.ctx, t, console.Tell)
	if err != nil {
		return usageOf(err, provider.ErrUsage)
	}
	if len(report.Evidence) > 0 {
		fmt.Fprintln(e.stdout, strings.Join(report.Evidence, "; "))
	}
	report.Waive(waivers)
	report.Finish()
	console.End(report)
	if err := c.write(report); err != nil {
		return err
	}
	if code := report.Code(); code != exitRight {
		return verdict{code, ""}
	}
	return nil
}

// usageOf makes a verdict of what is wrong with the command line.
func usageOf(err, usage error) error {
	if errors.Is(err, usage) {
		return verdict{exitUntested, strings.TrimPrefix(err.Error(), usage.Error()+": ")}
	}
	return err
}
