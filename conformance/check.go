package conformance

import "strings"

// Level is the strength of a requirement, as in RFC 2119.
type Level string

// The levels. A requirement at level Info is reported and never counts.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	Info   Level = "INFO"
)

// Check is one requirement on a receiver or a provider.
type Check struct {
	ID    string `json:"id" yaml:"id"` // group/name, words and hyphens
	Level Level  `json:"level" yaml:"level"`
	Title string `json:"title" yaml:"title"` // the requirement, in one sentence
	Why   string `json:"why" yaml:"why"`     // the damage if it is not met
	Ref   string `json:"ref" yaml:"ref"`     // the standard or document that requires it, or an incident
	Core  bool   `json:"core" yaml:"core"`   // part of the core set
}

// Group returns the part of the ID before the slash.
func (c Check) Group() string {
	group, _, _ := strings.Cut(c.ID, "/")
	return group
}

// Verdict is the outcome of a check.
type Verdict string

// The verdicts. Fail and Warn are flaws of the target; Error means that the check could not be run.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Warn          Verdict = "warn" // a SHOULD is not met
	Noted         Verdict = "info" // an observation
	Skip          Verdict = "skip" // not selected, or not reached
	NotApplicable Verdict = "not-applicable"
	Inconclusive  Verdict = "inconclusive" // evidence is missing
	Waived        Verdict = "waived"
	Error         Verdict = "error"
)

// Verdicts lists the verdicts in report order, the most urgent first.
func Verdicts() []Verdict {
	return []Verdict{Fail, Error, Warn, Inconclusive, Waived, Noted, NotApplicable, Skip, Pass}
}

// Missed returns the verdict for a requirement of this level that is not met.
func (l Level) Missed() Verdict {
	switch l {
	case Must:
		return Fail
	case Should:
		return Warn
	default:
		return Noted
	}
}
