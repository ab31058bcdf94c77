package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/idmock/idmock/conformance"
)

// checkCmd judges somebody else's program.
type checkCmd struct {
	Receiver checkReceiverCmd `cmd:"" help:"Prove a webhook receiver right or wrong, check by check."`
	Provider checkProviderCmd `cmd:"" help:"Prove a server right or wrong that claims to be a provider, by the provider's OpenAPI document."`
}

// reportFlag says where a run is written down.
type reportFlag struct {
	Report map[string]string `help:"Write a report: json=FILE, junit=FILE or html=FILE. Can be repeated." placeholder:"FORMAT=FILE"`
}

// formats are the kinds of reports.
var formats = map[string]func(*conformance.Report, io.Writer) error{
	"json":  (*conformance.Report).WriteJSON,
	"junit": (*conformance.Report).WriteJUnit,
	"html":  (*conformance.Report).WriteHTML,
}

// check finds mistakes before anything is sent.
func (f reportFlag) check() error {
	for format, file := range f.Report {
		if formats[format] == nil || file == "" {
			return verdict{exitUntested, fmt.Sprintf("--report %s=%s: want json=FILE, junit=FILE or html=FILE", format, file)}
		}
	}
	return nil
}

// write writes every report, also where one cannot be written.
func (f reportFlag) write(r *conformance.Report) error {
	var problems []error
	for format, file := range f.Report {
		var b strings.Builder
		err := formats[format](r, &b)
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
