// Package conformance says how well a webhook receiver, or a provider, does what it must: checks, verdicts, waivers and
// reports. What is sent and how it is judged is in the packages receiver and provider below it; package runs makes the
// checks for a server that runs, as its page and its control API ask.
//
// # Checks are data
//
// A check is a requirement with a source: an ID of words (auth/forged-signature), a level, why it matters, what is sent
// and what is wanted. They stand in YAML tables (receiver/checks); the code has few verbs: build a shot, sign it, spoil
// it, put it on the wire, judge the reply, ask for the effect. A check belongs to the suite only when the reference
// receiver passes it and a receiver with that very flaw fails it with a message that names the flaw; a test sees to that.
//
// # Judging
//
// [github.com/idmock/idmock/conformance/receiver.Run] judges a receiver and
// [github.com/idmock/idmock/conformance/provider.Run] a provider; both return a [Report], and tell each [Result] as soon
// as it is known. [github.com/idmock/idmock/conformance/conformancetest.Run] makes each check a subtest. The command is
// idmock check receiver, and idmock check provider.
//
// A run has a seed: it chooses the order of the checks and what is made up. [Repeat] is the command that makes one check
// again as it was made. What is sent is about new people in every run, since an application keeps what it saw.
//
// # Verdicts
//
// A reply alone shows little: a receiver may answer 401 and still open an account. So effects need evidence, from the
// application itself: a probe that tells its view of a subject, or its calls to the API of the mock that runs beside the
// checks. Where the evidence is missing, the verdict is inconclusive, never pass. A canary, a valid event, goes first and
// between the groups: a receiver that refuses it passes nothing, and neither does one that takes a forged one.
//
//	pass            it is as required
//	fail            a MUST is missed
//	warn            a SHOULD is missed; counts where the run is strict
//	info            something that is only told
//	inconclusive    nothing shows it; counts where the run is strict
//	not-applicable  the provider has nothing of the kind, with the reason
//	skip            not reached
//	waived          known, and accepted for now
//	error           the check could not be made
//
// # Reports
//
// [Console] teaches: what is required and why, what was sent as a curl command, what came back, what was wanted, what is
// likely wrong. [Report.WriteJSON] follows [Schema]. [Report.WriteJUnit] tells a failure, an error and what was skipped
// apart. [Report.WriteHTML] is one file with the log of the wire, in which nothing runs. None of them holds a secret that
// the run was given: a [Redactor] has been over all of it.
//
// # Waivers
//
// A waiver says that a failure is known, with a reason; [Report.Paste] is what would have to be waived. One that is stale,
// since what it speaks of does not fail any more, fails the run: it would hide the next failure.
//
// # Exit codes
//
// [Report.Code]: 0 right, 1 a requirement is missed or a waiver is stale, 2 nothing could be judged.
package conformance
