package main

import (
	"fmt"
	"io"
	"os"

	"github.com/idmock/idmock/mockserver/play"
)

// Exit codes.
const (
	exitPassed   = 0
	exitFailed   = 1 // the tested program failed
	exitUntested = 2 // could not be tested: wrong usage, unreachable, nothing selected
	exitInternal = 3
)

// exitError is an error with an exit code. An empty message was printed before.
type exitError struct {
	code    int
	message string
}

func (e exitError) Error() string { return e.message }

// untested is an error with exit code 2.
func untested(format string, args ...any) error {
	return exitError{exitUntested, fmt.Sprintf(format, args...)}
}

// streams are the standard output and error.
type streams struct{ out, err io.Writer }

// checked is an output that keeps its first error: much that is printed has no error to return, and a full disk must not look like
// success.
type checked struct {
	io.Writer
	err error
}

func (c *checked) Write(b []byte) (int, error) {
	n, err := c.Writer.Write(b)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n, err
}

// isTerminal reports whether w is a terminal that supports cursor movement, and whether colors are wanted.
func isTerminal(w io.Writer) (terminal, color bool) {
	if c, ok := w.(*checked); ok {
		w = c.Writer
	}
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false, false
	}
	info, err := f.Stat()
	terminal = err == nil && info.Mode()&os.ModeCharDevice != 0
	return terminal, terminal && os.Getenv("NO_COLOR") == ""
}

// verdictCode returns the exit code of a verdict of play.
func verdictCode(verdict string) int {
	return map[string]int{play.Passed: exitPassed, play.Failed: exitFailed, play.Errored: exitUntested, play.Skipped: exitUntested}[verdict]
}
