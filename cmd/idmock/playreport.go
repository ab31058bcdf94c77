package main

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// playReport is what came of a play, as --report json= writes it. report.schema.json describes it; whoever changes the
// meaning of a field counts Version up.
type playReport struct {
	Version int           `json:"version"`
	Idmock  string        `json:"idmock"` // its version
	To      string        `json:"to"`
	Against string        `json:"against,omitempty"`
	Speed   string        `json:"speed"`
	Seed    uint64        `json:"seed"`
	Began   time.Time     `json:"began"`
	Took    int64         `json:"took_ms"`
	Cut     bool          `json:"cut"` // it was stopped before its end
	Summary playSummary   `json:"summary"`
	Suites  []playedSuite `json:"suites"`
}

type playSummary struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Errors  int `json:"errors"`
	Skipped int `json:"skipped"`
}

// playedSuite is what was named by one argument.
type playedSuite struct {
	Name      string           `json:"name"`
	Scenarios []playedScenario `json:"scenarios"`
}

// The verdicts on a scenario.
const (
	passed  = "passed"
	failed  = "failed"  // the receiver is wrong
	errored = "error"   // it could not be tested
	skipped = "skipped" // there was nothing to test
)

type playedScenario struct {
	File         string        `json:"file"`
	Name         string        `json:"name,omitempty"`
	Provider     string        `json:"provider,omitempty"`
	Account      string        `json:"account,omitempty"`
	Seed         uint64        `json:"seed,omitempty"` // of the account
	Verdict      string        `json:"verdict"`
	Reason       string        `json:"reason,omitempty"`
	Failures     []string      `json:"failures,omitempty"` // all there is to say against the receiver
	Repeat       string        `json:"repeat,omitempty"`   // the command that plays it again
	Took         int64         `json:"took_ms"`
	Planned      int           `json:"webhooks"`
	Delivered    int           `json:"delivered"`
	Attempts     int           `json:"attempts"`
	Expectations []expectation `json:"expectations"`
	Told         []string      `json:"told"` // line by line
}

type expectation struct {
	Rule string `json:"rule,omitempty"`
	Want string `json:"want"`
	Got  string `json:"got"`
	Pass bool   `json:"pass"`
}

// errored says that a scenario could not be tested.
func (p *playedScenario) errored(reason string) { p.Verdict, p.Reason = errored, reason }

func (p *playedScenario) met() int {
	n := 0
	for _, e := range p.Expectations {
		if e.Pass {
			n++
		}
	}
	return n
}

// title is what a scenario is called before it is known by its name.
func (p *playedScenario) title() string {
	if p.Name == "" {
		return p.File
	}
	return p.Provider + " " + p.Name
}

func (c *playCmd) newReport(suites []suite) *playReport {
	r := &playReport{Version: 1, Idmock: version, To: c.To, Against: c.Against, Speed: c.Speed, Seed: c.Seed, Began: time.Now().UTC().Round(time.Millisecond)}
	for _, s := range suites {
		made := playedSuite{Name: s.name}
		for _, f := range s.files {
			made.Scenarios = append(made.Scenarios, playedScenario{File: f.name, Expectations: []expectation{}, Told: []string{}})
		}
		r.Suites = append(r.Suites, made)
	}
	return r
}

// count sums up.
func (r *playReport) count() {
	r.Summary = playSummary{}
	for _, s := range r.Suites {
		for _, one := range s.Scenarios {
			switch one.Verdict {
			case passed:
				r.Summary.Passed++
			case failed:
				r.Summary.Failed++
			case skipped:
				r.Summary.Skipped++
			default:
				r.Summary.Errors++
			}
		}
	}
	r.Took = time.Since(r.Began).Milliseconds()
}

// verdict is how the program ends. Of several scenarios the summary has said the rest.
func (r *playReport) verdict() error {
	r.count()
	s := r.Summary
	if s.Passed+s.Failed+s.Errors+s.Skipped == 1 {
		one := r.Suites[0].Scenarios[0]
		switch one.Verdict {
		case passed:
			return nil
		case failed:
			return verdict{exitWrong, one.Reason}
		}
		return verdict{exitUntested, one.Reason}
	}
	switch {
	case r.Cut:
		return verdict{exitUntested, "stopped before all scenarios were over: let them play to their end, or faster with --speed instant"}
	case s.Failed > 0:
		return verdict{exitWrong, fmt.Sprintf("the receiver failed %s of %d: each is told above, with the command that plays it again", count(s.Failed, "scenario"), s.Failed+s.Passed+s.Errors)}
	case s.Errors > 0:
		return verdict{exitUntested, fmt.Sprintf("%s could not be tested: correct what is told above", count(s.Errors, "scenario"))}
	case s.Passed == 0:
		return verdict{exitUntested, "no scenario sends a webhook, so there was nothing to judge: play some that do"}
	}
	return nil
}

// WriteJSON writes the report as report.schema.json says.
func (r *playReport) WriteJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(r)
}
