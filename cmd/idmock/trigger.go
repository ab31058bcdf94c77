package main

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/play"
)

type triggerCmd struct {
	Provider string   `arg:"" help:"Name of the provider."`
	Event    string   `arg:"" help:"Name of the event."`
	Set      []string `help:"Set a value in the event's data. JSON keeps its type; anything else is text. Repeatable." placeholder:"A.B=VALUE" sep:"none"`
	Outcome  string   `help:"Outcome that the event reports, such as rejected." placeholder:"NAME"`
	Account  string   `help:"Account to send as; empty is demo." placeholder:"NAME"`
	RunRef   string   `name:"run" help:"Reference of the run that the event is about; empty generates one." env:"IDMOCK_RUN" placeholder:"REFERENCE"`
	Subject  string   `help:"Subject of the generated run, instead of the documented example's." placeholder:"TEXT"`
	To       string   `help:"Send to this URL from a temporary server, instead of to the endpoints of a running one." placeholder:"URL"`
	Server   string   `help:"Running server." default:"http://127.0.0.1:8080" placeholder:"URL"`
	Dir      string   `name:"provider" help:"With --to: add the provider in a directory." env:"-" placeholder:"DIR"`
	credentialFlag
	Seed uint64 `help:"With --to: seed of generated people and references; 0 picks one." default:"0" placeholder:"N"`
}

// triggerDrain bounds the shutdown of the temporary server.
const triggerDrain = time.Second

// Run sends an event. The exit code is 1 if a receiver did not accept it.
func (c *triggerCmd) Run(ctx context.Context, s streams) error {
	event, err := c.request()
	if err != nil {
		return err
	}
	server, stop, err := c.server(ctx)
	if err != nil {
		return err
	}
	err = play.Trigger(ctx, server.For(c.Account), event, s.out)
	switch {
	case errors.Is(err, play.ErrRejected):
		err = exitError{exitFailed, err.Error()}
	case errors.Is(err, context.Canceled):
		err = untested("interrupted before the response: the event may have been delivered")
	default:
		err = clientError(err)
	}
	if stopErr := stop(); err == nil {
		err = stopErr
	}
	return err
}

func (c *triggerCmd) request() (control.SendRequest, error) {
	event := control.SendRequest{Provider: c.Provider, Event: c.Event, Outcome: c.Outcome, Run: c.RunRef, Subject: c.Subject}
	data, err := play.ParseData(c.Set)
	if err != nil {
		return event, untested("--set: %v", err)
	}
	if len(data) > 0 {
		event.Data, err = json.Marshal(data)
	}
	return event, err
}

// server connects to the running server, or starts a temporary one with --to as the only endpoint. stop ends it.
func (c *triggerCmd) server(ctx context.Context) (server *client.Client, stop func() error, err error) {
	if c.To == "" {
		if !c.empty() || c.Dir != "" || c.Seed != 0 {
			return nil, nil, untested("--credential, --webhook-header, --provider and --seed need --to")
		}
		server, err = connect(c.Server)
		return server, func() error { server.Close(); return nil }, err
	}
	var f providerFlag
	if c.Dir != "" {
		f.Provider = []string{c.Dir}
	}
	providers, err := f.open()
	if err != nil {
		return nil, nil, err
	}
	if err := checkReceiver(ctx, c.To); err != nil {
		return nil, nil, err
	}
	config := mockserver.Config{Addr: "127.0.0.1:0", Providers: providers, Seed: c.Seed, DrainTimeout: triggerDrain}
	server, stop, err = startTemporary(ctx, config, c.credentialFlag)
	if err != nil {
		return nil, nil, err
	}
	if _, err := server.SetEndpoint(ctx, client.Endpoint{Provider: c.Provider, URL: c.To}); err != nil {
		_ = stop() // the first error matters
		return nil, nil, clientError(err)
	}
	return server, stop, nil
}
