package conformance

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/junit"
)

// WriteJUnit writes the report for CI systems: a suite a group. A failure is the target's, an error is a check that could
// not be made; missing evidence, waivers and what does not apply are skipped, with the reason. A warning is told in the
// output of a passed case, unless the run is strict.
func (r *Report) WriteJUnit(w io.Writer) error {
	out := junit.Report{Name: r.Kind + " " + r.Target}
	for _, g := range r.Summary {
		suite := junit.Suite{Name: g.Group, Began: r.Began, Properties: []junit.Property{
			{Name: "target", Value: r.Target}, {Name: "profile", Value: r.Profile}, {Name: "seed", Value: strconv.FormatUint(r.Seed, 10)}}}
		for _, result := range r.Results {
			if result.Group() == g.Group {
				suite.Cases = append(suite.Cases, r.junitCase(result))
			}
		}
		out.Suites = append(out.Suites, suite)
	}
	if len(r.Stale) > 0 {
		suite := junit.Suite{Name: "waivers"}
		for _, waiver := range r.Stale {
			suite.Cases = append(suite.Cases, junit.Case{Name: waiver.ID, Failure: &junit.Problem{Kind: "stale", Message: "what is waived does not fail any more: take the waiver out"}})
		}
		out.Suites = append(out.Suites, suite)
	}
	return junit.Write(w, out)
}

func (r *Report) junitCase(result Result) junit.Case {
	c := junit.Case{Class: r.Kind + "." + result.Group(), Name: result.ID, Took: result.Took}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n%s\nsource: %s\n", result.Level, result.Title, result.Why, result.Ref)
	if e := result.Decisive(); e != nil && result.Verdict != Pass {
		fmt.Fprintf(&b, "\nsent (%s):\n%s\n\ncame back:\n%s%s\n\n%s\n", e.Note, e.Request, e.Response, e.Error, e.Curl)
	}
	if result.Got != "" {
		fmt.Fprintf(&b, "\nwanted: %s\ngot: %s\nlikely: %s\nagain: %s\n", result.Wanted, result.Got, result.Cause, result.Repeat)
	}
	switch {
	case r.Failed(result):
		c.Failure = &junit.Problem{Kind: string(result.Verdict), Message: result.Reason, Text: b.String()}
	case result.Verdict == Error:
		c.Error = &junit.Problem{Kind: "error", Message: result.Reason, Text: b.String()}
	case result.Verdict == Pass:
	case result.Verdict == Warn || result.Verdict == Noted:
		c.Out = string(result.Verdict) + ": " + result.Reason + "\n" + b.String()
	default:
		c.Skipped = junit.Skip(string(result.Verdict) + ": " + result.Reason)
	}
	return c
}
