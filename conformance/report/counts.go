package report

import "github.com/idmock/idmock/conformance"

// withVerdict returns the results with a verdict.
func withVerdict(r *conformance.Report, v conformance.Verdict) []conformance.Result {
	var results []conformance.Result
	for _, result := range r.Results {
		if result.Verdict == v {
			results = append(results, result)
		}
	}
	return results
}

// usedVerdicts returns the columns of the table of counts: pass, fail, and the other verdicts that occur.
func usedVerdicts(r *conformance.Report) []conformance.Verdict {
	var used []conformance.Verdict
	for _, v := range []conformance.Verdict{conformance.Pass, conformance.Fail, conformance.Warn, conformance.Inconclusive, conformance.NotApplicable,
		conformance.Error, conformance.Waived, conformance.Noted, conformance.Skip} {
		if r.Count(v) > 0 || v == conformance.Pass || v == conformance.Fail {
			used = append(used, v)
		}
	}
	return used
}
