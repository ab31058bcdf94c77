package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"github.com/idmock/idmock/internal/plural"
	"github.com/idmock/idmock/mockserver/files"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

type lintCmd struct {
	Paths  []string `arg:"" optional:"" name:"path" help:"Scenario files, directories of them, or provider directories."`
	Strict bool     `help:"Refuse faults of OpenAPI documents, such as operations that are not served." env:"-"`
	providerFlag
	OpenAPI []string `name:"openapi" help:"Check a published OpenAPI document, as serve takes it. Repeatable." placeholder:"DOCUMENT" sep:"none" env:"-"`
}

// maxFaults is how many faults of documents are printed unless they are refused. The rest are counted.
const maxFaults = 20

// Run prints every error in the files. The exit code is 1 if there is one.
func (c *lintCmd) Run(_ context.Context, s streams) error {
	if len(c.Paths)+len(c.Provider)+len(c.OpenAPI) == 0 {
		return untested("no files: pass scenario files, directories of them, a provider directory with --provider, or a document with --openapi\nTry idmock lint --help.")
	}
	c.split()
	source := c.source(c.Paths...)
	var err error
	if source.Documents, err = documents(c.OpenAPI); err != nil {
		return err
	}
	providers, from, err := source.Open()
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
	faults, err := c.faults(s, providers, from)
	if err != nil {
		return err
	}
	linted := plural.Count(result.Files, "file")
	if n := len(c.Provider) + len(c.OpenAPI); n > 0 {
		linted += " and " + plural.Count(n, "provider")
	}
	fmt.Fprintln(s.out, linted+", no errors"+faults)
	return nil
}

// split takes provider directories, which have a provider.yaml, and OpenAPI documents out of the paths.
func (c *lintCmd) split() {
	paths := c.Paths
	c.Paths = nil
	for _, path := range paths {
		if _, err := os.Stat(filepath.Join(path, "provider.yaml")); err == nil {
			c.Provider = append(c.Provider, filepath.Clean(path))
			continue
		}
		if text, err := os.ReadFile(path); err == nil && documentKey.Match(text) {
			c.OpenAPI = append(c.OpenAPI, path)
			continue
		}
		c.Paths = append(c.Paths, path)
	}
}

// faults prints the faults of the providers' documents, and returns their number as the end of a sentence. They are an error
// if they are refused.
func (c *lintCmd) faults(s streams, providers []*openapi.Provider, from map[string]string) (summary string, err error) {
	faults, err := files.Faults(providers, from)
	if err != nil || len(faults) == 0 {
		return "", userError(err)
	}
	count := plural.Count(len(faults), "fault") + " of documents"
	if c.Strict {
		fmt.Fprintln(s.out, faults)
		return "", exitError{exitFailed, count + ": fix them, and lint again"}
	}
	for _, fault := range faults[:min(len(faults), maxFaults)] {
		fmt.Fprintf(s.out, "skipped: %s: %s\n", fault.Place(), fault.Message)
	}
	if more := len(faults) - maxFaults; more > 0 {
		fmt.Fprintf(s.out, "skipped: %d more\n", more)
	}
	return ", " + count + " skipped (--strict refuses them)", nil
}

// documentKey is the key that tells an OpenAPI document from a scenario: first in JSON, at the margin in YAML.
var documentKey = regexp.MustCompile(`^\s*\{\s*"(openapi|swagger)"\s*:|(?m:^(openapi|swagger)\s*:)`)

type providerCmd struct {
	New providerNewCmd `cmd:"" help:"Write a provider directory from a published OpenAPI document."`
}

type providerNewCmd struct {
	Name string   `arg:"" help:"Name of the provider, and of the directory."`
	From string   `help:"File or URL of the OpenAPI document." required:"" placeholder:"DOCUMENT" env:"-"`
	Only []string `help:"Connect only requests to operations with a tag, or whose ids match a glob. Repeatable." placeholder:"TAG|GLOB" env:"-"`
	Dir  string   `help:"Directory to write to; empty is NAME." placeholder:"DIR" type:"path" env:"-"`
}

// Run writes the directory: what could be inferred, and comments for the rest.
func (c *providerNewCmd) Run(s streams) error {
	dir := c.Dir
	if dir == "" {
		dir = c.Name
	}
	if filepath.Base(dir) != c.Name {
		return untested("--dir %s: the directory of a provider has its name: use one that ends in %s", c.Dir, c.Name)
	}
	written, err := files.Create(dir, files.Document{From: c.From}, catalog.Complete, c.Only...)
	for _, file := range written {
		fmt.Fprintln(s.out, file)
	}
	if err != nil {
		return userError(err)
	}
	fmt.Fprintf(s.out, "next: idmock lint --provider %s && idmock serve --provider %s --watch\n", dir, dir)
	return nil
}
