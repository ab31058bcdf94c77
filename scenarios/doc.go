// Package scenarios parses scenarios, which are YAML files of rules, and executes them as a pure state machine.
//
// A file is parsed and judged by [Parse], which reports every mistake at once with its place. A [Machine] plays one
// scenario over its provider's default: [Machine.Step] takes a run's state and an input, and returns the next state
// and the effects. It does no I/O, reads no clock and keeps no state, so the same inputs always give
// the same effects. Doing the effects is the engine's work.
//
// The package does not know providers: [Vocabulary] has the names that a file may use.
//
// # The order of things in a rule
//
// The first rule with a matching on and a true when applies. Its set is done first, then its
// reply, then its timeline: each step's after counts from the step before it, the first one's from the reply.
package scenarios
