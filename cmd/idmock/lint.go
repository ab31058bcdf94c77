package main

import (
	"context"
	"fmt"

	"github.com/idmock/idmock/internal/plural"
)

type lintCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Scenario files, or directories of them."`
	providerFlag
}

// Run prints every error in the files. The exit code is 1 if there is one.
func (c *lintCmd) Run(_ context.Context, s streams) error {
	if len(c.Paths)+len(c.Provider) == 0 {
		return untested("no files: pass scenario files, directories of them, or a provider directory with --provider\nTry idmock lint --help.")
	}
	source := c.source(c.Paths...)
	providers, err := source.OpenProviders()
	if err := userError(err); err != nil {
		if _, ok := err.(exitError); !ok {
			return err
		}
		fmt.Fprintln(s.out, err)
		return exitError{exitFailed, "invalid provider directory: fix the errors above, and lint again"}
	}
	result, err := source.Check(providers)
	if err != nil {
		return err
	}
	for _, unread := range result.Unread {
		fmt.Fprintln(s.out, unread)
	}
	if err := result.Problems.Err(); err != nil {
		fmt.Fprintln(s.out, err)
		return exitError{exitFailed, fmt.Sprintf("%s in %s: fix them, and lint again", plural.Count(len(result.Problems), "error"), plural.Count(result.Files, "file"))}
	}
	if len(result.Unread) > 0 {
		return untested("%s could not be read; no errors in %s", plural.Count(len(result.Unread), "path"), plural.Count(result.Files, "file"))
	}
	linted := plural.Count(result.Files, "file")
	if n := len(c.Provider); n > 0 {
		linted += " and " + plural.Count(n, "provider")
	}
	fmt.Fprintln(s.out, linted+", no errors")
	return nil
}
