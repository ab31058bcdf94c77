package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi/catalog"
)

type scenariosCmd struct{}

// Run lists the scenarios that ship: provider, name, what selects it by itself, what it does.
func (scenariosCmd) Run(e env) error {
	providers, err := catalog.Open()
	if err != nil {
		return err
	}
	all, err := mockserver.Scenarios(providers)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for _, s := range all {
		selected := "-"
		if s.Select != nil {
			selected = s.Select.String()
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", s.Provider, s.Name, selected, s.Description)
	}
	return w.Flush()
}
