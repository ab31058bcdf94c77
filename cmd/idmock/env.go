package main

import (
	"context"

	"github.com/idmock/idmock/internal/envfile"
)

type envCmd struct {
	Provider string         `arg:"" help:"Name of the provider."`
	Account  string         `help:"Account, which is the provider's API key; empty is demo." placeholder:"NAME"`
	Server   string         `help:"Running server." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Format   envfile.Format `help:"Output format: sh for eval, dotenv for an .env file, powershell, or json." enum:"sh,dotenv,powershell,json" default:"sh"`
}

// Run prints the variables that point an application at a running server.
func (c *envCmd) Run(ctx context.Context, s streams) error {
	server, err := connect(c.Server)
	if err != nil {
		return err
	}
	defer server.Close()
	environment, err := server.For(c.Account).Environment(ctx, c.Provider)
	if err != nil {
		return clientError(err)
	}
	variables := make([]envfile.Variable, len(environment.Variables))
	for i, v := range environment.Variables {
		variables[i] = envfile.Variable(v)
	}
	return envfile.Write(s.out, c.Format, variables)
}
