package mockserver

import (
	"errors"
	"path"
	"slices"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// scenarioFolder is where a provider's folder may hold its scenarios.
const scenarioFolder = "scenarios"

// scenariosOf parses the scenarios in the provider's directory.
func scenariosOf(p *openapi.Provider) ([]*scenarios.Scenario, error) {
	return scenarios.ParseDir(p.Folder(), scenarioFolder, vocabulary{p.Name: p})
}

// Scenarios returns the scenarios of these providers, from their directories.
func Scenarios(providers []*openapi.Provider) ([]*scenarios.Scenario, error) {
	var all []*scenarios.Scenario
	for _, p := range providers {
		found, err := scenariosOf(p)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// Judge reads a provider from outside as a whole: its folder, and its scenarios, one of which has to be the default. What
// ships has been judged by its tests. All mistakes are reported together: the error is [openapi.Mistakes],
// [diag.List], whose files are named as in the folder, or both.
func Judge(p *openapi.Provider) error {
	err := p.Judge()
	if _, unread := p.Operations(); unread != nil { // scenarios cannot be judged without
		return err
	}
	all, wrong := scenariosOf(p)
	var problems diag.List
	if wrong != nil && !errors.As(wrong, &problems) {
		return errors.Join(err, wrong)
	}
	file := path.Join(scenarioFolder, scenarios.Default+".yaml")
	isDefault := func(s *scenarios.Scenario) bool { return s.Name == scenarios.Default }
	meantToBe := func(p diag.Diagnostic) bool { return p.File == file }
	if !slices.ContainsFunc(all, isDefault) && !slices.ContainsFunc(problems, meantToBe) {
		problems = append(problems, diag.Diagnostic{File: file,
			Message: "there is no scenario default, which is what plays where nothing else was chosen: write it here, with a rule for each operation"})
	}
	return errors.Join(err, problems.Err())
}
