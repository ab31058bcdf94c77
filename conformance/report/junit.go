package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/junit"
)

// WriteJUnit writes the report for CI systems, with one suite per group. A failure is the target's, an error a check that
// could not be run. Inconclusive, waived and inapplicable checks are skipped, with the reason. A warning passes and appears
// in its case's output, unless the run is strict.
func WriteJUnit(w io.Writer, r *conformance.Report) error {
	file := junit.Report{Name: r.Kind + " " + r.Target}
	for _, g := range r.Summary {
		suite := junit.Suite{Name: g.Group, Began: r.Began, Properties: []junit.Property{
			{Name: "target", Value: r.Target}, {Name: "profile", Value: r.Profile}, {Name: "seed", Value: strconv.FormatUint(r.Seed, 10)}}}
		for _, result := range r.Results {
			if result.Group() == g.Group {
				suite.Cases = append(suite.Cases, testCase(r, result))
			}
		}
		file.Suites = append(file.Suites, suite)
	}
	if len(r.Stale) > 0 {
		suite := junit.Suite{Name: "waivers"}
		for _, waiver := range r.Stale {
			suite.Cases = append(suite.Cases, junit.Case{Name: waiver.ID, Failure: &junit.Problem{Kind: "stale", Message: "the waived checks no longer fail: remove the waiver"}})
		}
		file.Suites = append(file.Suites, suite)
	}
	return junit.Write(w, file)
}

func testCase(r *conformance.Report, result conformance.Result) junit.Case {
	c := junit.Case{Class: r.Kind + "." + result.Group(), Name: result.ID, Took: result.Took}
	text := details(result)
	switch {
	case r.Failed(result):
		c.Failure = &junit.Problem{Kind: string(result.Verdict), Message: result.Reason, Text: text}
	case result.Verdict == conformance.Error:
		c.Error = &junit.Problem{Kind: "error", Message: result.Reason, Text: text}
	case result.Verdict == conformance.Pass:
	case result.Verdict == conformance.Warn || result.Verdict == conformance.Noted:
		c.Out = string(result.Verdict) + ": " + result.Reason + "\n" + text
	default:
		c.Skipped = junit.Skip(string(result.Verdict) + ": " + result.Reason)
	}
	return c
}

// details describes a result: the requirement, the decisive exchange and the likely cause.
func details(result conformance.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n%s\nsource: %s\n", result.Level, result.Title, result.Why, result.Ref)
	if e := result.Decisive(); e != nil && result.Verdict != conformance.Pass {
		fmt.Fprintf(&b, "\nrequest (%s):\n%s\n\nresponse:\n%s%s\n\n%s\n", e.Note, e.Request, e.Response, e.Error, e.Curl)
	}
	if result.Got != "" {
		fmt.Fprintf(&b, "\nexpected: %s\ngot: %s\nlikely cause: %s\nrepeat: %s\n", result.Expected, result.Got, result.Cause, result.Repeat)
	}
	return b.String()
}
