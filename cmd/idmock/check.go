package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	formats "github.com/idmock/idmock/conformance/report"
	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

type checkCmd struct {
	Receiver checkReceiverCmd `cmd:"" help:"Test a webhook receiver, check by check."`
	Provider checkProviderCmd `cmd:"" help:"Test a server against a provider's API contract."`
}

// checkFlags select the checks and configure the reports.
type checkFlags struct {
	Only    []string          `name:"run" help:"Run only matching checks, such as auth/* or error/*." env:"IDMOCK_CHECK_RUN" placeholder:"GLOB"`
	Skip    []string          `help:"Skip matching checks." env:"IDMOCK_CHECK_SKIP" placeholder:"GLOB"`
	Core    bool              `help:"Run only the core checks." env:"IDMOCK_CHECK_CORE"`
	List    bool              `help:"List the checks without running them." env:"-"`
	FailOn  string            `name:"fail-on" help:"Weakest level whose violation fails the run." env:"IDMOCK_CHECK_FAIL_ON" enum:"must,should" default:"must"`
	Strict  bool              `help:"Treat warnings and missing evidence as failures." env:"IDMOCK_CHECK_STRICT"`
	Waivers string            `help:"Accept known failures: a YAML list of id, verdict and reason. A waiver for a check that passes fails the run." env:"IDMOCK_CHECK_WAIVERS" placeholder:"FILE"`
	Seed    uint64            `help:"Seed of the order of checks and of generated data; 0 picks and prints one." env:"IDMOCK_CHECK_SEED" default:"0" placeholder:"N"`
	Report  map[string]string `help:"Write a report: json=FILE, junit=FILE or html=FILE. Repeatable." placeholder:"FORMAT=FILE"`
	Verbose bool              `help:"Print every exchange of each failure." env:"IDMOCK_CHECK_VERBOSE"`
}

// checkFormats are the report formats.
var checkFormats = map[string]func(io.Writer, *conformance.Report) error{
	"json":  formats.WriteJSON,
	"junit": formats.WriteJUnit,
	"html":  formats.WriteHTML,
}

// run runs total checks, prints the results, and writes the reports.
func (f *checkFlags) run(s streams, intro string, total int, checks func(result func(conformance.Result)) (*conformance.Report, error)) error {
	out := reports[*conformance.Report]{files: f.Report, formats: checkFormats}
	if err := out.check(); err != nil {
		return err
	}
	waivers, err := readWaivers(f.Waivers)
	if err != nil {
		return err
	}
	fmt.Fprint(s.out, intro)
	console := &formats.Console{W: s.out, Total: total, Verbose: f.Verbose}
	console.Live, console.Color = isTerminal(s.out)
	report, err := checks(console.Result)
	if err != nil {
		return usageError(err)
	}
	report.Waive(waivers)
	report.Finish()
	console.Finish(report)
	if err := out.write(report); err != nil {
		return err
	}
	if code := report.ExitCode(); code != exitPassed {
		return exitError{code, ""}
	}
	return nil
}

// listedCheck is a check and its note in a list.
type listedCheck struct {
	conformance.Check
	note string
}

func (f *checkFlags) list(s streams, checks []listedCheck) error {
	width := 0
	for _, c := range checks {
		width = max(width, len(c.ID))
	}
	for _, c := range checks {
		core := " "
		if c.Core {
			core = "*"
		}
		fmt.Fprintf(s.out, "%s %-*s %-6s %s\n", core, width, c.ID, c.Level, c.note)
	}
	fmt.Fprintf(s.out, "%s; * marks the core\n", plural.Count(len(checks), "check"))
	return nil
}

// usageError gives errors of the flags exit code 2.
func usageError(err error) error {
	if errors.Is(err, conformance.ErrUsage) {
		return exitError{exitUntested, strings.TrimPrefix(err.Error(), conformance.ErrUsage.Error()+": ")}
	}
	return err
}

func readWaivers(file string) (conformance.Waivers, error) {
	if file == "" {
		return nil, nil
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, untested("--waivers %s: %v", file, files.Cause(err))
	}
	waivers, err := conformance.ReadWaivers(src)
	if err != nil {
		return nil, untested("--waivers %s: %v", file, err)
	}
	return waivers, nil
}

// redacted returns a URL without its password.
func redacted(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return address
}

// openNamed opens the built-in or generic provider of a name, or a provider directory.
func openNamed(name string) (*openapi.Provider, error) {
	for _, f := range catalog.Folders() {
		if f.Name == name {
			return openapi.Open(f.Name, f.FS)
		}
	}
	if slices.Contains(receiver.Generic(), name) {
		return receiver.OpenGeneric(name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		p, err := files.OpenProvider(name, catalog.Complete)
		return p, userError(err)
	}
	names := append(builtInNames(), receiver.Generic()...)
	return nil, untested("unknown --provider %s: use one of %s, or a provider directory", name, strings.Join(names, ", "))
}

// genericProfiles lists the generic profiles, for help texts.
func genericProfiles() string {
	names := receiver.Generic()
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}
