package conformance

import "strings"

// Level is how strongly something is required, as in RFC 2119.
type Level string

// The levels. What is missed at Info is told and never counts.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	Info   Level = "INFO"
)

// Check is one requirement on a receiver or on a provider.
type Check struct {
	ID    string `json:"id" yaml:"id"` // group/name, words and hyphens
	Level Level  `json:"level" yaml:"level"`
	Title string `json:"title" yaml:"title"` // the requirement, in one sentence
	Why   string `json:"why" yaml:"why"`     // what goes wrong otherwise
	Ref   string `json:"ref" yaml:"ref"`     // where it is required, or where its lack was seen
	Core  bool   `json:"core" yaml:"core"`   // among the checks that come first
}

// Group is the first word of the ID.
func (c Check) Group() string {
	group, _, _ := strings.Cut(c.ID, "/")
	return group
}

// Verdict is what came of a check.
type Verdict string

// The verdicts. Fail and Warn are the receiver's; Error is when a check could not be made.
const (
	Pass          Verdict = "pass"
	Fail          Verdict = "fail"
	Warn          Verdict = "warn" // a SHOULD was missed
	Noted         Verdict = "info" // what is only told
	Skip          Verdict = "skip" // not asked for, or not reached
	NotApplicable Verdict = "not-applicable"
	Inconclusive  Verdict = "inconclusive" // the evidence is missing
	Waived        Verdict = "waived"
	Error         Verdict = "error"
)

// Verdicts lists them in the order in which they are counted.
func Verdicts() []Verdict {
	return []Verdict{Fail, Error, Warn, Inconclusive, Waived, Noted, NotApplicable, Skip, Pass}
}
