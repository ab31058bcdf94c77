package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

type healthCmd struct {
	Addr    string        `help:"The address that the server was given." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Timeout time.Duration `help:"How long to wait for its answer." default:"3s"`
}

// Run ends 0 if the server answers that it is healthy, else 1.
func (c *healthCmd) Run(e env) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return verdict{exitUntested, fmt.Sprintf("--addr %q: want HOST:PORT", c.Addr)}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // a server that listens everywhere listens here too
	}
	ctx, cancel := context.WithTimeout(e.ctx, c.Timeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(host, port) + "/_idmock/v1/health"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return verdict{exitUntested, err.Error()}
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return verdict{exitWrong, err.Error()}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return verdict{exitWrong, fmt.Sprintf("%s answers %s: %s", url, response.Status, said)}
	}
	fmt.Fprintln(e.stdout, "healthy", url)
	return nil
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e env) error {
	fmt.Fprintln(e.stdout, version)
	return nil
}
