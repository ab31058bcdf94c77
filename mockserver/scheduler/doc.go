// Package scheduler runs jobs when they fall due: as time passes, or at once and in order when an account's clock is
// advanced. It also waits: until nothing is due, or until nothing is left to come.
//
// The work of jobs belongs to packages engine and delivery.
package scheduler
