package play

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/junit"
	"github.com/idmock/idmock/internal/plural"
)

// Report is the result of playing suites, as WriteJSON writes it. report.schema.json describes it; a field that changes
// its meaning increases Version.
type Report struct {
	Version     int           `json:"version"`
	Idmock      string        `json:"idmock"` // its version
	To          string        `json:"to"`
	Server      string        `json:"server,omitempty"` // empty: one that was started for the report
	Speed       string        `json:"speed"`
	Seed        uint64        `json:"seed"`
	Started     time.Time     `json:"started"`
	Took        int64         `json:"took_ms"`
	Interrupted bool          `json:"interrupted"`
	Summary     Summary       `json:"summary"`
	Suites      []SuiteReport `json:"suites"`
}

// Summary counts scenarios by verdict.
type Summary struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Errors  int `json:"errors"`
	Skipped int `json:"skipped"`
}

// SuiteReport is the result of a suite.
type SuiteReport struct {
	Name      string     `json:"name"`
	Scenarios []Scenario `json:"scenarios"`
}

// Verdicts on a scenario.
const (
	Passed  = "passed"
	Failed  = "failed"  // the receiver is wrong
	Errored = "error"   // could not be tested
	Skipped = "skipped" // nothing to test
)

// Scenario is the result of one scenario file.
type Scenario struct {
	File         string        `json:"file"`
	Name         string        `json:"name,omitempty"`
	Provider     string        `json:"provider,omitempty"`
	Account      string        `json:"account,omitempty"`
	Seed         uint64        `json:"seed,omitempty"` // of the account
	Verdict      string        `json:"verdict"`
	Reason       string        `json:"reason,omitempty"`
	Failures     []string      `json:"failures,omitempty"` // all failures of the receiver
	Repeat       string        `json:"repeat,omitempty"`   // command that plays the scenario again, with variables for secrets
	Took         int64         `json:"took_ms"`
	Planned      int           `json:"webhooks"`
	Delivered    int           `json:"delivered"`
	Attempts     int           `json:"attempts"`
	Unroutable   int           `json:"unroutable"` // events that reached no endpoint
	Expectations []Expectation `json:"expectations"`
	Exchanges    []Exchange    `json:"exchanges"` // requests and webhooks in order, without secrets
	Log          []string      `json:"log"`

	printed string // Repeat with the secrets that the user passed
}

// Expectation is the result of one expectation of the scenario.
type Expectation struct {
	Rule string `json:"rule,omitempty"` // FILE:LINE of its step
	Want string `json:"want"`
	Got  string `json:"got"`
	Pass bool   `json:"pass"`
}

func (s *Scenario) errored(reason string) { s.Verdict, s.Reason = Errored, reason }

// met counts the expectations that passed.
func (s *Scenario) met() int {
	n := 0
	for _, e := range s.Expectations {
		if e.Pass {
			n++
		}
	}
	return n
}

// title returns the scenario's name, or its file while the name is unknown.
func (s *Scenario) title() string {
	if s.Name == "" {
		return s.File
	}
	return s.Provider + " " + s.Name
}

// NewReport returns a report of suites that have not been played. header has the fields that describe the whole run.
func NewReport(header Report, suites []Suite) *Report {
	header.Version, header.Started = 1, time.Now().UTC().Round(time.Millisecond)
	for _, s := range suites {
		suite := SuiteReport{Name: s.Name}
		for _, f := range s.Files {
			suite.Scenarios = append(suite.Scenarios, Scenario{File: f.Name, Expectations: []Expectation{}, Exchanges: []Exchange{}, Log: []string{}})
		}
		header.Suites = append(header.Suites, suite)
	}
	return &header
}

// Finish computes the summary and the duration.
func (r *Report) Finish() {
	r.Summary = Summary{}
	for _, suite := range r.Suites {
		for _, s := range suite.Scenarios {
			switch s.Verdict {
			case Passed:
				r.Summary.Passed++
			case Failed:
				r.Summary.Failed++
			case Skipped:
				r.Summary.Skipped++
			default:
				r.Summary.Errors++
			}
		}
	}
	r.Took = time.Since(r.Started).Milliseconds()
}

// total counts the scenarios.
func (r *Report) total() int {
	n := 0
	for _, suite := range r.Suites {
		n += len(suite.Scenarios)
	}
	return n
}

// Verdict returns the verdict on the receiver and its reason. Call Finish first. An interrupted run and one that tested
// nothing are errors.
func (r *Report) Verdict() (verdict, reason string) {
	if r.total() == 1 {
		for _, suite := range r.Suites {
			for _, s := range suite.Scenarios {
				return s.Verdict, s.Reason
			}
		}
	}
	n := r.Summary
	switch {
	case r.Interrupted:
		return Errored, "interrupted before all scenarios ended: let them play to their end, or use --speed instant"
	case n.Failed > 0:
		return Failed, fmt.Sprintf("the receiver failed %s of %d: see above for each failure and the command that repeats it", plural.Count(n.Failed, "scenario"), n.Failed+n.Passed+n.Errors)
	case n.Errors > 0:
		return Errored, fmt.Sprintf("%s could not be tested: see above for the errors", plural.Count(n.Errors, "scenario"))
	case n.Passed == 0:
		return Skipped, "no scenario sends a webhook, so nothing was tested: play some that do"
	}
	return Passed, ""
}

// WriteJSON writes the report as report.schema.json describes it.
func (r *Report) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(r)
}

// WriteJUnit writes the report for a CI system, with a test suite for each suite and a test case for each scenario.
func (r *Report) WriteJUnit(w io.Writer) error {
	out := junit.Report{Name: "idmock play"}
	for _, s := range r.Suites {
		suite := junit.Suite{Name: s.Name, Began: r.Started, Properties: []junit.Property{
			{Name: "to", Value: r.To}, {Name: "speed", Value: r.Speed}, {Name: "seed", Value: fmt.Sprint(r.Seed)}, {Name: "idmock", Value: r.Idmock}}}
		for _, scenario := range s.Scenarios {
			suite.Cases = append(suite.Cases, scenario.testcase(s.Name))
		}
		out.Suites = append(out.Suites, suite)
	}
	return junit.Write(w, out)
}

func (s *Scenario) testcase(suite string) junit.Case {
	result := junit.Case{Class: s.Provider, Name: s.Name, Took: time.Duration(s.Took) * time.Millisecond, Out: s.output()}
	if result.Class == "" {
		result.Class = suite
	}
	if result.Name == "" {
		result.Name = s.File
	}
	message, _, _ := strings.Cut(s.Reason, "\n")
	problem := &junit.Problem{Kind: s.Verdict, Message: message, Text: s.explanation()}
	switch s.Verdict {
	case Passed:
	case Failed:
		result.Failure = problem
	case Skipped:
		result.Skipped = junit.Skip(s.Reason)
	default:
		result.Error = problem
	}
	return result
}

// output returns the log and the exchanges.
func (s *Scenario) output() string {
	parts := []string{strings.Join(s.Log, "\n")}
	for _, e := range s.Exchanges {
		parts = append(parts, e.text())
	}
	return strings.Join(parts, "\n\n")
}

// explanation returns the reason, the missed expectations, the other failures, and the command that repeats them.
func (s *Scenario) explanation() string {
	lines := []string{s.Reason}
	for _, e := range s.Expectations {
		if !e.Pass {
			lines = append(lines, fmt.Sprintf("%s expected: %s", e.Rule, e.Want), fmt.Sprintf("%s got:      %s", e.Rule, e.Got))
		}
	}
	for _, f := range s.Failures {
		if !strings.Contains(s.Reason, f) && (!strings.HasPrefix(f, "expected ") || strings.Contains(f, ": ")) {
			lines = append(lines, f)
		}
	}
	if s.Repeat != "" {
		lines = append(lines, "repeat: "+s.Repeat)
	}
	return strings.Join(lines, "\n")
}
