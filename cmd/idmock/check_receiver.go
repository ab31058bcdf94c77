package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

type checkReceiverCmd struct {
	URL      string `arg:"" optional:"" help:"Where the receiver takes webhooks."`
	Provider string `help:"Whose receiver it is: a provider that ships, the folder of one, or a scheme: standard-webhooks, t-v1, body-hmac or static-token." env:"IDMOCK_CHECK_PROVIDER" placeholder:"NAME"`

	Credential map[string]string `help:"A credential that the receiver knows, such as the key it checks signatures with." env:"IDMOCK_CHECK_CREDENTIAL" placeholder:"NAME=VALUE"`
	NextSecret string            `help:"A second secret that the receiver takes as well, to check that secrets can be replaced." env:"IDMOCK_CHECK_NEXT_SECRET" placeholder:"VALUE"`
	Header     []string          `help:"A header that the provider was told to send, such as 'Authorization: Bearer …'; where it signs nothing, the first is what proves who sends." sep:"none" env:"IDMOCK_CHECK_HEADER" placeholder:"NAME: VALUE"`
	Switch     map[string]string `help:"Choose among what the provider leaves open, such as signature=hmac-sha256." env:"IDMOCK_CHECK_SWITCH" placeholder:"NAME=VALUE"`

	Probe        string   `help:"Tells the app's view of {subject} (or {reference}, the provider's name for the run) as JSON: the evidence of effects." env:"IDMOCK_CHECK_PROBE" placeholder:"URL"`
	ProbeCommand string   `help:"A command that prints it instead." env:"IDMOCK_CHECK_PROBE_COMMAND" placeholder:"COMMAND"`
	ProbeValue   string   `help:"Where the subject's state stands in it, as a JSONPath." env:"IDMOCK_CHECK_PROBE_VALUE" default:"$.status" placeholder:"JSONPATH"`
	ProbeEffects string   `help:"Where it says how often something was done for the subject: a number, or a list." env:"IDMOCK_CHECK_PROBE_EFFECTS" default:"$.effects" placeholder:"JSONPATH"`
	ProbeText    string   `help:"Where a text that was sent stands, such as the person's name." env:"IDMOCK_CHECK_PROBE_TEXT" placeholder:"JSONPATH"`
	Granted      []string `help:"States that give access; without it: granted, approved, verified, active, confirmed, true." env:"IDMOCK_CHECK_GRANTED" placeholder:"WORD"`
	Reset        string   `help:"Empties the app before the checks." env:"IDMOCK_CHECK_RESET" placeholder:"URL|COMMAND"`
	Prepare      string   `help:"Tells the app of {subject} before events about it." env:"IDMOCK_CHECK_PREPARE" placeholder:"URL|COMMAND"`
	Start        string   `help:"Makes the app begin a verification of {subject} by the provider's API." env:"IDMOCK_CHECK_START" placeholder:"URL|COMMAND"`
	APIAddr      string   `help:"Where the provider's API is served to the app meanwhile; port 0 picks a free one." name:"api-addr" env:"IDMOCK_CHECK_API_ADDR" default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	CA           string   `help:"The certificate of the authority that signed the receiver's." name:"ca" env:"IDMOCK_CHECK_CA" placeholder:"FILE"`

	Only      []string `name:"run" help:"Make only the checks that fit, such as auth/*." env:"IDMOCK_CHECK_RUN" placeholder:"GLOB"`
	Skip      []string `help:"Leave out the checks that fit." env:"IDMOCK_CHECK_SKIP" placeholder:"GLOB"`
	Core      bool     `help:"Make only the core of the checks." env:"IDMOCK_CHECK_CORE"`
	List      bool     `help:"List the checks instead of making them." env:"-"`
	Strict    bool     `help:"Let warnings and missing evidence count as failures." env:"IDMOCK_CHECK_STRICT"`
	ForgedAck bool     `help:"Take a 2xx to a forged event for right if the probe shows that nothing came of it." env:"IDMOCK_CHECK_FORGED_ACK"`
	Waivers   string   `help:"Known failures: a YAML list of id, verdict and reason. One that does not fail any more fails the run." env:"IDMOCK_CHECK_WAIVERS" placeholder:"FILE"`
	Seed      uint64   `help:"The order of the checks and what is made up; 0 picks one and prints it." env:"IDMOCK_CHECK_SEED" default:"0" placeholder:"N"`
	reportFlag
	Verbose bool `help:"Tell the whole story of every failure." env:"IDMOCK_CHECK_VERBOSE"`
}

func (c *checkReceiverCmd) ask() receiver.Ask {
	return receiver.Ask{
		URL: c.URL, Provider: c.Provider, Credential: c.Credential, NextSecret: c.NextSecret, Header: c.Header, Switch: c.Switch,
		Probe: c.Probe, ProbeCommand: c.ProbeCommand, ProbeValue: c.ProbeValue, ProbeEffects: c.ProbeEffects, ProbeText: c.ProbeText, Granted: c.Granted,
		Reset: c.Reset, Prepare: c.Prepare, Start: c.Start, APIAddr: c.APIAddr, CA: c.CA,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Strict: c.Strict, ForgedAck: c.ForgedAck, Seed: c.Seed, Version: version,
	}
}

// target is what is asked for, of a provider or, for a list of all checks, of none.
func (c *checkReceiverCmd) target(p *openapi.Provider) (receiver.Target, error) {
	t, err := c.ask().Target(p)
	if err != nil {
		return t, verdict{exitUntested, "--" + err.Error()}
	}
	return t, nil
}

// Run judges the receiver. It ends 0 if it is right, 1 if not, 2 if that could not be found out.
func (c *checkReceiverCmd) Run(e env) error {
	if c.List {
		return c.list(e)
	}
	if c.URL == "" || c.Provider == "" {
		return verdict{exitUntested, "want the receiver's URL and --provider: idmock check receiver http://127.0.0.1:3000/webhooks --provider NAME"}
	}
	if err := c.reportFlag.check(); err != nil {
		return err
	}
	waivers, err := readWaivers(c.Waivers)
	if err != nil {
		return err
	}
	judged, err := profile(c.Provider)
	if err != nil {
		return err
	}
	t, err := c.target(judged)
	if err != nil {
		return err
	}
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	chosen, err := receiver.Select(t)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "check %s as a receiver of %s: %s, seed %d\n", c.URL, t.Provider.Title, count(len(chosen), "check"), t.Seed)
	if err := c.tellSecret(e, t); err != nil {
		return err
	}
	console := &conformance.Console{W: e.stdout, Live: terminal(e.stdout), Total: len(chosen), All: c.Verbose}
	console.Color = console.Live && os.Getenv("NO_COLOR") == ""
	report, err := receiver.Run(e.ctx, t, console.Tell)
	if errors.Is(err, receiver.ErrUsage) {
		return verdict{exitUntested, strings.TrimPrefix(err.Error(), receiver.ErrUsage.Error()+": ")}
	}
	if err != nil {
		return err
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

// profile is the provider of this name: one that ships, a generic one, or a folder.
func profile(name string) (*openapi.Provider, error) {
	for _, f := range catalog.Folders() {
		if f.Name == name {
			return openapi.Open(f.Name, f.FS)
		}
	}
	if slices.Contains(receiver.Generic(), name) {
		return receiver.OpenGeneric(name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		p, err := openProvider(name)
		if err != nil {
			return nil, verdict{exitUntested, err.Error()}
		}
		return p, nil
	}
	var names []string
	for _, f := range catalog.Folders() {
		names = append(names, f.Name)
	}
	return nil, verdict{exitUntested, fmt.Sprintf("--provider %s: want one of %s, or the folder of your own", name, strings.Join(append(names, receiver.Generic()...), ", "))}
}

// tellSecret prints the credential that signs where the receiver has to be given it.
func (c *checkReceiverCmd) tellSecret(e env, t receiver.Target) error {
	p, err := receiver.NewProfile(t.Provider, t, t.Seed, "")
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	if name, value, given := p.Secret(); name != "" && !given {
		fmt.Fprintf(e.stdout, "credential %s=%s: the receiver has to know it; --credential gives the one that it knows\n", name, value)
	}
	return nil
}

// list lists the checks, and with a provider what does not apply to its receivers.
func (c *checkReceiverCmd) list(e env) error {
	t, err := c.target(nil)
	if err != nil {
		return err
	}
	all, err := receiver.Select(t)
	if err != nil {
		return err
	}
	var p *receiver.Profile
	if c.Provider != "" {
		judged, err := profile(c.Provider)
		if err != nil {
			return err
		}
		if t, err = c.target(judged); err != nil {
			return err
		}
		if p, err = receiver.NewProfile(judged, t, 1, ""); err != nil {
			return verdict{exitUntested, err.Error()}
		}
	}
	for _, check := range all {
		level, note := string(check.Level), check.Title
		if p != nil {
			level = string(p.Level(check))
			if reason := p.Lacks(check); reason != "" {
				note = "does not apply: " + reason
			}
		}
		core := " "
		if check.Core {
			core = "*"
		}
		fmt.Fprintf(e.stdout, "%s %-32s %-6s %s\n", core, check.ID, level, note)
	}
	fmt.Fprintf(e.stdout, "%s; * are the core\n", count(len(all), "check"))
	return nil
}
