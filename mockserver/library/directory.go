package library

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"sync"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// directory is where a provider's directory has its scenarios.
const directory = "scenarios"

// parsed are the scenarios of the providers that are part of the program, which never change: a process with several servers
// parses them once.
var parsed sync.Map // *openapi.Provider to parse

type parse func() ([]*scenarios.Scenario, error)

// shipped returns the scenarios in the provider's directory.
func shipped(p *openapi.Provider) ([]*scenarios.Scenario, error) {
	read := parse(func() ([]*scenarios.Scenario, error) {
		return scenarios.ParseDir(p.Folder(), directory, newVocabulary(p))
	})
	if !p.IsShipped() {
		return read()
	}
	once, _ := parsed.LoadOrStore(p, parse(sync.OnceValues(read)))
	all, err := once.(parse)()
	return slices.Clone(all), err
}

// Shipped returns the scenarios in the directories of these providers.
func Shipped(providers []*openapi.Provider) ([]*scenarios.Scenario, error) {
	var all []*scenarios.Scenario
	for _, p := range providers {
		found, err := shipped(p)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Lint parses a scenario file against the providers, as serving it would.
func Lint(providers []*openapi.Provider, file string, src []byte) (*scenarios.Scenario, error) {
	return NewLinter(providers).Lint(file, src)
}

// isDefault matches files that may be default scenarios.
var isDefault = regexp.MustCompile(`(?m)^["']?scenario["']?\s*:\s*["']?` + scenarios.Default)

// Linter parses scenario files that are served together.
type Linter struct{ names *vocabulary }

// NewLinter returns a linter for files of these providers. Default scenarios among the texts stand in for those of the providers.
func NewLinter(providers []*openapi.Provider, texts ...[]byte) *Linter {
	l := &Linter{newVocabulary(providers...)}
	for _, text := range texts {
		if !isDefault.Match(text) { // reading every file would take as long as linting it
			continue
		}
		if base := scenarios.ReadBase(text); base != nil && base.Scenario == scenarios.Default {
			l.names.bases[base.Provider] = base
		}
	}
	return l
}

// Lint parses a file.
func (l *Linter) Lint(file string, src []byte) (*scenarios.Scenario, error) {
	return scenarios.Parse(file, src, l.names)
}

// Schema returns the JSON Schema of scenario files of these providers, for editors.
func Schema(providers []*openapi.Provider) ([]byte, error) {
	names := make([]string, len(providers))
	for i, p := range providers {
		names[i] = p.Name
	}
	return scenarios.Schema(Vocabulary(providers), names)
}

// Validate checks a provider's directory as a whole: its files, and its scenarios, one of which must be the default. All
// errors are reported together: the error is [github.com/idmock/idmock/openapi/mistake.Errors], [diag.List] with files named as
// in the directory, or both.
func Validate(p *openapi.Provider) error {
	err := p.Validate()
	if _, unread := p.Operations(); unread != nil { // scenarios cannot be validated without
		return err
	}
	all, failure := shipped(p)
	var problems diag.List
	if failure != nil && !errors.As(failure, &problems) {
		return errors.Join(err, failure)
	}
	file := path.Join(directory, scenarios.Default+".yaml")
	isDefault := func(s *scenarios.Scenario) bool { return s.Name == scenarios.Default }
	inFile := func(p diag.Diagnostic) bool { return p.File == file }
	if !slices.ContainsFunc(all, isDefault) && !slices.ContainsFunc(problems, inFile) {
		problems = append(problems, diag.Diagnostic{File: file,
			Message: "scenario default is required: it plays where nothing else was chosen. Give it a rule for each operation"})
	}
	return errors.Join(err, problems.Err())
}
