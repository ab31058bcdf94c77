// Package conformance defines checks, verdicts, results and waivers, for webhook receivers and for providers.
//
// It sends nothing and formats nothing: packages receiver and provider run the checks, package report writes text, JSON,
// JUnit and HTML, and package service runs checks for a server, on behalf of its page and its control API.
//
// # Checks are data
//
// A check is a requirement with a source: an ID (auth/forged-signature), a level, the reason, a request and the expected
// result. Checks are read from YAML tables (receiver/checks, provider/checks). A check belongs in the suite only if the
// reference implementation passes it and an implementation with exactly that flaw fails it with a message that names the
// flaw; tests enforce both.
//
// # Running
//
// [github.com/idmock/idmock/conformance/receiver.Run] tests a receiver and
// [github.com/idmock/idmock/conformance/provider.Run] a provider. Both return a [Report] and pass each [Result] to a callback
// as soon as it is known. [github.com/idmock/idmock/conformance/conformancetest.Run] turns each check into a subtest. The
// commands are idmock check receiver and idmock check provider.
//
// The seed of a run determines the order of the checks and the generated data; [Repeat] returns the command that repeats a
// single check. Every run uses new subjects, because an application remembers those it has seen.
//
// # Verdicts
//
// A response proves little: a receiver may respond 401 and still open an account. Effects therefore need evidence from the
// application: a probe that reports the application's view of a subject, or the application's calls to the API of the mock
// that runs beside the checks. Without evidence, the verdict is inconclusive, never pass. Canaries (valid events) are sent
// first and between groups: a receiver that refuses them passes nothing, and neither does one that accepts a forged event.
//
//	pass            the requirement is met
//	fail            a MUST is not met
//	warn            a SHOULD is not met; counts as a failure in strict runs
//	info            an observation that never counts
//	inconclusive    no evidence; counts as a failure in strict runs
//	not-applicable  the provider lacks the feature; the reason says which
//	skip            not reached
//	waived          a known failure, accepted for now
//	error           the check could not be run
//
// # Waivers
//
// A waiver declares a known failure and its reason; [Report.WaiverTemplate] lists the waivers that a run would need. A stale
// waiver, of checks that no longer fail, fails the run, because it would hide the next failure.
//
// # Exit codes
//
// [Report.ExitCode]: 0 passed, 1 failed (or a waiver is stale), 2 could not be tested.
package conformance
