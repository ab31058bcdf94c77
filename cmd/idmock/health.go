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
		return verdict{exitUntested, fmt.Sprintf("--addr %q is no address: write it as HOST:PORT, such as 127.0.0.1:8080", c.Addr)}
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
	client := http.Client{Transport: &http.Transport{}} // not by way of a proxy: the server is near
	response, err := client.Do(request)
	if err != nil {
		return verdict{exitWrong, fmt.Sprintf("no healthy server: %v: start one with `idmock serve`, or say where it is with --addr", err)}
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		said, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
		return verdict{exitWrong, fmt.Sprintf("%s answers %s: is it idmock that listens there? %s", url, response.Status, said)}
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
