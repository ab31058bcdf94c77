package receiver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/glob"
)

// fold marks the failures that follow from others. If one explains all failures, it becomes the headline.
func (r *runner) fold(chosen []*Check) {
	failed := func(id string) *conformance.Result {
		i := slices.IndexFunc(r.report.Results, func(result conformance.Result) bool {
			return result.ID == id && (result.Verdict == conformance.Fail || result.Verdict == conformance.Warn)
		})
		if i < 0 {
			return nil
		}
		return &r.report.Results[i]
	}
	for _, c := range chosen {
		if cause := failed(c.ID); c.Undermines && cause != nil && cause.Follows == "" {
			undermined(r, chosen, cause)
		}
	}
	for _, c := range chosen {
		cause := failed(c.ID)
		if cause == nil {
			continue
		}
		for i := range r.report.Results {
			result := &r.report.Results[i]
			explains := slices.ContainsFunc(c.Explains, func(pattern string) bool { return glob.Match(pattern, result.ID) })
			if explains && result.Follows == "" && result.ID != cause.ID && cause.Follows == "" && failed(result.ID) != nil && !outweighs(result, cause) {
				result.Follows = cause.ID
			}
		}
	}
	if r.report.Headline != "" {
		return
	}
	var roots []conformance.Result
	for _, result := range r.report.Results {
		if result.Follows == "" && failed(result.ID) != nil {
			roots = append(roots, result)
		}
	}
	failures := slices.DeleteFunc(slices.Clone(roots), func(result conformance.Result) bool { return result.Verdict != conformance.Fail })
	if len(failures) > 0 {
		roots = failures
	}
	if len(roots) != 1 { // the evidence does not single out one cause
		return
	}
	first := roots[0]
	r.report.Headline = fmt.Sprintf("%s: %s", first.ID, first.Title)
	if cause := strings.TrimSpace(first.Cause); cause != "" {
		r.report.Advice = "Most likely " + cause + "."
	}
}

// outweighs reports whether a is a failure and b only a warning: a warning explains no failure.
func outweighs(a, b *conformance.Result) bool {
	return a.Verdict == conformance.Fail && b.Verdict == conformance.Warn
}

// undermined marks the failures that another one may have caused by losing, refusing or mixing up valid events. That a
// request was accepted which should be refused does not follow from it, nor does what explains it.
func undermined(r *runner, chosen []*Check, cause *conformance.Result) {
	for _, c := range chosen {
		i := slices.IndexFunc(r.report.Results, func(result conformance.Result) bool { return result.ID == c.ID })
		if i < 0 || slices.ContainsFunc(c.Explains, func(pattern string) bool { return glob.Match(pattern, cause.ID) }) {
			continue
		}
		result := &r.report.Results[i]
		problem := result.Verdict == conformance.Fail || result.Verdict == conformance.Warn
		if problem && result.ID != cause.ID && result.Follows == "" && !strings.HasPrefix(result.Expected, "a refusal") {
			result.Follows = cause.ID
		}
	}
}
