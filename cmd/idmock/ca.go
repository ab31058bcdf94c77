package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/idmock/idmock/internal/localca"
	"github.com/idmock/idmock/openapi"
)

// dataFlag sets the directory of persistent data.
type dataFlag struct {
	DataDir string `help:"Directory of the local certificate authority; empty is the user's configuration directory." placeholder:"DIR" type:"path"`
}

func (f dataFlag) dir() (string, error) {
	if f.DataDir != "" {
		return f.DataDir, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", untested("no directory for the local certificate authority: %v: set one with --data-dir", err)
	}
	return filepath.Join(dir, "idmock"), nil
}

// authority opens or creates the local certificate authority.
func (f dataFlag) authority(hosts []string) (*localca.Authority, error) {
	dir, err := f.dir()
	if err != nil {
		return nil, err
	}
	a, err := localca.Open(dir, hosts)
	if err != nil {
		return nil, untested("%v\nUse another directory with --data-dir, or create a new authority with idmock ca --new.", err)
	}
	return a, nil
}

// realHosts returns the real host names of the providers' APIs and scripts.
func realHosts(providers []*openapi.Provider) []string {
	var all []string
	for _, p := range providers {
		all = append(all, p.Hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

type caCmd struct {
	PEM    bool `name:"pem" env:"-" help:"Print only the certificate."`
	New    bool `env:"-" help:"Replace the authority. The new one has to be trusted again."`
	Remove bool `env:"-" help:"Delete the authority from this machine."`
	dataFlag
	providerFlag
}

// Run prints the local certificate authority and how to trust it.
func (c *caCmd) Run(s streams) error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	if c.New || c.Remove {
		if err := localca.Remove(dir); err != nil {
			return untested("%v", err)
		}
	}
	if c.Remove {
		fmt.Fprintf(s.out, "removed from %s; programs that trust it still do, until you remove it there\n", dir)
		return nil
	}
	providers, err := c.open()
	if err != nil {
		return err
	}
	hosts := realHosts(providers)
	a, err := c.authority(hosts)
	if err != nil {
		return err
	}
	if c.PEM {
		_, err := s.out.Write(a.PEM())
		return err
	}
	return a.Instructions(s.out, hosts)
}
