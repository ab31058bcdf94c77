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
	"github.com/idmock/idmock/openapi/mistake"
)

// providerName matches the names that work as a path segment and as a host label.
var providerName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// OpenProviders opens the built-in providers and the user's, which override built-in ones of the same name. The error
// lists every mistake of every directory.
func (s Source) OpenProviders() ([]*openapi.Provider, error) {
	all, _, err := s.Open()
	return all, err
}

// Open is OpenProviders. It also returns the directories and documents that the user's providers are from, by name.
func (s Source) Open() (all []*openapi.Provider, from map[string]string, err error) {
	if all, err = s.BuiltIn(); err != nil {
		return nil, nil, err
	}
	o := &opened{all: all, from: map[string]string{}}
	for _, dir := range s.Providers {
		p, err := OpenProvider(dir, s.Complete)
		o.add(p, dir, "rename one of the directories", err)
	}
	for _, d := range s.Documents {
		p, err := d.open()
		o.add(p, d.From, "add ,name=NAME to one of them", err)
		if err == nil {
			o.checkHosts(p, d.From)
		}
	}
	if len(o.mistakes) > 0 {
		return nil, nil, invalidError{errors.New(strings.Join(o.mistakes, "\n"))}
	}
	return o.all, o.from, nil
}

// opened are the providers that were opened so far.
type opened struct {
	all      []*openapi.Provider
	from     map[string]string
	mistakes []string
}

// add adds a provider of the user's, or the error of opening it. fix is the remedy for two of one name.
func (o *opened) add(p *openapi.Provider, from, fix string, err error) {
	if err != nil {
		o.mistakes = append(o.mistakes, err.Error())
		return
	}
	if other, duplicate := o.from[p.Name]; duplicate {
		o.mistakes = append(o.mistakes, fmt.Sprintf("%s: duplicate provider %s (first in %s): %s", from, p.Name, other, fix))
		return
	}
	o.from[p.Name] = from
	o.all = override(o.all, p)
	for _, other := range o.all {
		if other != p && other.Prefix == p.Prefix {
			o.mistakes = append(o.mistakes, fmt.Sprintf("%s/provider.yaml: prefix %s is already used by %s: choose another", from, p.Prefix, other.Name))
		}
	}
}

// checkHosts reports a host of a document that another provider has as well.
func (o *opened) checkHosts(p *openapi.Provider, from string) {
	for _, other := range o.all {
		for _, host := range p.Hosts {
			if other != p && slices.Contains(other.Hosts, host) {
				o.mistakes = append(o.mistakes, fmt.Sprintf("%s: host %s already belongs to the provider %s: serve one of them, or write a directory with idmock provider new, and change hosts there", from, host, other.Name))
			}
		}
	}
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

// OpenProvider opens and validates a provider directory. The error lists every mistake with its file and line. A fault of the
// document alone is none: [Source.Faults] lists those.
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
	if mistakes, ok := errors.AsType[*mistake.Errors](err); ok {
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

// Faults lists the faults of the user's documents: those of [Source.Open]'s providers.
func Faults(providers []*openapi.Provider, from map[string]string) (diag.List, error) {
	var all diag.List
	for _, p := range providers {
		path, users := from[p.Name]
		if !users {
			continue
		}
		faults, err := openapi.Faults(p)
		if err != nil {
			return nil, invalidError{errors.New(withPaths(err, path))}
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			all = append(all, realNames(faults, path).In(path)...)
			continue
		}
		for _, fault := range faults {
			fault.File = path
			all = append(all, fault)
		}
	}
	return all, nil
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
