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
		return verdict{exitWrong, fmt.Sprintf("%d mistakes in %d files", len(problems), len(files))}
	}
	fmt.Fprintf(e.stdout, "%d files, no mistakes\n", len(files))
	return nil
}
