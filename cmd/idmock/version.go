package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// version, commit and date are set by the linker. Without it, the build information of a clone has commit and date.
var (
	version = "dev"
	commit  string
	date    string
)

// versionLine describes the program: version, commit, date, Go and system. The first word is the version.
func versionLine() string {
	recorded := map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			recorded[s.Key] = s.Value
		}
	}
	line := version
	if c := cmp.Or(commit, recorded["vcs.revision"]); c != "" {
		line += " commit " + c[:min(12, len(c))]
		if recorded["vcs.modified"] == "true" {
			line += "+changes"
		}
	}
	if d := cmp.Or(date, recorded["vcs.time"]); d != "" {
		line += " of " + d
	}
	return fmt.Sprintf("%s %s %s/%s", line, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(s streams) error {
	fmt.Fprintln(s.out, versionLine())
	return nil
}

// versionFlag is --version.
type versionFlag bool

// BeforeReset prints the version and ends the program. It runs before arguments are checked.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, versionLine())
	app.Exit(exitPassed)
	return nil
}
