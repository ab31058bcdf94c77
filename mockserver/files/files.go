// Package files reads the scenario files and provider directories of a user, and reloads them into a running server when
// they change.
//
// Parsing and validation are done by packages scenarios, openapi and mockserver; uploads do not pass through here. Errors
// that the user can fix are [ErrInvalid] and name the file.
package files

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// ErrInvalid reports a file or directory that is missing or invalid.
var ErrInvalid = errors.New("invalid files")

// invalidError is an [ErrInvalid] with the message of its cause.
type invalidError struct{ error }

func (invalidError) Is(target error) bool { return target == ErrInvalid }
func (e invalidError) Unwrap() error      { return e.error }

// Source is the set of a user's files.
type Source struct {
	Scenarios []string // scenario files, and directories of them
	Providers []string // provider directories
	Documents []Document
	// BuiltIn opens the providers that these are added to.
	BuiltIn  func() ([]*openapi.Provider, error)
	Complete Complete
}

// paths returns all files and directories.
func (s Source) paths() []string {
	all := slices.Concat(s.Scenarios, s.Providers)
	for _, d := range s.Documents {
		if !d.IsURL() {
			all = append(append(all, d.From), d.partFiles()...)
		}
	}
	return all
}

// Empty reports whether the user has no files.
func (s Source) Empty() bool { return len(s.paths()) == 0 }

// File is a scenario file.
type File struct {
	Name string
	Text []byte
}

// Read reads scenario files, and all .yaml and .yml files below directories, in a stable order.
func Read(paths ...string) ([]File, error) {
	var all []File
	for _, path := range paths {
		found, err := read(path)
		if err != nil {
			return nil, invalidError{err}
		}
		all = append(all, found...)
	}
	return all, nil
}

func read(path string) ([]File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: use scenario files, or directories of them", path, Cause(err))
	}
	if !info.IsDir() {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, Cause(err))
		}
		return []File{{path, text}}, nil
	}
	var all []File
	err = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, ".yaml") && !strings.HasSuffix(name, ".yml") {
			return err
		}
		text, err := inDirectory(path, name)
		all = append(all, File{name, text})
		return err
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", path, err)
	case len(all) == 0:
		return nil, fmt.Errorf("%s: no .yaml or .yml files in this directory: use scenario files, or directories of them", path)
	}
	return all, nil
}

// Cause returns the cause of a file error, without the operation and the path.
func Cause(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

// ParseScenarios reads and parses the scenario files. The error lists every mistake of every file.
func (s Source) ParseScenarios(providers []*openapi.Provider) ([]*scenarios.Scenario, error) {
	all, err := Read(s.Scenarios...)
	if err != nil {
		return nil, err
	}
	parsed, problems, err := parse(providers, all)
	if err != nil {
		return nil, err
	}
	if err := problems.Err(); err != nil {
		return nil, invalidError{err}
	}
	return parsed, nil
}

// parse parses files. It returns those that are valid and the problems of the others. beside are default scenarios that are
// not parsed themselves.
func parse(providers []*openapi.Provider, all []File, beside ...[]byte) (parsed []*scenarios.Scenario, problems diag.List, err error) {
	for _, f := range all {
		beside = append(beside, f.Text)
	}
	linter := library.NewLinter(providers, beside...)
	for _, f := range all {
		s, err := linter.Lint(f.Name, f.Text)
		if own, ok := errors.AsType[diag.List](err); ok {
			problems = append(problems, own...)
		} else if err != nil {
			return nil, nil, err
		}
		if s != nil {
			parsed = append(parsed, s)
		}
	}
	return parsed, problems, nil
}

// siblings reads the default scenarios in the directories of files, which are served with them.
func siblings(all []File) [][]byte {
	var found [][]byte
	seen := map[string]bool{}
	for _, f := range all {
		for _, extension := range []string{".yaml", ".yml"} {
			name := filepath.Join(filepath.Dir(f.Name), scenarios.Default+extension)
			if seen[name] {
				continue
			}
			seen[name] = true
			if text, err := inDirectory(filepath.Dir(f.Name), name); err == nil {
				found = append(found, text)
			}
		}
	}
	return found
}

// Lint is the result of checking scenario files.
type Lint struct {
	Files    int
	Unread   []error // paths that could not be read
	Problems diag.List
}

// Check parses the scenario files, and reports every problem. Files in one directory may not define the same scenario.
func (s Source) Check(providers []*openapi.Provider) (Lint, error) {
	var result Lint
	var all []File
	for _, path := range s.Scenarios {
		found, err := read(path)
		if err != nil {
			result.Unread = append(result.Unread, err)
		}
		all = append(all, found...)
	}
	parsed, problems, err := parse(providers, all, siblings(all)...)
	if err != nil {
		return result, err
	}
	result.Files, result.Problems = len(all), problems
	byDirectory := map[string][]*scenarios.Scenario{}
	for _, p := range parsed {
		dir := filepath.Dir(p.File)
		byDirectory[dir] = append(byDirectory[dir], p)
	}
	for _, together := range byDirectory {
		result.Problems = append(result.Problems, scenarios.Duplicates(together)...)
	}
	return result, nil
}
