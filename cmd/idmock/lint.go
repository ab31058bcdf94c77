package main

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/scenarios"
)

type lintCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Scenario files, or folders of them."`
	providerFlag
}

// Run prints every mistake of every file. It ends 1 if there is one.
func (c *lintCmd) Run(e env) error {
	if len(c.Paths)+len(c.Provider) == 0 {
		return verdict{exitUntested, "nothing to lint: name scenario files, folders of them, or a provider's with --provider\nTry idmock lint --help."}
	}
	providers, err := c.open()
	var wrong verdict
	if errors.As(err, &wrong) { // here that is what was asked for
		fmt.Fprintln(e.stdout, wrong.message)
		return verdict{exitWrong, "a provider's folder is broken: correct what is shown, and lint again"}
	}
	if err != nil {
		return err
	}
	var files []file
	var unread []string
	for _, path := range c.Paths {
		found, err := readScenarios([]string{path})
		if err != nil { // the others are linted all the same
			unread = append(unread, err.Error())
		}
		files = append(files, found...)
	}
	var problems scenarios.Problems
	folders := map[string][]*scenarios.Scenario{}
	for _, f := range files {
		s, err := library.Lint(providers, f.name, f.src)
		if err := collect(&problems, err); err != nil {
			return err
		}
		if s != nil {
			folders[filepath.Dir(f.name)] = append(folders[filepath.Dir(f.name)], s)
		}
	}
	for _, together := range folders { // what is served together
		problems = append(problems, scenarios.Twice(together)...)
	}
	for _, one := range unread {
		fmt.Fprintln(e.stdout, one)
	}
	if err := problems.Err(); err != nil {
		fmt.Fprintln(e.stdout, err)
		return verdict{exitWrong, fmt.Sprintf("%s in %s: correct what is shown, and lint again", count(len(problems), "mistake"), count(len(files), "file"))}
	}
	if len(unread) > 0 {
		return verdict{exitUntested, fmt.Sprintf("%s could not be read; %s without a mistake", count(len(unread), "path"), count(len(files), "file"))}
	}
	linted := count(len(files), "file")
	if n := len(c.Provider); n > 0 {
		linted += " and " + count(n, "provider")
	}
	fmt.Fprintln(e.stdout, linted+", no mistakes")
	return nil
}

// count is a number of things, with the thing in the plural where there is more than one.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
