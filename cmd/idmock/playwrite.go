package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/junit"
)

// playReportFlag says where a play is written down.
type playReportFlag struct {
	Report map[string]string `help:"Write a report: json=FILE or junit=FILE; - is the standard output, and what is told goes to the standard error then. Can be repeated." placeholder:"FORMAT=FILE"`
}

// playFormats are the kinds of reports.
var playFormats = map[string]func(*playReport, io.Writer) error{"json": (*playReport).WriteJSON, "junit": (*playReport).WriteJUnit}

// check finds mistakes before anything is played.
func (f playReportFlag) check() error {
	for format, file := range f.Report {
		if playFormats[format] == nil || file == "" {
			return verdict{exitUntested, fmt.Sprintf("--report %s=%s: want json=FILE or junit=FILE", format, file)}
		}
		if info, err := os.Stat(filepath.Dir(file)); file != "-" && (err != nil || !info.IsDir()) {
			return verdict{exitUntested, fmt.Sprintf("--report %s=%s: there is no folder %s: make it first", format, file, filepath.Dir(file))}
		}
	}
	return nil
}

func (f playReportFlag) toStdout() bool {
	return slices.Contains(slices.Collect(maps.Values(f.Report)), "-")
}

// write writes every report, also where one cannot be written.
func (f playReportFlag) write(stdout io.Writer, r *playReport) error {
	r.count()
	var problems []error
	for _, format := range slices.Sorted(maps.Keys(f.Report)) {
		file := f.Report[format]
		var b bytes.Buffer
		err := playFormats[format](r, &b)
		switch {
		case err != nil:
		case file == "-":
			_, err = stdout.Write(b.Bytes())
		default:
			err = os.WriteFile(file, b.Bytes(), 0o644)
		}
		if err != nil {
			problems = append(problems, verdict{exitUntested, fmt.Sprintf("--report %s=%s: %v", format, file, reason(err))})
		}
	}
	return errors.Join(problems...)
}

// WriteJUnit writes the report for a CI system: a suite for each file or folder that was named, a case for each scenario.
func (r *playReport) WriteJUnit(w io.Writer) error {
	out := junit.Report{Name: "idmock play"}
	for _, s := range r.Suites {
		made := junit.Suite{Name: s.Name, Began: r.Began, Properties: []junit.Property{
			{Name: "to", Value: r.To}, {Name: "speed", Value: r.Speed}, {Name: "seed", Value: fmt.Sprint(r.Seed)}, {Name: "idmock", Value: r.Idmock}}}
		for _, one := range s.Scenarios {
			made.Cases = append(made.Cases, one.testcase(s.Name))
		}
		out.Suites = append(out.Suites, made)
	}
	return junit.Write(w, out)
}

func (p *playedScenario) testcase(suite string) junit.Case {
	made := junit.Case{Class: p.Provider, Name: p.Name, Took: time.Duration(p.Took) * time.Millisecond, Out: strings.Join(p.Told, "\n")}
	if made.Class == "" {
		made.Class = suite
	}
	if made.Name == "" {
		made.Name = p.File
	}
	problem := &junit.Problem{Kind: p.Verdict, Message: first(p.Reason), Text: p.why()}
	switch p.Verdict {
	case passed:
	case failed:
		made.Failure = problem
	case skipped:
		made.Skipped = junit.Skip(p.Reason)
	default:
		made.Error = problem
	}
	return made
}

// why is what was expected, what came, and how to see it again.
func (p *playedScenario) why() string {
	lines := []string{p.Reason}
	for _, e := range p.Expectations {
		if !e.Pass {
			lines = append(lines, fmt.Sprintf("%s expected: %s", e.Rule, e.Want), fmt.Sprintf("%s got:      %s", e.Rule, e.Got))
		}
	}
	for _, f := range p.Failures {
		if !strings.Contains(p.Reason, f) && !strings.HasPrefix(f, "expected ") {
			lines = append(lines, f)
		}
	}
	if p.Repeat != "" {
		lines = append(lines, "again: "+p.Repeat)
	}
	return strings.Join(lines, "\n")
}

// first is the first line of a text.
func first(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}
