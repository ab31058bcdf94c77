// Package scenarios is what happens: YAML files of rules, and the machine that plays them.
//
// A file is parsed and judged by [Parse], which reports every mistake at once with its place. A [Machine] plays one
// scenario over its provider's default: [Machine.Step] takes a run's state and what came in, and returns the next state
// and what is to be done about it. It does no I/O, looks at no clock and keeps nothing, so the same inputs always give
// the same effects. Doing the effects is the engine's work.
//
// The package does not know what a provider is: [Vocabulary] tells it which names a file may use.
//
// # The order of things in a rule
//
// The first rule whose on names the call and whose when holds is the one that plays. Its set is done first, then its
// reply, then its timeline: each step's after counts from the step before it, the first one's from the reply.
package scenarios
