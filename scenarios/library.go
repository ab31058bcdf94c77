package scenarios

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/template"
)

// Default is the name of the scenario that is a provider's ordinary life.
const Default = "default"

// Library holds the scenarios of one provider, ready to play. It is immutable and safe for concurrent use.
type Library struct {
	// Edition tells this library, and its machines, from those that it took the place of. The first is 0.
	Edition int

	machines map[string]*Machine
	names    []string // sorted
	magic    []*Machine
}

// ParseDir parses every .yaml file of a folder, not of the folders in it. A folder that does not exist holds none.
// Mistakes in any of the files are reported together.
func ParseDir(fsys fs.FS, dir string, names Vocabulary) ([]*Scenario, error) {
	entries, err := fs.ReadDir(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []*Scenario
	var problems diag.List
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".yaml") && !strings.HasSuffix(e.Name(), ".yml") {
			continue
		}
		file := path.Join(dir, e.Name())
		src, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, err
		}
		s, err := Parse(file, src, names)
		var mistakes diag.List
		if errors.As(err, &mistakes) {
			problems = append(problems, mistakes...)
			continue
		}
		all = append(all, s)
	}
	return all, problems.Err()
}

// NewLibrary returns the library of these scenarios, all of one provider. A later one replaces an earlier one of the
// same name, so a user's file wins over one that ships; the default of the result is the base of all the others.
func NewLibrary(all []*Scenario) (*Library, error) { return NewEdition(0, all) }

// NewEdition is [NewLibrary] for a library that takes the place of another.
func NewEdition(edition int, all []*Scenario) (*Library, error) {
	l := &Library{Edition: edition, machines: map[string]*Machine{}}
	byName := map[string]*Scenario{}
	for _, s := range all {
		byName[s.Name] = s
	}
	base := byName[Default]
	if base == nil {
		return nil, fmt.Errorf("there is no scenario %q, which is what plays where nothing else was chosen", Default)
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

// Machine returns a scenario by its name; the error names those that there are.
func (l *Library) Machine(name string) (*Machine, error) {
	if m := l.machines[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("no scenario is called %q%s", name, meant(name, l.names))
}

// Magic returns the scenario that a call chooses by its own content, or nil. Where several would do, the first by name
// is taken. A select that cannot be evaluated on this call does not choose.
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

// Twice tells of scenarios that have the provider and the name of one before them: only the last of them would play.
func Twice(all []*Scenario) diag.List {
	var problems diag.List
	first := map[[2]string]string{} // file by provider and name
	for _, s := range all {
		name := [2]string{s.Provider, s.Name}
		if file, ok := first[name]; ok {
			problems = append(problems, diag.Diagnostic{File: s.File, Message: fmt.Sprintf("%s has a scenario %q already, in %s: give one of them another name", s.Provider, s.Name, file)})
			continue
		}
		first[name] = s.File
	}
	return problems
}
