package main

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/control"
)

// cliOnly maps the flags of idmock check that the control API does not support to the reason.
var cliOnly = map[string]string{
	"list":          "GET conformance/checks",
	"report":        "GET conformance/runs/ID?format=…",
	"verbose":       "a run reports everything",
	"explain":       "it prints, and checks nothing",
	"skeleton":      "it prints, and checks nothing",
	"probe-command": "no page may run a command",
	"ca":            "a file of the server's machine",
	"dns":           "a name server that the tested server must be started with",
}

// The control API accepts every setting of the command line of checks, under the same name.
func TestCheckSettingsMatchFlags(t *testing.T) {
	var fields []string
	for f := range reflect.TypeFor[control.CheckRequest]().Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields = append(fields, strings.ReplaceAll(name, "_", "-"))
	}
	parser, err := newParser(&cli{}, streams{io.Discard, io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	left := slices.Clone(fields)
	found := 0
	for _, command := range parser.Model.Leaves(false) {
		if !strings.HasPrefix(command.FullPath(), "idmock check ") {
			continue
		}
		for _, flag := range command.Flags {
			found++
			left = slices.DeleteFunc(left, func(name string) bool { return name == flag.Name })
			if !slices.Contains(fields, flag.Name) && cliOnly[flag.Name] == "" {
				t.Errorf("%s --%s: control.CheckRequest has no such field, and cliOnly has no reason", command.FullPath(), flag.Name)
			}
		}
	}
	if want := []string{"-", "kind", "url"}; found < 30 || !slices.Equal(left, want) {
		t.Errorf("of %d flags, the control API alone has %q, want %q", found, left, want)
	}
}
