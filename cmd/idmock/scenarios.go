package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
)

type scenariosCmd struct {
	Only []string `arg:"" optional:"" name:"provider" help:"Providers to list; none lists all."`
	providerFlag
	Format string `help:"Output format: text, or json as in the control API." enum:"text,json" default:"text"`
}

// Run lists the scenarios: provider, name, condition that selects it, description, simulations.
func (c *scenariosCmd) Run(s streams) error {
	providers, err := c.open()
	if err != nil {
		return err
	}
	if providers, err = c.selected(providers); err != nil {
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
	fmt.Fprintln(w, "PROVIDER\tSCENARIO\tSELECTED BY\tDESCRIPTION")
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

// selected returns the providers that were named, in their order.
func (c *scenariosCmd) selected(all []*openapi.Provider) ([]*openapi.Provider, error) {
	if len(c.Only) == 0 {
		return all, nil
	}
	var names []string
	for _, p := range all {
		names = append(names, p.Name)
	}
	for _, name := range c.Only {
		if !slices.Contains(names, name) {
			return nil, untested("unknown provider %q%s", name, suggest.Meant(name, names))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p *openapi.Provider) bool { return !slices.Contains(c.Only, p.Name) }), nil
}

type schemaCmd struct {
	Of string `help:"The files that the schema is for: scenario files, or provider.yaml." enum:"scenario,provider" default:"scenario"`
	providerFlag
}

// Run prints the JSON Schema of scenario files, with the providers' names in it, or that of provider.yaml.
func (c *schemaCmd) Run(s streams) error {
	if c.Of == "provider" {
		_, err := s.out.Write(settings.Schema)
		return err
	}
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
