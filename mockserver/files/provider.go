package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
)

// providerName matches the names that work as a path segment and as a host label.
var providerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// OpenProviders opens the built-in providers and the user's, which override built-in ones of the same name. The error
// lists every mistake of every directory.
func (s Source) OpenProviders() ([]*openapi.Provider, error) {
	all, err := s.BuiltIn()
	if err != nil {
		return nil, err
	}
	directories := map[string]string{} // by provider name
	var mistakes []string
	for _, dir := range s.Providers {
		p, err := OpenProvider(dir, s.Complete)
		if err != nil {
			mistakes = append(mistakes, err.Error())
			continue
		}
		if other, duplicate := directories[p.Name]; duplicate {
			mistakes = append(mistakes, fmt.Sprintf("%s: duplicate provider %s (first in %s): rename one of the directories", dir, p.Name, other))
			continue
		}
		directories[p.Name] = dir
		all = override(all, p)
		for _, other := range all {
			if other != p && other.Prefix == p.Prefix {
				mistakes = append(mistakes, fmt.Sprintf("%s/provider.yaml: prefix %s is already used by %s: choose another", dir, p.Prefix, other.Name))
			}
		}
	}
	if len(mistakes) > 0 {
		return nil, invalidError{errors.New(strings.Join(mistakes, "\n"))}
	}
	return all, nil
}

// override replaces the provider of the same name, or appends p.
func override(all []*openapi.Provider, p *openapi.Provider) []*openapi.Provider {
	i := slices.IndexFunc(all, func(other *openapi.Provider) bool { return other.Name == p.Name })
	if i < 0 {
		return append(all, p)
	}
	all[i] = p
	return all
}

// Complete returns the files of a provider directory, with those that it inherits from a built-in provider of its name.
type Complete func(name string, dir fs.FS) fs.FS

// OpenProvider opens and validates a provider directory. The error lists every mistake with its file and line.
func OpenProvider(dir string, complete Complete) (*openapi.Provider, error) {
	name, err := nameOf(dir)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, invalidError{fmt.Errorf("%s: not a directory: use one with openapi.yaml, provider.yaml, events and scenarios", dir)}
	}
	if !providerName.MatchString(name) {
		return nil, invalidError{fmt.Errorf("%s: invalid provider name %q: name the directory with lower-case letters, digits and hyphens", dir, name)}
	}
	p, err := openapi.Open(name, complete(name, ymlFS{rooted(dir)}))
	if err == nil {
		err = library.Validate(p)
	}
	if err != nil {
		return nil, invalidError{errors.New(withPaths(err, dir))}
	}
	return p, nil
}

// nameOf returns the name of the provider in a directory.
func nameOf(dir string) (string, error) {
	absolute, err := filepath.Abs(dir)
	return filepath.Base(absolute), err
}

// withPaths formats an error of a directory with the paths of its files, as the user knows them.
func withPaths(err error, dir string) string {
	var lines []string
	if mistakes, ok := errors.AsType[*openapi.Errors](err); ok {
		lines = append(lines, realNames(mistakes.All, dir).In(dir).Error())
	}
	if problems, ok := errors.AsType[diag.List](err); ok {
		lines = append(lines, realNames(problems, dir).In(dir).Error())
	}
	if len(lines) == 0 {
		return fmt.Sprintf("%s: %v", dir, err)
	}
	return strings.Join(lines, "\n")
}

// Overrides returns the names of the user's providers that are among the built-in ones.
func (s Source) Overrides(builtIn []string) []string {
	var names []string
	for _, dir := range s.Providers {
		if name, err := nameOf(dir); err == nil && slices.Contains(builtIn, name) {
			names = append(names, name)
		}
	}
	return names
}
