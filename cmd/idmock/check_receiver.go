package main

import (
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
	Provider string `help:"Whose receiver it is: a provider that ships, the folder of one, or a scheme: ${schemes}." env:"IDMOCK_CHECK_PROVIDER" placeholder:"NAME"`

	Credential  map[string]string `help:"A credential that the receiver knows, such as the key it checks signatures with." env:"IDMOCK_CHECK_CREDENTIAL" placeholder:"NAME=VALUE"`
	NextSecret  string            `help:"A second secret that the receiver takes as well, to check that secrets can be replaced." env:"IDMOCK_CHECK_NEXT_SECRET" placeholder:"VALUE"`
	OtherSecret string            `help:"The secret of another account of the provider that the receiver knows, to check that it does not take one for the other." env:"IDMOCK_CHECK_OTHER_SECRET" placeholder:"VALUE"`
	OldSecret   string            `help:"A secret that the receiver took until it was replaced, to check that it takes it no more." env:"IDMOCK_CHECK_OLD_SECRET" placeholder:"VALUE"`
	Header      []string          `help:"A header that the provider was told to send, such as 'Authorization: Bearer …'; where it signs nothing, the first is what proves who sends." sep:"none" env:"IDMOCK_CHECK_HEADER" placeholder:"NAME: VALUE"`
	Switch      map[string]string `help:"Choose among what the provider leaves open, such as signature=hmac-sha256." env:"IDMOCK_CHECK_SWITCH" placeholder:"NAME=VALUE"`

	Probe        string   `help:"Tells the app's view of {subject} (or {reference}, the provider's name for the run) as JSON: the evidence of effects." env:"IDMOCK_CHECK_PROBE" placeholder:"URL"`
	ProbeCommand string   `help:"A command that prints it instead." env:"IDMOCK_CHECK_PROBE_COMMAND" placeholder:"COMMAND"`
	ProbeValue   string   `help:"Where the subject's state stands in it, as a JSONPath." env:"IDMOCK_CHECK_PROBE_VALUE" default:"$.status" placeholder:"JSONPATH"`
	ProbeEffects string   `help:"Where it says how often something was done for the subject: a number, or a list." env:"IDMOCK_CHECK_PROBE_EFFECTS" default:"$.effects" placeholder:"JSONPATH"`
	ProbeText    string   `help:"Where a text that was sent stands, such as the person's name." env:"IDMOCK_CHECK_PROBE_TEXT" placeholder:"JSONPATH"`
	Granted      []string `help:"States that give access; without it: granted, approved, verified, active, confirmed, true." env:"IDMOCK_CHECK_GRANTED" placeholder:"WORD"`
	Reset        string   `help:"Empties the app before the checks." env:"IDMOCK_CHECK_RESET" placeholder:"URL|COMMAND"`
	Prepare      string   `help:"Tells the app of {subject} before events about it." env:"IDMOCK_CHECK_PREPARE" placeholder:"URL|COMMAND"`
	Start        string   `help:"Makes the app begin a verification of {subject} by the provider's API." env:"IDMOCK_CHECK_START" placeholder:"URL|COMMAND"`
	Restart      string   `help:"Restarts the app, and returns when the old process is gone." env:"IDMOCK_CHECK_RESTART" placeholder:"URL|COMMAND"`
	APIAddr      string   `help:"Where the provider's API is served to the app meanwhile; port 0 picks a free one." name:"api-addr" env:"IDMOCK_CHECK_API_ADDR" default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	CA           string   `help:"The certificate of the authority that signed the receiver's." name:"ca" env:"IDMOCK_CHECK_CA" placeholder:"FILE"`

	ForgedAck bool `help:"Take a 2xx to a forged event for right if the probe shows that nothing came of it." env:"IDMOCK_CHECK_FORGED_ACK"`
	checkFlags
}

// schemes are the generic profiles in words.
func schemes() string {
	names := receiver.Generic()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func (c *checkReceiverCmd) flags() receiver.Flags {
	return receiver.Flags{
		URL: c.URL, Provider: c.Provider, Credential: c.Credential, NextSecret: c.NextSecret, OtherSecret: c.OtherSecret, OldSecret: c.OldSecret,
		Header: c.Header, Switch: c.Switch,
		Probe: c.Probe, ProbeCommand: c.ProbeCommand, ProbeValue: c.ProbeValue, ProbeEffects: c.ProbeEffects, ProbeText: c.ProbeText, Granted: c.Granted,
		Reset: c.Reset, Prepare: c.Prepare, Start: c.Start, Restart: c.Restart, APIAddr: c.APIAddr, CA: c.CA,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Strict: c.Strict, ForgedAck: c.ForgedAck, Seed: c.Seed, Version: version,
	}
}

// target is what is asked for, of a provider or, for a list of all checks, of none.
func (c *checkReceiverCmd) target(p *openapi.Provider) (receiver.Target, error) {
	t, err := c.flags().Target(p)
	if err != nil {
		return t, verdict{exitUntested, "--" + err.Error()}
	}
	return t, nil
}

// Run judges the receiver. It ends 0 if it is right, 1 if not, 2 if that could not be found out.
func (c *checkReceiverCmd) Run(e env) error {
	var judged *openapi.Provider
	if c.Provider != "" {
		var err error
		if judged, err = profile(c.Provider); err != nil {
			return err
		}
	}
	t, err := c.target(judged)
	if err != nil {
		return err
	}
	chosen, err := receiver.Select(t)
	if err != nil {
		return usage(err)
	}
	if c.List {
		return c.list(e, t, chosen)
	}
	if c.URL == "" || c.Provider == "" {
		return verdict{exitUntested, "want the receiver's URL and --provider: idmock check receiver http://127.0.0.1:3000/webhooks --provider NAME"}
	}
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	if err := t.Check(); err != nil {
		return verdict{exitUntested, "--" + strings.ReplaceAll(err.Error(), "\n", "\n--")}
	}
	p, err := t.Profile()
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	intro := fmt.Sprintf("check %s as a receiver of %s: %s, seed %d\n", without(c.URL), t.Provider.Title, count(len(chosen), "check"), t.Seed)
	switch name, value, given := p.Credential(); {
	case name == "" || given:
	case !p.Signing.Shared():
		intro += fmt.Sprintf("public key %s: the receiver has to know it; --credential %s=… gives the private key of the one that it knows\n", value, name)
	default:
		intro += fmt.Sprintf("credential %s=%s: the receiver has to know it; --credential gives the one that it knows\n", name, value)
	}
	return c.judge(e, intro, len(chosen), func(tell func(conformance.Result)) (*conformance.Report, error) { return receiver.Run(e.ctx, t, tell) })
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

// list lists the checks, and with a provider what does not apply to its receivers.
func (c *checkReceiverCmd) list(e env, t receiver.Target, chosen []*receiver.Check) error {
	var p *receiver.Profile
	if t.Provider != nil {
		var err error
		if p, err = t.Profile(); err != nil {
			return verdict{exitUntested, err.Error()}
		}
	}
	var all []listed
	for _, check := range chosen {
		one := listed{check.Check, check.Title}
		if p != nil {
			one.Level = check.LevelFor(p)
			if reason := check.Inapplicable(p); reason != "" {
				one.note = "does not apply: " + reason
			}
		}
		all = append(all, one)
	}
	return c.checkFlags.list(e, all)
}
