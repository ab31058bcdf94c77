// Package outcome is the result of one step of a check: as wanted, not as wanted, or not testable, each with its reason.
//
// Does not belong here: verdicts. A step that is not as wanted fails a MUST and only warns about a SHOULD; the receiver
// package decides that, and package conformance defines the verdicts.
package outcome

import "fmt"

// Outcome is the result of a step. The zero value is as wanted; otherwise one of the fields says why not.
type Outcome struct {
	Wanted, Got string // expectation and observation, where they differ
	Untestable  string // why the evidence is missing
	Unseen      bool   // untestable because an effect that must occur was not seen
	Moot        string // why the check does not apply after all
	Err         error  // the step could not be performed
}

// Fine is the outcome of a step that went as wanted.
var Fine Outcome

// Wrong returns the outcome of a step that did not go as wanted. got is a format.
func Wrong(wanted, got string, args ...any) Outcome {
	return Outcome{Wanted: wanted, Got: fmt.Sprintf(got, args...)}
}

// Untestable returns the outcome of a step that lacks evidence.
func Untestable(format string, args ...any) Outcome {
	return Outcome{Untestable: fmt.Sprintf(format, args...)}
}

// Failed returns the outcome of a step that could not be performed.
func Failed(err error) Outcome { return Outcome{Err: err} }

// First returns the first outcome that is wrong or, without one, the first that is not fine. It counts the wrong ones in
// its text: what names their common fault, as in "3 of 50 lost".
func First(all []Outcome, fault string) Outcome {
	first, wrong := Fine, 0
	for _, o := range all {
		if o.Wanted != "" {
			wrong++
		}
		if first == Fine || first.Wanted == "" && o.Wanted != "" {
			first = o
		}
	}
	if wrong > 0 {
		first.Got = fmt.Sprintf("%d of %d %s: %s", wrong, len(all), fault, first.Got)
	}
	return first
}
