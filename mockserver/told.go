package mockserver

import (
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Catalogue tells which scenarios these providers can play, as the control API of a server with them does, without one.
func Catalogue(providers []*openapi.Provider) ([]control.Scenario, error) {
	all := []control.Scenario{}
	for _, p := range providers {
		files, err := scenariosOf(p)
		if err != nil {
			return nil, err
		}
		library, err := scenarios.NewLibrary(files)
		if err != nil {
			return nil, err
		}
		told, err := tellScenarios(p, library)
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
	}
	return all, nil
}

// tellScenarios tells of all scenarios of a provider. What can be simulated of each includes what the provider's default
// has rules for.
func tellScenarios(p *openapi.Provider, library *scenarios.Library) ([]control.Scenario, error) {
	var all []control.Scenario
	for _, s := range library.All() {
		told := control.Scenario{Provider: p.Name, Name: s.Name, Description: s.Description, Source: s.File, Operations: operationsOf(s)}
		m, err := library.Machine(s.Name)
		if err != nil {
			return nil, err
		}
		op, err := plays(p, m)
		if err != nil {
			return nil, err
		}
		if op != nil {
			told.Plays = op.ID
		}
		told.Simulate = m.Simulations(vocabulary{p.Name: p}.Simulations(p.Name))
		if s.Select != nil {
			told.Select = s.Select.String()
			told.Magic = magic(told.Select)
		}
		all = append(all, told)
	}
	return all, nil
}
