package receiver

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/openapi"
)

// Flags are a target as text: on a command line or in a control request. The fields are named like the flags of
// `idmock check receiver`.
type Flags struct {
	URL, Provider string // Provider: a name, or a directory

	Credential                         map[string]string // keys can be prefixed with the provider's name and a dot
	NextSecret, OtherSecret, OldSecret string
	Header                             []string // "NAME: VALUE"
	Switch                             map[string]string

	Probe, ProbeCommand, ProbeValue, ProbeEffects, ProbeText string
	Granted                                                  []string
	Reset, Prepare, Start, Restart                           string // a URL, or a command

	APIAddr, CA  string
	Only, Skip   []string
	Core, Strict bool
	FailOn       string // must or should
	Reconcile    time.Duration
	Budget       time.Duration
	ForgedAck    bool
	Seed         uint64
	Version      string
}

// Target returns the target that the flags describe. The error is the user's.
func (f Flags) Target(p *openapi.Provider) (Target, error) {
	t := Target{
		URL: f.URL, Provider: p, Switches: f.Switch, NextSecret: f.NextSecret, OtherSecret: f.OtherSecret, OldSecret: f.OldSecret,
		Probe: Probe{Hook: Hook{URL: f.Probe, Command: f.ProbeCommand}, Value: f.ProbeValue, Effects: f.ProbeEffects, Text: f.ProbeText, Granted: f.Granted},
		Reset: evidence.ParseHook(f.Reset), Prepare: evidence.ParseHook(f.Prepare), Start: evidence.ParseHook(f.Start), Restart: evidence.ParseHook(f.Restart),
		Command: f.Command(), APIAddr: f.APIAddr, CAFile: f.CA, Only: f.Only, Skip: f.Skip, Core: f.Core, Seed: f.Seed, Strict: f.Strict, ForgedAck: f.ForgedAck, Version: f.Version,
		Credentials: map[string]string{},
	}
	t.Reconcile, t.Budget = f.Reconcile, f.Budget
	var err error
	if t.FailOn, err = conformance.ParseLevel(f.FailOn); err != nil {
		return t, fmt.Errorf("fail-on: %w", err)
	}
	for key, value := range f.Credential {
		if value == "" {
			return t, fmt.Errorf("credential %s= is empty", key)
		}
		if p != nil {
			key = strings.TrimPrefix(key, p.Name+".")
		}
		t.Credentials[key] = value
	}
	for _, h := range f.Header {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(value) == "" {
			return t, fmt.Errorf("header %q: use NAME: VALUE", h)
		}
		t.Headers = append(t.Headers, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return t, nil
}

// Command returns the command with the same flags, except those that select checks. It omits the values of credentials,
// because reports may be published.
func (f Flags) Command() string {
	words := conformance.CommandLine{"idmock check receiver", f.URL, "--provider", f.Provider}
	for _, name := range slices.Sorted(maps.Keys(f.Credential)) {
		words = append(words, "--credential", name+"=…")
	}
	for _, h := range f.Header {
		name, _, _ := strings.Cut(h, ":")
		words = append(words, "--header", "'"+name+": …'")
	}
	words.Secret("next-secret", f.NextSecret)
	words.Secret("other-secret", f.OtherSecret)
	words.Secret("old-secret", f.OldSecret)
	for _, name := range slices.Sorted(maps.Keys(f.Switch)) {
		words.Flag("switch", name+"="+f.Switch[name], "")
	}
	words.Flag("probe", f.Probe, "")
	words.Flag("probe-command", f.ProbeCommand, "")
	words.Flag("probe-value", f.ProbeValue, "$.status")
	words.Flag("probe-effects", f.ProbeEffects, "$.effects")
	words.Flag("probe-text", f.ProbeText, "")
	words.Flag("granted", strings.Join(f.Granted, ","), "")
	words.Flag("reset", f.Reset, "")
	words.Flag("prepare", f.Prepare, "")
	words.Flag("start", f.Start, "")
	words.Flag("restart", f.Restart, "")
	if f.Reconcile > 0 {
		words.Flag("reconcile", f.Reconcile.String(), "")
	}
	words.Flag("api-addr", f.APIAddr, "127.0.0.1:0")
	words.Flag("ca", f.CA, "")
	return words.String()
}
