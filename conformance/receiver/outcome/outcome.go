// Package outcome is the result of one step of a check: as expected, not as expected, or not testable, each with its reason.
//
// Does not belong here: verdicts. A step with an unexpected result fails a MUST and only warns about a SHOULD; the receiver
// package decides that, and package conformance defines the verdicts.
package outcome

import "fmt"

// Outcome is the result of a step. The zero value is as expected; otherwise one of the fields has the reason.
type Outcome struct {
	Expected, Got string // expectation and observation, where they differ
	Untestable    string // why the evidence is missing
	Unseen        bool   // untestable because an effect that must occur was not seen
	Moot          string // why the check does not apply after all
	Severe        bool   // unexpected, and never only a warning
	Err           error  // the step could not be performed
}

// Fine is the outcome of a step with the expected result.
var Fine Outcome

// Wrong returns the outcome of a step with an unexpected result. got is a format.
func Wrong(expected, got string, args ...any) Outcome {
	return Outcome{Expected: expected, Got: fmt.Sprintf(got, args...)}
}

// Severe returns the outcome of a step with an unexpected result that fails the check whatever its level.
func Severe(expected, got string, args ...any) Outcome {
	o := Wrong(expected, got, args...)
	o.Severe = true
	return o
}

// Untestable returns the outcome of a step that lacks evidence.
func Untestable(format string, args ...any) Outcome {
	return Outcome{Untestable: fmt.Sprintf(format, args...)}
}

// Failed returns the outcome of a step that could not be performed.
func Failed(err error) Outcome { return Outcome{Err: err} }

// First returns the first outcome that is wrong or, without one, the first that is not fine. If several are wrong,
// its text has their number and fault: "3 of 50 lost".
func First(all []Outcome, fault string) Outcome {
	first, wrong := Fine, 0
	for _, o := range all {
		if o.Expected != "" {
			wrong++
		}
		if first == Fine || first.Expected == "" && o.Expected != "" {
			first = o
		}
	}
	if wrong > 0 {
		first.Got = fmt.Sprintf("%d of %d %s: %s", wrong, len(all), fault, first.Got)
	}
	return first
}
