package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/idmock/idmock/conformance"
	formats "github.com/idmock/idmock/conformance/report"
)

// checkCmd judges somebody else's program.
type checkCmd struct {
	Receiver checkReceiverCmd `cmd:"" help:"Prove a webhook receiver right or wrong, check by check."`
	Provider checkProviderCmd `cmd:"" help:"Prove a server right or wrong that claims to be a provider, by the provider's OpenAPI document."`
}

// checkFlags choose the checks and say how they are told of, whatever is judged.
type checkFlags struct {
	Only    []string `name:"run" help:"Make only the checks that fit, such as auth/* or error/*." env:"IDMOCK_CHECK_RUN" placeholder:"GLOB"`
	Skip    []string `help:"Leave out the checks that fit." env:"IDMOCK_CHECK_SKIP" placeholder:"GLOB"`
	Core    bool     `help:"Make only the core of the checks." env:"IDMOCK_CHECK_CORE"`
	List    bool     `help:"List the checks instead of making them." env:"-"`
	Strict  bool     `help:"Let warnings and missing evidence count as failures." env:"IDMOCK_CHECK_STRICT"`
	Waivers string   `help:"Known failures: a YAML list of id, verdict and reason. One that does not fail any more fails the run." env:"IDMOCK_CHECK_WAIVERS" placeholder:"FILE"`
	Seed    uint64   `help:"The order of the checks and what is made up; 0 picks one and prints it." env:"IDMOCK_CHECK_SEED" default:"0" placeholder:"N"`
	reportFlag
	Verbose bool `help:"Tell the whole story of every failure." env:"IDMOCK_CHECK_VERBOSE"`
}

// judge makes the checks, tells of each as soon as it is known, and reports. intro is what is told before.
func (f *checkFlags) judge(e env, intro string, total int, run func(tell func(conformance.Result)) (*conformance.Report, error)) error {
	if err := f.reportFlag.check(); err != nil {
		return err
	}
	waivers, err := readWaivers(f.Waivers)
	if err != nil {
		return err
	}
	fmt.Fprint(e.stdout, intro)
	console := &formats.Console{W: e.stdout, Live: terminal(e.stdout) && os.Getenv("TERM") != "dumb", Total: total, Verbose: f.Verbose}
	console.Color = console.Live && os.Getenv("NO_COLOR") == ""
	report, err := run(console.Result)
	if err != nil {
		return usage(err)
	}
	report.Waive(waivers)
	report.Finish()
	console.Finish(report)
	if err := f.write(report); err != nil {
		return err
	}
	if code := report.ExitCode(); code != exitRight {
		return verdict{code, ""}
	}
	return nil
}

// list lists the checks, width being that of the longest ID.
func (f *checkFlags) list(e env, all []listed) error {
	width := 0
	for _, c := range all {
		width = max(width, len(c.ID))
	}
	for _, c := range all {
		core := " "
		if c.Core {
			core = "*"
		}
		fmt.Fprintf(e.stdout, "%s %-*s %-6s %s\n", core, width, c.ID, c.Level, c.note)
	}
	fmt.Fprintf(e.stdout, "%s; * are the core\n", count(len(all), "check"))
	return nil
}

// listed is a check as it is listed.
type listed struct {
	conformance.Check
	note string
}

// without is a URL without its password.
func without(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return address
}

// usage makes a verdict of what is wrong with the command line.
func usage(err error) error {
	if errors.Is(err, conformance.ErrUsage) {
		return verdict{exitUntested, strings.TrimPrefix(err.Error(), conformance.ErrUsage.Error()+": ")}
	}
	return err
}

// reportFlag says where a run is written down.
type reportFlag struct {
	Report map[string]string `help:"Write a report: json=FILE, junit=FILE or html=FILE. Can be repeated." placeholder:"FORMAT=FILE"`
}

// reportFormats are the report formats by name.
var reportFormats = map[string]func(io.Writer, *conformance.Report) error{
	"json":  formats.WriteJSON,
	"junit": formats.WriteJUnit,
	"html":  formats.WriteHTML,
}

// check finds mistakes before anything is sent.
func (f reportFlag) check() error {
	for format, file := range f.Report {
		if reportFormats[format] == nil || file == "" {
			return verdict{exitUntested, fmt.Sprintf("--report %s=%s: want json=FILE, junit=FILE or html=FILE", format, file)}
		}
		if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
			return verdict{exitUntested, fmt.Sprintf("--report %s=%s: there is no folder %s: make it first", format, file, filepath.Dir(file))}
		}
	}
	return nil
}

// write writes every report, also where one cannot be written.
func (f reportFlag) write(r *conformance.Report) error {
	var problems []error
	for format, file := range f.Report {
		var b strings.Builder
		err := reportFormats[format](&b, r)
		if err == nil {
			err = os.WriteFile(file, []byte(b.String()), 0o644)
		}
		if err != nil {
			problems = append(problems, verdict{exitUntested, fmt.Sprintf("--report %s=%s: %v", format, file, reason(err))})
		}
	}
	return errors.Join(problems...)
}

// readWaivers reads a waivers file; without one there are none.
func readWaivers(file string) (conformance.Waivers, error) {
	if file == "" {
		return nil, nil
	}
	src, err := os.ReadFile(file)
	if err != nil {
		return nil, verdict{exitUntested, fmt.Sprintf("--waivers %s: %v", file, reason(err))}
	}
	all, err := conformance.ReadWaivers(src)
	if err != nil {
		return nil, verdict{exitUntested, fmt.Sprintf("--waivers %s: %v", file, err)}
	}
	return all, nil
}

// terminal reports whether people see what is written as it comes.
func terminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
