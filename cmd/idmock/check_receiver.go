package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/guide"
	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/openapi"
)

type checkReceiverCmd struct {
	URL      string `arg:"" optional:"" help:"Webhook URL of the receiver."`
	Provider string `help:"Provider whose webhooks it receives: a built-in one, a provider directory, or a scheme: ${schemes}." env:"IDMOCK_CHECK_PROVIDER" placeholder:"NAME"`

	Credential  map[string]string `help:"Set a credential, such as the key that the receiver verifies signatures with." env:"IDMOCK_CHECK_CREDENTIAL" placeholder:"NAME=VALUE"`
	NextSecret  string            `help:"Second secret that the receiver accepts, to check rotation." env:"IDMOCK_CHECK_NEXT_SECRET" placeholder:"VALUE"`
	OtherSecret string            `help:"Secret of another account that the receiver knows, to check that accounts are not confused." env:"IDMOCK_CHECK_OTHER_SECRET" placeholder:"VALUE"`
	OldSecret   string            `help:"Secret that the receiver no longer accepts, to check rotation." env:"IDMOCK_CHECK_OLD_SECRET" placeholder:"VALUE"`
	Header      []string          `help:"Send a header, such as 'Authorization: Bearer …'. For a provider that signs nothing, the first authenticates the sender." sep:"none" env:"IDMOCK_CHECK_HEADER" placeholder:"NAME: VALUE"`
	Switch      map[string]string `help:"Set an option of the provider's endpoints, such as signature=hmac-sha256." env:"IDMOCK_CHECK_SWITCH" placeholder:"NAME=VALUE"`

	Probe        string        `help:"URL that returns the application's view of {subject} (or {reference}, the run's) as JSON." env:"IDMOCK_CHECK_PROBE" placeholder:"URL"`
	ProbeCommand string        `help:"Command that prints it instead." env:"IDMOCK_CHECK_PROBE_COMMAND" placeholder:"COMMAND"`
	ProbeValue   string        `help:"JSONPath of the subject's state in the probe." env:"IDMOCK_CHECK_PROBE_VALUE" default:"$.status" placeholder:"JSONPATH"`
	ProbeEffects string        `help:"JSONPath of the number or list of side effects for the subject." env:"IDMOCK_CHECK_PROBE_EFFECTS" default:"$.effects" placeholder:"JSONPATH"`
	ProbeText    string        `help:"JSONPath of a text from the event, such as the person's name." env:"IDMOCK_CHECK_PROBE_TEXT" placeholder:"JSONPATH"`
	Granted      []string      `help:"States that grant access; default: granted, approved, verified, active, confirmed, true." env:"IDMOCK_CHECK_GRANTED" placeholder:"WORD"`
	Reset        string        `help:"Reset the application before the checks." env:"IDMOCK_CHECK_RESET" placeholder:"URL|COMMAND"`
	Prepare      string        `help:"Create {subject} in the application before its events." env:"IDMOCK_CHECK_PREPARE" placeholder:"URL|COMMAND"`
	Start        string        `help:"Make the application start a verification of {subject} with the provider's API." env:"IDMOCK_CHECK_START" placeholder:"URL|COMMAND"`
	Restart      string        `help:"Restart the application; returns once the old process has exited." env:"IDMOCK_CHECK_RESTART" placeholder:"URL|COMMAND"`
	Reconcile    time.Duration `help:"Time within which the application finds results whose events never arrive." env:"IDMOCK_CHECK_RECONCILE" placeholder:"DURATION"`
	Budget       time.Duration `help:"Longest time of the run; checks that have not begun by then are skipped." env:"IDMOCK_CHECK_BUDGET" default:"3m" placeholder:"DURATION"`
	APIAddr      string        `help:"Serve the provider's API to the application on this address; port 0 picks a free one." name:"api-addr" env:"IDMOCK_CHECK_API_ADDR" default:"127.0.0.1:0" placeholder:"HOST:PORT"`
	CA           string        `help:"CA certificate of the receiver's TLS certificate." name:"ca" env:"IDMOCK_CHECK_CA" placeholder:"FILE"`

	Explain  bool   `help:"Explain what a receiver of the provider must do, or the checks of --run, and test nothing." env:"-"`
	Skeleton string `help:"Print a receiver to begin with in node, python or go, and test nothing." env:"-" placeholder:"LANGUAGE"`

	ForgedAck bool `help:"Accept a 2xx response to a forged event if the probe shows no effect." env:"IDMOCK_CHECK_FORGED_ACK"`
	checkFlags
}

func (c *checkReceiverCmd) flags() receiver.Flags {
	return receiver.Flags{
		URL: c.URL, Provider: c.Provider, Credential: c.Credential, NextSecret: c.NextSecret, OtherSecret: c.OtherSecret, OldSecret: c.OldSecret,
		Header: c.Header, Switch: c.Switch,
		Probe: c.Probe, ProbeCommand: c.ProbeCommand, ProbeValue: c.ProbeValue, ProbeEffects: c.ProbeEffects, ProbeText: c.ProbeText, Granted: c.Granted,
		Reset: c.Reset, Prepare: c.Prepare, Start: c.Start, Restart: c.Restart, APIAddr: c.APIAddr, CA: c.CA,
		Only: c.Only, Skip: c.Skip, Core: c.Core, Strict: c.Strict, FailOn: c.FailOn, Reconcile: c.Reconcile, Budget: c.Budget, ForgedAck: c.ForgedAck, Seed: c.Seed, Version: version,
	}
}

// target returns the target for a provider; nil lists the checks of all.
func (c *checkReceiverCmd) target(p *openapi.Provider) (receiver.Target, error) {
	t, err := c.flags().Target(p)
	if err != nil {
		return t, untested("--%v", err)
	}
	return t, nil
}

// Run tests the receiver.
func (c *checkReceiverCmd) Run(ctx context.Context, s streams) error {
	var p *openapi.Provider
	if c.Provider != "" {
		var err error
		if p, err = openNamed(c.Provider); err != nil {
			return err
		}
	}
	t, err := c.target(p)
	if err != nil {
		return err
	}
	selected, err := receiver.Select(t)
	if err != nil {
		return usageError(err)
	}
	if c.List {
		return c.list(s, t, selected)
	}
	if c.Explain || c.Skeleton != "" {
		return c.explain(s, t, selected)
	}
	if c.URL == "" || c.Provider == "" {
		return untested("missing URL or --provider: idmock check receiver http://127.0.0.1:3000/webhooks --provider NAME")
	}
	if t.Seed == 0 {
		t.Seed = fake.RandomSeed()
	}
	if err := t.Check(); err != nil {
		return untested("--%s", strings.ReplaceAll(err.Error(), "\n", "\n--"))
	}
	intro, err := c.intro(t, len(selected))
	if err != nil {
		return err
	}
	return c.run(s, intro, len(selected), func(result func(conformance.Result)) (*conformance.Report, error) {
		return receiver.Run(ctx, t, result)
	})
}

// intro describes the run, with the credential that the receiver has to know if the user set none.
func (c *checkReceiverCmd) intro(t receiver.Target, checks int) (string, error) {
	profile, err := t.Profile()
	if err != nil {
		return "", exitError{exitUntested, err.Error()}
	}
	intro := fmt.Sprintf("check %s as a receiver of %s: %s, seed %d\n", redacted(c.URL), t.Provider.Title, plural.Count(checks, "check"), t.Seed)
	switch name, value, given := profile.Credential(); {
	case name == "" || given:
	case !profile.Signing.Shared():
		intro += fmt.Sprintf("public key %s: configure the receiver with it, or pass the private key of its own with --credential %s=…\n", value, name)
	default:
		intro += fmt.Sprintf("credential %s=%s: configure the receiver with it, or pass its own with --credential\n", name, value)
	}
	return intro, nil
}

// list lists the checks, with the reason for those that do not apply to the provider's receivers.
func (c *checkReceiverCmd) list(s streams, t receiver.Target, selected []*receiver.Check) error {
	var profile *receiver.Profile
	if t.Provider != nil {
		var err error
		if profile, err = t.Profile(); err != nil {
			return exitError{exitUntested, err.Error()}
		}
	}
	checks := make([]listedCheck, len(selected))
	for i, check := range selected {
		checks[i] = listedCheck{check.Check, check.Title}
		if profile == nil {
			continue
		}
		checks[i].Level = check.LevelFor(profile)
		if reason := check.Inapplicable(profile); reason != "" {
			checks[i].note = "does not apply: " + reason
		}
	}
	return c.checkFlags.list(s, checks)
}

// exampleReceiver is the URL of a receiver that does not exist yet.
const exampleReceiver = "http://127.0.0.1:4000/hooks"

// explain prints what a receiver must do, the beginning of one, or the selected checks.
func (c *checkReceiverCmd) explain(s streams, t receiver.Target, selected []*receiver.Check) error {
	if len(c.Only) > 0 && c.Skeleton == "" {
		return c.explainChecks(s, t, selected)
	}
	if t.Provider == nil {
		return untested("missing --provider: idmock check receiver --explain --provider NAME")
	}
	t.URL = cmp.Or(t.URL, exampleReceiver)
	profile, err := t.Profile()
	if err != nil {
		return exitError{exitUntested, err.Error()}
	}
	g, err := guide.New(profile, t.URL)
	if err != nil {
		return exitError{exitUntested, err.Error()}
	}
	if c.Skeleton != "" {
		if err := g.Skeleton(s.out, c.Skeleton); err != nil {
			return untested("--skeleton: %v", err)
		}
		return nil
	}
	return g.Write(s.out, "http://"+strings.Replace(t.APIAddr, ":0", ":PORT", 1)+profile.Prefix)
}

// explainChecks prints the checks with their reasons and steps.
func (c *checkReceiverCmd) explainChecks(s streams, t receiver.Target, selected []*receiver.Check) error {
	var profile *receiver.Profile
	if t.Provider != nil {
		t.URL = cmp.Or(t.URL, exampleReceiver)
		var err error
		if profile, err = t.Profile(); err != nil {
			return exitError{exitUntested, err.Error()}
		}
	}
	for _, check := range selected {
		level, note := check.Level, ""
		if profile != nil {
			level = check.LevelFor(profile)
			if reason := check.Inapplicable(profile); reason != "" {
				note = "\n  does not apply: " + reason
			}
		}
		fmt.Fprintf(s.out, "%s  %s%s\n  required  %s\n  why       %s\n  likely    %s\n  source    %s\n  steps\n%s\n\n",
			check.ID, level, note, check.Title, check.Why, check.Cause, check.Ref, receiver.Steps(check.ID))
	}
	return nil
}
