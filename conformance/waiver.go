package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/idmock/idmock/internal/glob"
)

// Waiver accepts a known failure for now.
type Waiver struct {
	ID      string  `json:"id" yaml:"id"`           // of the checks; * matches any text
	Verdict Verdict `json:"verdict" yaml:"verdict"` // the expected verdict: fail, warn, inconclusive or error
	Reason  string  `json:"reason" yaml:"reason"`
}

// Waivers are the entries of a waivers file.
type Waivers []Waiver

// ReadWaivers reads a waivers file: a YAML list of id, verdict and reason. It reports all invalid entries together.
func ReadWaivers(src []byte) (Waivers, error) {
	var waivers Waivers
	if err := yaml.NewDecoder(bytes.NewReader(src), yaml.Strict()).Decode(&waivers); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var problems []error
	for i, w := range waivers {
		bad := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("waiver %d: "+format, append([]any{i + 1}, args...)...))
		}
		if w.ID == "" {
			bad("id is required: use the ID of a check, in which * matches any text")
		}
		switch w.Verdict {
		case Fail, Warn, Inconclusive, Error:
		default:
			bad("verdict %q cannot be waived: use fail, warn, inconclusive or error", w.Verdict)
		}
		if strings.TrimSpace(w.Reason) == "" {
			bad("reason is required for %s", w.ID)
		}
	}
	return waivers, errors.Join(problems...)
}

// Waive applies waivers. A result with the expected verdict becomes waived. A waiver is stale if its checks were run but do not
// have the expected verdict: the flaw is fixed, and the waiver would hide the next failure.
func (r *Report) Waive(waivers Waivers) {
	for _, w := range waivers {
		switch used, ran := r.waive(w); {
		case used:
		case ran:
			r.Stale = append(r.Stale, w)
		default:
			r.Unused = append(r.Unused, w)
		}
	}
}

// waive applies one waiver. used reports whether a result has the expected verdict, ran whether a check was run that has
// another one.
func (r *Report) waive(w Waiver) (used, ran bool) {
	for i := range r.Results {
		result := &r.Results[i]
		if !glob.Match(w.ID, result.ID) {
			continue
		}
		switch result.Verdict {
		case w.Verdict:
			result.Original, result.Verdict = result.Verdict, Waived
			result.Reason = fmt.Sprintf("%s (%s)", w.Reason, result.Reason)
			used = true
		case Waived:
			used = used || result.Original == w.Verdict
		case Skip, NotApplicable:
		default:
			ran = true
		}
	}
	return used, ran
}

// WaiverTemplate returns the waivers file with which the run would pass, with empty reasons.
func (r *Report) WaiverTemplate() string {
	var b strings.Builder
	for _, result := range r.Results {
		if r.Failed(result) || result.Verdict == Error {
			fmt.Fprintf(&b, "- {id: %s, verdict: %s, reason: \"\"}\n", result.ID, result.Verdict)
		}
	}
	return b.String()
}
