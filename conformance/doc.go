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
// # Verdicts
//
// A reply alone shows little: a receiver may answer 401 and still open an account. So effects need evidence, from the
// application itself: a probe that tells its view of a subject, or its calls to the API of the mock that runs beside the
// checks. Where the evidence is missing, the verdict is inconclusive, never pass. A canary, a valid event, goes first and
// between the groups: a receiver that refuses it passes nothing, and neither does one that takes a forged one.
//
// # Exit codes
//
// [Report.Code]: 0 right, 1 a requirement is missed or a waiver is stale, 2 nothing could be judged.
package conformance
