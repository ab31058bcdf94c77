package main

import (
	"fmt"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

type lintCmd struct {
	Paths []string `arg:"" name:"path" help:"Scenario files, or folders of them."`
}

// Run prints every mistake of every file. It ends 1 if there is one.
func (c *lintCmd) Run(e env) error {
	providers, err := catalog.Open()
	if err != nil {
		return err
	}
	files, err := readScenarios(c.Paths)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	var problems scenarios.Problems
	for _, f := range files {
		_, err := mockserver.Lint(providers, f.name, f.src)
		if err := collect(&problems, err); err != nil {
			return err
		}
	}
	if err := problems.Err(); err != nil {
		fmt.Fprintln(e.stdout, err)
		return verdict{exitWrong, fmt.Sprintf("%s in %s: correct what is shown, and lint again", count(len(problems), "mistake"), count(len(files), "file"))}
	}
	fmt.Fprintln(e.stdout, count(len(files), "file")+", no mistakes")
	return nil
}

// count is a number of things, with the thing in the plural where there is more than one.
func count(n int, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return fmt.Sprint(n, " ", thing)
}
