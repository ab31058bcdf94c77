package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Exchange is an HTTP request and its response, as they were on the wire.
type Exchange struct {
	Note     string        `json:"note"`               // the purpose of the request
	Request  string        `json:"request"`            // all bytes; long bodies are truncated
	Curl     string        `json:"curl,omitempty"`     // repeats the request, as far as curl can
	Response string        `json:"response,omitempty"` // status line, headers and body
	Status   int           `json:"status,omitzero"`    // 0: no response
	Error    string        `json:"error,omitempty"`    // the reason for a missing response
	Ended    time.Time     `json:"-"`
	Took     time.Duration `json:"-"`
	Millis   float64       `json:"ms"`
	Expected string        `json:"expected,omitempty"` // the expected response, if this one differs
}

// Result is the outcome of a check.
type Result struct {
	Check
	Verdict   Verdict       `json:"verdict"`
	Reason    string        `json:"reason,omitempty"` // one sentence; empty if the check passed
	Expected  string        `json:"expected,omitempty"`
	Got       string        `json:"got,omitempty"`
	Cause     string        `json:"cause,omitempty"`  // the most likely flaw of the target
	Repeat    string        `json:"repeat,omitempty"` // the command that repeats this check
	Exchanges []Exchange    `json:"exchanges,omitempty"`
	Took      time.Duration `json:"-"`
	Millis    float64       `json:"ms"`
	Original  Verdict       `json:"original,omitempty"` // the verdict that a waiver replaced
	Follows   string        `json:"follows,omitempty"`  // the check whose failure explains this one
}

// Decisive returns the exchange that shows the flaw: the first with an unexpected response, or else the last. It is nil
// without exchanges.
func (r *Result) Decisive() *Exchange {
	for i := range r.Exchanges {
		if r.Exchanges[i].Expected != "" {
			return &r.Exchanges[i]
		}
	}
	if n := len(r.Exchanges); n > 0 {
		return &r.Exchanges[n-1]
	}
	return nil
}

// Report holds the results of a run.
type Report struct {
	Format   int           `json:"format"` // version of the JSON report: see package report
	Tool     string        `json:"tool"`
	Kind     string        `json:"kind"` // receiver or provider
	Target   string        `json:"target"`
	Profile  string        `json:"profile"`
	Seed     uint64        `json:"seed"`
	Began    time.Time     `json:"began"`
	Millis   float64       `json:"ms"`
	Took     time.Duration `json:"-"`
	Complete bool          `json:"complete"`          // false: stopped before the end
	FailOn   Level         `json:"fail_on,omitempty"` // the weakest level whose violation fails the run; empty: MUST
	Strict   bool          `json:"strict"`            // warnings and missing evidence count as failures
	// Headline is the finding that explains most results, if there is one; Advice says how to fix it.
	Headline string        `json:"headline,omitempty"`
	Advice   string        `json:"advice,omitempty"`
	Untested bool          `json:"untested"`           // the target could not be tested at all
	Evidence []string      `json:"evidence,omitempty"` // the sources of evidence for effects
	Stale    []Waiver      `json:"stale,omitempty"`    // waivers of checks that no longer fail
	Unused   []Waiver      `json:"unused,omitempty"`   // waivers that match no check of the run
	Results  []Result      `json:"results"`
	Summary  []GroupCounts `json:"summary"`
}

// GroupCounts counts the verdicts of a group.
type GroupCounts struct {
	Group  string          `json:"group"`
	Counts map[Verdict]int `json:"counts"`
}

// Count returns the number of results with a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// Finish sorts the results by ID and counts their verdicts. It replaces exchanges and does not change them: others may have
// the results already.
func (r *Report) Finish() {
	r.Format = 1
	r.Millis = millis(r.Took)
	slices.SortStableFunc(r.Results, func(a, b Result) int { return compareIDs(a.ID, b.ID) })
	r.Summary = nil
	for i := range r.Results {
		result := &r.Results[i]
		result.Millis = millis(result.Took)
		result.Exchanges = slices.Clone(result.Exchanges)
		for j := range result.Exchanges {
			result.Exchanges[j].Millis = millis(result.Exchanges[j].Took)
		}
		k := slices.IndexFunc(r.Summary, func(c GroupCounts) bool { return c.Group == result.Group() })
		if k < 0 {
			k = len(r.Summary)
			r.Summary = append(r.Summary, GroupCounts{result.Group(), map[Verdict]int{}})
		}
		r.Summary[k].Counts[result.Verdict]++
	}
}

func millis(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond)) / float64(time.Millisecond)
}

// ParseLevel returns the level of a word such as must. An empty word is MUST.
func ParseLevel(word string) (Level, error) {
	switch l := Level(strings.ToUpper(word)); l {
	case "":
		return Must, nil
	case Must, Should:
		return l, nil
	}
	return "", fmt.Errorf("unknown level %q: use must or should", word)
}

// Failed reports whether a result counts against the target.
func (r *Report) Failed(result Result) bool {
	return result.Verdict == Fail || r.FailOn == Should && result.Verdict == Warn || r.Strict && (result.Verdict == Warn || result.Verdict == Inconclusive)
}

// ExitCode returns the exit code of the run: 0 passed, 1 failed, 2 could not be tested.
func (r *Report) ExitCode() int {
	switch {
	case r.Untested:
		return 2
	case slices.ContainsFunc(r.Results, r.Failed), len(r.Stale) > 0:
		return 1
	case r.Count(Error) > 0, !r.Complete, r.Count(Pass)+r.Count(Warn)+r.Count(Waived)+r.Count(Noted) == 0:
		return 2
	}
	return 0
}

// Sentence summarizes the run in one line.
func (r *Report) Sentence() string {
	tested := len(r.Results) - r.Count(NotApplicable) - r.Count(Skip)
	s := fmt.Sprintf("%d of %d checks passed in %.1f s, seed %d", r.Count(Pass), tested, r.Took.Seconds(), r.Seed)
	if tested == 0 {
		s = fmt.Sprintf("No checks were run, seed %d", r.Seed)
	}
	if !r.Complete {
		s += "; stopped before the end"
	}
	switch r.ExitCode() {
	case 0:
		var rest []string
		if n := r.Count(Warn); n > 0 {
			rest = append(rest, plural(n, "warning"))
		}
		if n := r.Count(Inconclusive); n > 0 {
			rest = append(rest, fmt.Sprintf("%d inconclusive", n))
		}
		if len(rest) > 0 {
			return s + ". No failures; " + strings.Join(rest, ", ") + "."
		}
		return s + ". The " + r.Kind + " passed."
	case 1:
		return s + ". The " + r.Kind + " failed."
	}
	return s + ". The " + r.Kind + " could not be tested."
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
