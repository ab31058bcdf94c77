package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/idmock/idmock/mockserver"
)

type scenariosCmd struct {
	providerFlag
}

// Run lists the scenarios that can be played: provider, name, what selects it by itself, what it does.
func (c *scenariosCmd) Run(e env) error {
	providers, err := c.open()
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
