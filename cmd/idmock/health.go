package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
)

type healthCmd struct {
	Addr    string        `help:"Address that the server listens on." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Timeout time.Duration `help:"Longest wait for the response." default:"3s"`
}

// Run checks a server. The exit code is 1 if it is not healthy.
func (c *healthCmd) Run(ctx context.Context, s streams) error {
	host, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return untested("invalid --addr %q: use HOST:PORT, such as 127.0.0.1:8080", c.Addr)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1" // a server on all interfaces
	}
	server, err := client.New("http://"+net.JoinHostPort(host, port), client.Options{})
	if err != nil {
		return untested("invalid --addr %q: %v", c.Addr, err)
	}
	defer server.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("no response within %v", c.Timeout))
	defer cancel()
	if _, err := server.Health(ctx); err != nil {
		message := "no healthy server: " + err.Error()
		if !errors.Is(err, client.ErrUnreachable) {
			message += fmt.Sprintf(" from %s", server.URL())
		}
		return exitError{exitFailed, message}
	}
	fmt.Fprintln(s.out, "healthy", server.URL()+control.Base+"/health")
	return nil
}
