package main

import "github.com/idmock/idmock/mockserver/library"

type schemaCmd struct {
	providerFlag
}

// Run prints the JSON Schema of scenario files, with the names that the providers have, for an editor to read.
func (c *schemaCmd) Run(e env) error {
	providers, err := c.open()
	if err != nil {
		return err
	}
	schema, err := library.Schema(providers)
	if err != nil {
		return err
	}
	_, err = e.stdout.Write(schema)
	return err
}
