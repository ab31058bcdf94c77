package conformance

import (
	"slices"
	"time"
)

// Exchange is one message that was sent and what came back, as it was on the wire.
type Exchange struct {
	Note     string        `json:"note"`               // what is special about it
	Request  string        `json:"request"`            // every byte, unless it is long
	Curl     string        `json:"curl,omitempty"`     // repeats it, as far as curl can
	Response string        `json:"response,omitempty"` // status line, headers and body
	Status   int           `json:"status,omitzero"`    // 0: there was no answer
	Error    string        `json:"error,omitempty"`    // why there was none
	Ended    time.Time     `json:"-"`
	Took     time.Duration `json:"-"`
	Millis   float64       `json:"ms"`
	Wanted   string        `json:"wanted,omitempty"` // of the reply, where it was not as wanted
}

// Result is what came of a check.
type Result struct {
	Check
	Verdict   Verdict       `json:"verdict"`
	Reason    string        `json:"reason,omitempty"` // of everything but pass: one sentence
	Wanted    string        `json:"wanted,omitempty"`
	Got       string        `json:"got,omitempty"`
	Cause     string        `json:"cause,omitempty"`  // what is most likely wrong in the target
	Repeat    string        `json:"repeat,omitempty"` // the command that makes this check again
	Exchanges []Exchange    `json:"exchanges,omitempty"`
	Took      time.Duration `json:"-"`
	Millis    float64       `json:"ms"`
	Original  Verdict       `json:"original,omitempty"` // what a waiver stands in for
}

// Report is what came of all checks.
type Report struct {
	Format   int           `json:"format"` // version of the JSON report: see report.schema.json
	Tool     string        `json:"tool"`
	Kind     string        `json:"kind"` // receiver or provider
	Target   string        `json:"target"`
	Profile  string        `json:"profile"`
	Seed     uint64        `json:"seed"`
	Began    time.Time     `json:"began"`
	Millis   float64       `json:"ms"`
	Took     time.Duration `json:"-"`
	Complete bool          `json:"complete"` // false: it was stopped before its end
	Strict   bool          `json:"strict"`   // a warning and missing evidence count as failures
	// Headline is what explains most of the results in one sentence, if anything does; Advice is what to do about it.
	Headline string    `json:"headline,omitempty"`
	Advice   string    `json:"advice,omitempty"`
	Untested bool      `json:"untested"`           // the target could not be tested at all
	Evidence []string  `json:"evidence,omitempty"` // what effects were judged by
	Stale    []Waiver  `json:"stale,omitempty"`    // waivers of what does not fail any more
	Unused   []Waiver  `json:"unused,omitempty"`   // waivers of nothing that was run
	Results  []Result  `json:"results"`
	Summary  []Counted `json:"summary"`
}

// Counted counts the verdicts of a group.
type Counted struct {
	Group  string          `json:"group"`
	Counts map[Verdict]int `json:"counts"`
}

// Count counts the results that came to a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, result := range r.Results {
		if result.Verdict == v {
			n++
		}
	}
	return n
}

// Of lists the results that came to a verdict.
func (r *Report) Of(v Verdict) []Result {
	var all []Result
	for _, result := range r.Results {
		if result.Verdict == v {
			all = append(all, result)
		}
	}
	return all
}

// Used lists the verdicts that the checks came to, and in any case pass and fail.
func (r *Report) Used() []Verdict {
	var used []Verdict
	for _, v := range []Verdict{Pass, Fail, Warn, Inconclusive, NotApplicable, Error, Waived, Noted, Skip} {
		if r.Count(v) > 0 || v == Pass || v == Fail {
			used = append(used, v)
		}
	}
	return used
}

// Finish puts the results into the order of their IDs, and counts.
func (r *Report) Finish() {
	r.Format = 1
	r.Millis = millis(r.Took)
	slices.SortStableFunc(r.Results, func(a, b Result) int { return compareIDs(a.ID, b.ID) })
	r.Summary = nil
	for i := range r.Results {
		result := &r.Results[i]
		result.Millis = millis(result.Took)
		for j := range result.Exchanges {
			result.Exchanges[j].Millis = millis(result.Exchanges[j].Took)
		}
		k := slices.IndexFunc(r.Summary, func(c Counted) bool { return c.Group == result.Group() })
		if k < 0 {
			k = len(r.Summary)
			r.Summary = append(r.Summary, Counted{result.Group(), map[Verdict]int{}})
		}
		r.Summary[k].Counts[result.Verdict]++
	}
}

// Failed reports whether a result counts against the target.
func (r *Report) Failed(result Result) bool {
	return result.Verdict == Fail || r.Strict && (result.Verdict == Warn || result.Verdict == Inconclusive)
}

// Code is the exit code: 0 right, 1 wrong, 2 it could not be tested.
func (r *Report) Code() int {
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

func millis(d time.Duration) float64 {
	return float64(d.Round(100*time.Microsecond)) / float64(time.Millisecond)
}

// groups in the order in which they are run and told.
var groups = []string{"auth", "rotate", "body", "http", "ack", "idem", "order", "evo", "kyc", "shake",
	"call", "example", "error", "cred", "tenant", "reg", "send"}

func compareIDs(a, b string) int {
	rank := func(id string) int {
		if i := slices.Index(groups, Check{ID: id}.Group()); i >= 0 {
			return i
		}
		return len(groups)
	}
	if d := rank(a) - rank(b); d != 0 {
		return d
	}
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Groups lists the groups in the order in which they are run and told.
func Groups() []string { return slices.Clone(groups) }
