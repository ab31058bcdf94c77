package conformance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
)

// The exit code is 0 passed, 1 failed, 2 could not be tested.
func TestExitCode(t *testing.T) {
	of := func(results ...conformance.Result) *conformance.Report {
		return &conformance.Report{Complete: true, Results: results}
	}
	pass, fail := conformance.Result{Verdict: conformance.Pass}, conformance.Result{Verdict: conformance.Fail}
	warn, unknown := conformance.Result{Verdict: conformance.Warn}, conformance.Result{Verdict: conformance.Inconclusive}
	strict := of(pass, warn)
	strict.Strict = true
	strictly := of(pass, unknown)
	strictly.Strict = true
	cut := of(pass)
	cut.Complete = false
	stale := of(pass)
	stale.Stale = []conformance.Waiver{{}}
	should := of(pass, warn)
	should.FailOn = conformance.Should
	for name, c := range map[string]struct {
		report *conformance.Report
		want   int
	}{
		"a warning, fail on should": {should, 1},
		"all passed":                {of(pass, pass), 0}, "one failed": {of(pass, fail), 1}, "a warning": {of(pass, warn), 0}, "a warning, strict": {strict, 1},
		"no evidence": {of(unknown), 2}, "one inconclusive": {of(pass, unknown), 0}, "inconclusive, strict": {strictly, 1},
		"an error": {of(pass, conformance.Result{Verdict: conformance.Error}), 2}, "stopped": {cut, 2}, "a stale waiver": {stale, 1},
		"untested": {&conformance.Report{Complete: true, Untested: true}, 2}, "not applicable": {of(conformance.Result{Verdict: conformance.NotApplicable}), 2},
	} {
		if got := c.report.ExitCode(); got != c.want {
			t.Errorf("%s: code %d, want %d", name, got, c.want)
		}
	}
}

// Finish leaves the exchanges alone that were handed out with a result.
func TestFinishDoesNotShareExchanges(t *testing.T) {
	exchanges := []conformance.Exchange{{Took: time.Second}}
	report := &conformance.Report{Results: []conformance.Result{{Exchanges: exchanges}}}
	report.Finish()
	if got := report.Results[0].Exchanges[0].Millis; got != 1000 || exchanges[0].Millis != 0 {
		t.Errorf("%v ms in the report, %v in the result that was handed out; want 1000 and 0", got, exchanges[0].Millis)
	}
}

// A waiver needs a verdict and a reason, and is stale if its checks no longer fail.
func TestWaivers(t *testing.T) {
	for src, want := range map[string]string{
		"- {id: auth/*, verdict: fail, reason: soon}": "",
		"": "",
		"- {id: auth/*, verdict: pass, reason: soon}":   `verdict "pass" cannot be waived`,
		"- {id: auth/*, verdict: fail}":                 "reason is required",
		"- {verdict: fail, reason: soon}":               "id is required",
		"- {id: a, verdict: fail, reason: b, until: c}": "unknown field",
	} {
		_, err := conformance.ReadWaivers([]byte(src))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
	r := &conformance.Report{Complete: true, Results: []conformance.Result{
		{Check: conformance.Check{ID: "auth/a"}, Verdict: conformance.Fail}, {Check: conformance.Check{ID: "auth/b"}, Verdict: conformance.Pass},
		{Check: conformance.Check{ID: "http/c"}, Verdict: conformance.Pass}, {Check: conformance.Check{ID: "http/d"}, Verdict: conformance.NotApplicable}}}
	r.Waive(conformance.Waivers{{ID: "auth/*", Verdict: conformance.Fail}, {ID: "http/c", Verdict: conformance.Fail}, {ID: "http/d", Verdict: conformance.Fail}, {ID: "auth/b", Verdict: conformance.Warn}})
	if len(r.Stale) != 2 || r.Stale[0].ID != "http/c" || r.Stale[1].ID != "auth/b" || len(r.Unused) != 1 || r.Results[0].Verdict != conformance.Waived || r.ExitCode() != 1 {
		t.Errorf("stale %v, unused %v, %v, code %d", r.Stale, r.Unused, r.Results[0].Verdict, r.ExitCode())
	}
}
