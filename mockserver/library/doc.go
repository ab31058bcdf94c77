// Package library holds the providers that a server serves and the scenarios that they can play: those that ship, those
// of files, and those that are uploaded while the server runs, for every account or for one. Each set of scenarios is an
// edition; a run keeps the edition that it began with.
//
// It parses, lists and replaces scenarios. Package engine decides which of them a request plays, and plays it.
package library
