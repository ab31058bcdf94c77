// Package report writes a [conformance.Report] as text, JSON, JUnit or HTML.
//
// [Console] explains: the requirement and its reason, the request as a curl command, the response, the expected response and
// the likely cause. [WriteJSON] follows [Schema]. [WriteJUnit] distinguishes failures, errors and skipped checks. [WriteHTML]
// writes a single page with all exchanges, in which no script runs.
//
// Verdicts, counts and exit codes do not belong here: package conformance determines them. Secrets are removed before a
// report arrives here, by [conformance.Redactor].
package report
