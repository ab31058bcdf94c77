package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/idmock/idmock/cmd/idmock/internal/doctor"
)

type doctorCmd struct {
	Addr   string `help:"Address that a server listens on, or would." default:"127.0.0.1:8080" placeholder:"HOST:PORT"`
	Server string `help:"Running server to look at; empty: the one at --addr." placeholder:"URL"`
	To     string `help:"URL of your webhook receiver, to check that this machine reaches it." placeholder:"URL"`
	dataFlag
}

// Help is the text below the usage.
func (doctorCmd) Help() string {
	return "The output is what a bug report needs. It has no keys, tokens or secrets. The exit code is 1 if a line says problem."
}

// Run prints the state of this machine and of a running server.
func (c *doctorCmd) Run(ctx context.Context, s streams) error {
	dir, err := c.dir()
	if err != nil {
		return err
	}
	report := doctor.Examine(ctx, doctor.Options{Addr: c.Addr, Server: c.Server, To: c.To, Version: version, DataDir: dir,
		Token: os.Getenv("IDMOCK_CONTROL_TOKEN"), Environment: os.Environ()})
	_, color := isTerminal(s.out)
	fmt.Fprintf(s.out, "idmock %s\n", versionLine())
	for _, f := range report {
		state := fmt.Sprintf("%-8s", f.State)
		if color && f.State == doctor.Problem {
			state = "\x1b[31m" + state + "\x1b[0m"
		}
		fmt.Fprintf(s.out, "%s %-12s %s\n", state, f.Subject, strings.ReplaceAll(f.Text, "\n", "\n                      "))
	}
	if report.Problems() > 0 {
		return exitError{exitFailed, ""}
	}
	return nil
}
