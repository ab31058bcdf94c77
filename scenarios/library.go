package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/template"
)

// Default is the name of a provider's default scenario.
const Default = "default"

// Library holds the scenarios of one provider, ready to play. It is immutable and safe for concurrent use.
type Library struct {
	// Edition counts the replacements of a provider's library. Its machines have the same edition.
	Edition int

	machines map[string]*Machine
	names    []string // sorted
	magic    []*Machine
}

// ParseDir parses every .yaml file of a directory, without its subdirectories. A missing directory has no scenarios. The
// error lists the problems of every file. The vocabulary must be safe for concurrent use.
func ParseDir(fsys fs.FS, dir string, names Vocabulary) ([]*Scenario, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found, failures := make([]*Scenario, len(entries)), make([]error, len(entries))
	var parsed sync.WaitGroup
	for i, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".yaml") && !strings.HasSuffix(e.Name(), ".yml") {
			continue
		}
		file := path.Join(dir, e.Name())
		parsed.Go(func() { // side by side: a provider's first request waits for them
			src, err := fs.ReadFile(fsys, file)
			if failures[i] = err; err == nil {
				found[i], failures[i] = Parse(file, src, names)
			}
		})
	}
	parsed.Wait()
	var problems diag.List
	for _, err := range failures {
		var list diag.List
		if errors.As(err, &list) {
			problems = append(problems, list...)
		} else if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(found, func(s *Scenario) bool { return s == nil }), problems.Err()
}

// NewLibrary returns the library of these scenarios of one provider. Later scenarios replace earlier ones of the same
// name, so that user files override built-in ones. The resulting default is the base of all other scenarios.
func NewLibrary(all []*Scenario) (*Library, error) { return NewEdition(0, all) }

// NewEdition is [NewLibrary] for a library that replaces another.
func NewEdition(edition int, all []*Scenario) (*Library, error) {
	l := &Library{Edition: edition, machines: map[string]*Machine{}}
	byName := map[string]*Scenario{}
	for _, s := range all {
		byName[s.Name] = s
	}
	base := byName[Default]
	if base == nil {
		return nil, fmt.Errorf("missing scenario %q, which plays when no other is chosen", Default)
	}
	for name, s := range byName {
		m := NewMachine(s, base)
		m.Edition, l.machines[name] = edition, m
		l.names = append(l.names, name)
	}
	slices.Sort(l.names)
	for _, name := range l.names {
		if m := l.machines[name]; m.Scenario.Select != nil {
			l.magic = append(l.magic, m)
		}
	}
	return l, nil
}

// Machine returns a scenario by its name. The error suggests names.
func (l *Library) Machine(name string) (*Machine, error) {
	if m := l.machines[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("unknown scenario %q%s", name, meant(name, l.names))
}

// Magic returns the scenario that a request selects by its content, or nil: the first by name whose select is true. A
// select whose evaluation fails does not match.
func (l *Library) Magic(s *template.Scope) *Machine {
	for _, m := range l.magic {
		if ok, err := m.Scenario.Select.True(s); ok && err == nil {
			return m
		}
	}
	return nil
}

// All returns every scenario, by name.
func (l *Library) All() []*Scenario {
	all := make([]*Scenario, len(l.names))
	for i, name := range l.names {
		all[i] = l.machines[name].Scenario
	}
	return all
}

// Duplicates reports scenarios with the provider and name of an earlier one. Only the last would play.
func Duplicates(all []*Scenario) diag.List {
	var problems diag.List
	first := map[[2]string]string{} // file by provider and name
	for _, s := range all {
		name := [2]string{s.Provider, s.Name}
		if file, ok := first[name]; ok {
			problems = append(problems, diag.Diagnostic{File: s.File, Message: fmt.Sprintf("%s already has a scenario %q, in %s: rename one of them", s.Provider, s.Name, file)})
			continue
		}
		first[name] = s.File
	}
	return problems
}
