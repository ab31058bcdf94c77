package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

// providerFlag adds a user's own providers to those that ship.
type providerFlag struct {
	Provider []string `help:"Add the provider in this folder, under the folder's name; one that ships under that name gives way. Can be repeated." placeholder:"DIR"`
}

// providerName is what a folder may be called: it is a path's first step, and a host's first label.
var providerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// open opens the providers that ship and the user's own, which are judged as a whole. Their mistakes are the user's to
// mend.
func (f providerFlag) open() ([]*openapi.Provider, error) {
	all, err := catalog.Open()
	if err != nil {
		return nil, err
	}
	own := map[string]string{} // folders by name
	var mistakes []string
	for _, dir := range f.Provider {
		p, err := openProvider(dir)
		if err != nil {
			mistakes = append(mistakes, err.Error())
			continue
		}
		if other, twice := own[p.Name]; twice {
			mistakes = append(mistakes, fmt.Sprintf("%s: %s is called %s, too: rename one of the folders", dir, other, p.Name))
			continue
		}
		own[p.Name] = dir
		i := slices.IndexFunc(all, func(other *openapi.Provider) bool { return other.Name == p.Name })
		if i < 0 {
			i, all = len(all), append(all, nil)
		}
		all[i] = p
		for j, other := range all {
			if j != i && other.Prefix == p.Prefix {
				mistakes = append(mistakes, fmt.Sprintf("%s/provider.yaml: prefix %s is %s's: choose another", dir, p.Prefix, other.Name))
			}
		}
	}
	if len(mistakes) > 0 {
		return nil, verdict{exitUntested, strings.Join(mistakes, "\n")}
	}
	return all, nil
}

// openProvider opens and judges one folder. The error tells every mistake with its place.
func openProvider(dir string) (*openapi.Provider, error) {
	whole, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s: is no folder: name one that holds openapi.yaml, provider.yaml, events and scenarios", dir)
	}
	name := filepath.Base(whole)
	if !providerName.MatchString(name) {
		return nil, fmt.Errorf("%s: a provider cannot be called %q: call the folder by small letters, digits and hyphens", dir, name)
	}
	p, err := openapi.Open(name, catalog.Complete(name, os.DirFS(dir)))
	if err == nil {
		err = library.Validate(p)
	}
	if err != nil {
		return nil, errors.New(inFolder(err, dir))
	}
	return p, nil
}

// inFolder tells the mistakes of a folder as a user finds them: by the path of the file.
func inFolder(err error, dir string) string {
	var lines []string
	var mistakes *openapi.Mistakes
	if errors.As(err, &mistakes) {
		lines = append(lines, mistakes.In(dir))
	}
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		for i := range problems {
			problems[i].File = filepath.Join(dir, problems[i].File)
		}
		lines = append(lines, problems.Error())
	}
	if len(lines) == 0 {
		return fmt.Sprintf("%s: %v", dir, err)
	}
	return strings.Join(lines, "\n")
}

// replaced are the providers that ship and give way to a folder of the same name.
func (f providerFlag) replaced() []string {
	var names []string
	for _, dir := range f.Provider {
		whole, err := filepath.Abs(dir)
		if err != nil {
			continue
		}
		ships := func(folder catalog.Folder) bool { return folder.Name == filepath.Base(whole) }
		if slices.ContainsFunc(catalog.Folders(), ships) {
			names = append(names, filepath.Base(whole))
		}
	}
	return names
}
