package receiver

import (
	"slices"
	"strings"
	"testing"
)

// Flags become a target, and a command with the same flags and without secrets.
func TestFlags(t *testing.T) {
	p := profileOf(t, "standard-webhooks", "")
	flags := Flags{URL: "http://127.0.0.1:3000/hooks", Provider: p.Name, Credential: map[string]string{p.Name + ".signing_secret": "s3cret-of-mine"}, NextSecret: "another-s3cret",
		Header: []string{"Authorization:  Bearer t0ken-of-mine "}, Switch: map[string]string{"a": "b"}, Probe: "http://127.0.0.1:3000/{subject}", Granted: []string{"ok", "fine"},
		Reset: "https://127.0.0.1/reset", Prepare: "make up {subject}", Core: true, Seed: 7, Version: "v1"}
	got, err := flags.Target(p)
	if err != nil {
		t.Fatal(err)
	}
	if got.Credentials["signing_secret"] != "s3cret-of-mine" || !slices.Equal(got.Headers, [][2]string{{"Authorization", "Bearer t0ken-of-mine"}}) {
		t.Errorf("credentials %v, headers %q", got.Credentials, got.Headers)
	}
	if got.Reset.URL == "" || got.Prepare.Command != "make up {subject}" || got.Start.IsSet() || got.Probe.URL == "" || !got.Core || got.Seed != 7 {
		t.Errorf("%+v", got)
	}
	if commands := got.Commands(); !slices.Equal(commands, []string{"prepare"}) {
		t.Errorf("commands %q", commands)
	}
	const want = `idmock check receiver http://127.0.0.1:3000/hooks --provider standard-webhooks --credential standard-webhooks.signing_secret=… --header 'Authorization: …' ` +
		`--next-secret … --switch a=b --probe 'http://127.0.0.1:3000/{subject}' --granted ok,fine --reset https://127.0.0.1/reset --prepare 'make up {subject}'`
	if got.Command != want || flags.Command() != want {
		t.Errorf("command:\n%s\nwant:\n%s", got.Command, want)
	}
	for want, wrong := range map[string]Flags{
		`header "nonsense": use NAME: VALUE`: {Header: []string{"nonsense"}}, "credential key= is empty": {Credential: map[string]string{"key": ""}},
	} {
		if _, err := wrong.Target(p); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	all, err := Flags{ProbeCommand: "id", Reset: "id", Prepare: "id", Start: "id"}.Target(p)
	if commands := all.Commands(); err != nil || !slices.Equal(commands, []string{"prepare", "probe-command", "reset", "start"}) {
		t.Errorf("commands %q (%v)", commands, err)
	}
}
