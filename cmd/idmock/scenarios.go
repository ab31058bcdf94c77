package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/idmock/idmock/mockserver/library"
)

type scenariosCmd struct {
	providerFlag
	Format string `help:"How to list them: text for people, json as GET scenarios of the control API has it." enum:"text,json" default:"text"`
}

// Run lists the scenarios that can be played: provider, name, what selects it by itself, what it does, and what can be
// simulated of it.
func (c *scenariosCmd) Run(e env) error {
	providers, err := c.open()
	if err != nil {
		return err
	}
	all, err := library.Catalogue(providers)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		out := json.NewEncoder(e.stdout)
		out.SetEscapeHTML(false)
		return out.Encode(all)
	}
	w := tabwriter.NewWriter(e.stdout, 0, 4, 2, ' ', 0)
	for _, s := range all {
		selected := "-"
		if s.Select != "" {
			selected = s.Select
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s", s.Provider, s.Name, selected, s.Description)
		if len(s.Simulate) > 0 {
			fmt.Fprintf(w, " Simulates %s.", strings.Join(s.Simulate, ", "))
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
