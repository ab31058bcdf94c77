package receiver

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
)

// Ask is a target as people write it down: on a command line, or in a call of the control API. Its fields are named as
// the flags of `idmock check receiver` are.
type Ask struct {
	URL, Provider string // Provider: a name, or a folder

	Credential                         map[string]string // the provider's name may stand before a credential's, with a dot
	NextSecret, OtherSecret, OldSecret string
	Header                             []string // "NAME: VALUE"
	Switch                             map[string]string

	Probe, ProbeCommand, ProbeValue, ProbeEffects, ProbeText string
	Granted                                                  []string
	Reset, Prepare, Start, Restart                           string // a URL, or a command

	APIAddr, CA  string
	Only, Skip   []string
	Core, Strict bool
	ForgedAck    bool
	Seed         uint64
	Version      string
}

// Target is what is asked for. The error is for whoever asks: what they wrote that cannot be.
func (a Ask) Target(p *openapi.Provider) (Target, error) {
	t := Target{
		URL: a.URL, Provider: p, Switches: a.Switch, NextSecret: a.NextSecret, OtherSecret: a.OtherSecret, OldSecret: a.OldSecret,
		Probe: Probe{Hook: Hook{URL: a.Probe, Command: a.ProbeCommand}, Value: a.ProbeValue, Effects: a.ProbeEffects, Text: a.ProbeText, Granted: a.Granted},
		Reset: hook(a.Reset), Prepare: hook(a.Prepare), Start: hook(a.Start), Restart: hook(a.Restart),
		Command: a.Again(), APIAddr: a.APIAddr, CAFile: a.CA, Only: a.Only, Skip: a.Skip, Core: a.Core, Seed: a.Seed, Strict: a.Strict, ForgedAck: a.ForgedAck, Version: a.Version,
		Credentials: map[string]string{},
	}
	for key, value := range a.Credential {
		if value == "" {
			return t, fmt.Errorf("credential %s=: it is empty", key)
		}
		if p != nil {
			key = strings.TrimPrefix(key, p.Name+".")
		}
		t.Credentials[key] = value
	}
	for _, h := range a.Header {
		name, value, ok := strings.Cut(h, ":")
		if !ok || strings.TrimSpace(value) == "" {
			return t, fmt.Errorf("header %q: want NAME: VALUE", h)
		}
		t.Headers = append(t.Headers, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	}
	return t, nil
}

// hook is a URL where it looks like one, else a command.
func hook(s string) Hook {
	if strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://") {
		return Hook{URL: s}
	}
	return Hook{Command: s}
}

// Again is the command that asks for the same, without what chooses the checks. Credentials are named and not told: a
// report may be published.
func (a Ask) Again() string {
	words := conformance.CommandLine{"idmock check receiver", a.URL, "--provider", a.Provider}
	for _, name := range slices.Sorted(maps.Keys(a.Credential)) {
		words = append(words, "--credential", name+"=…")
	}
	for _, h := range a.Header {
		name, _, _ := strings.Cut(h, ":")
		words = append(words, "--header", "'"+name+": …'")
	}
	words.Secret("next-secret", a.NextSecret)
	words.Secret("other-secret", a.OtherSecret)
	words.Secret("old-secret", a.OldSecret)
	for _, name := range slices.Sorted(maps.Keys(a.Switch)) {
		words.Flag("switch", name+"="+a.Switch[name], "")
	}
	words.Flag("probe", a.Probe, "")
	words.Flag("probe-command", a.ProbeCommand, "")
	words.Flag("probe-value", a.ProbeValue, "$.status")
	words.Flag("probe-effects", a.ProbeEffects, "$.effects")
	words.Flag("probe-text", a.ProbeText, "")
	words.Flag("granted", strings.Join(a.Granted, ","), "")
	words.Flag("reset", a.Reset, "")
	words.Flag("prepare", a.Prepare, "")
	words.Flag("start", a.Start, "")
	words.Flag("restart", a.Restart, "")
	words.Flag("api-addr", a.APIAddr, "127.0.0.1:0")
	words.Flag("ca", a.CA, "")
	return words.String()
}
