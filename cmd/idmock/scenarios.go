package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
)

type scenariosCmd struct {
	providerFlag
	Format string `help:"Output format: text, or json as in the control API." enum:"text,json" default:"text"`
}

// Run lists the scenarios: provider, name, condition that selects it, description, simulations.
func (c *scenariosCmd) Run(s streams) error {
	providers, err := c.open()
	if err != nil {
		return err
	}
	all, err := library.Catalogue(providers)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		out := json.NewEncoder(s.out)
		out.SetEscapeHTML(false)
		return out.Encode(all)
	}
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, s := range all {
		condition := "-"
		if s.Select != "" {
			condition = s.Select
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s", s.Provider, s.Name, condition, s.Description)
		if len(s.Simulate) > 0 {
			fmt.Fprintf(w, " Simulates %s.", strings.Join(s.Simulate, ", "))
		}
		fmt.Fprintln(w)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return c.outcomes(s, providers)
}

// outcomes lists the outcomes of the providers: provider, name, verdict, description.
func (c *scenariosCmd) outcomes(s streams, providers []*openapi.Provider) error {
	fmt.Fprintln(s.out, "\noutcomes")
	w := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0)
	for _, p := range providers {
		for _, o := range p.Outcomes().All() {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", p.Name, o.Name, o.Verdict, o.About)
		}
	}
	return w.Flush()
}

type schemaCmd struct {
	providerFlag
}

// Run prints the JSON Schema of scenario files, with the providers' names in it.
func (c *schemaCmd) Run(s streams) error {
	providers, err := c.open()
	if err != nil {
		return err
	}
	schema, err := library.Schema(providers)
	if err != nil {
		return err
	}
	_, err = s.out.Write(schema)
	return err
}
