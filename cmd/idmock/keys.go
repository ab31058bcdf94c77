package main

import (
	"fmt"
	"os"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
)

// keys reads the file of --keys. Its mistakes are the user's to mend.
func (c *serveCmd) keys(providers []*openapi.Provider) ([]mockserver.Key, error) {
	if c.Keys == "" {
		return nil, nil
	}
	src, err := os.ReadFile(c.Keys)
	if err != nil {
		return nil, verdict{exitUntested, fmt.Sprintf("--keys %s: %v: name a file of keys", c.Keys, reason(err))}
	}
	all, err := mockserver.ParseKeys(c.Keys, src, providers)
	if err != nil {
		return nil, verdict{exitUntested, err.Error()}
	}
	return all, nil
}
