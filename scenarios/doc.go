// Package scenarios parses scenario files (YAML rules) and plays them.
//
// [Parse] parses and validates a file, and reports every problem at once with its position. A [Machine] plays one scenario
// on top of its provider's default: [Machine.Step] takes a run's state and an input, and returns the next state and the
// effects. Step is pure: it does no I/O, reads no clock and keeps nothing, so the same inputs always give the same effects.
// The engine carries the effects out; no code that does belongs here.
//
// The package does not depend on providers: [Vocabulary] lists the names that a file may use.
//
// # Order within a rule
//
// The first rule with a matching on and a true when plays: first set, then reply, then the timeline. The after of a step
// counts from the step before it; that of the first step counts from the reply.
package scenarios
