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

// Waiver says that a failure is known, and for the time being accepted.
type Waiver struct {
	ID      string  `json:"id" yaml:"id"`           // of the checks; * stands for any text
	Verdict Verdict `json:"verdict" yaml:"verdict"` // what is expected of them: fail, warn, inconclusive or error
	Reason  string  `json:"reason" yaml:"reason"`
}

// Waivers are the entries of a waivers file.
type Waivers []Waiver

// ReadWaivers reads a waivers file: a YAML list of id, verdict and reason. All mistakes are told together.
func ReadWaivers(src []byte) (Waivers, error) {
	var all Waivers
	if err := yaml.NewDecoder(bytes.NewReader(src), yaml.Strict()).Decode(&all); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var problems []error
	for i, w := range all {
		bad := func(format string, args ...any) {
			problems = append(problems, fmt.Errorf("waiver %d: "+format, append([]any{i + 1}, args...)...))
		}
		if w.ID == "" {
			bad("has no id: write that of a check, in which * stands for any text")
		}
		switch w.Verdict {
		case Fail, Warn, Inconclusive, Error:
		default:
			bad("verdict %q cannot be waived: want fail, warn, inconclusive or error", w.Verdict)
		}
		if strings.TrimSpace(w.Reason) == "" {
			bad("%s has no reason: say why this is accepted", w.ID)
		}
	}
	return all, errors.Join(problems...)
}

// Waive applies waivers. A result that came to the expected verdict is waived; a waiver of checks that were run, none of
// which came to it, is stale: what it speaks of has been mended, and it would hide the next failure.
func (r *Report) Waive(all Waivers) {
	for _, w := range all {
		judged, used := false, false
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
				judged = true
			}
		}
		switch {
		case used:
		case judged:
			r.Stale = append(r.Stale, w)
		default:
			r.Unused = append(r.Unused, w)
		}
	}
}

// Paste is what a waivers file would have to hold for the run to be right.
func (r *Report) Paste() string {
	var b strings.Builder
	for _, result := range r.Results {
		if r.Failed(result) || result.Verdict == Error {
			fmt.Fprintf(&b, "- {id: %s, verdict: %s, reason: \"\"}\n", result.ID, result.Verdict)
		}
	}
	return b.String()
}
