package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"text/tabwriter"
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

type walletCmd struct {
	Provider string   `arg:"" optional:"" help:"Name of the provider; none lists the wallets of all."`
	Set      *float64 `help:"Set the balance. Billed checks are paid from it from now on." xor:"fill" placeholder:"AMOUNT"`
	Add      *float64 `help:"Top up: add to the balance." xor:"fill" placeholder:"AMOUNT"`
	Remove   bool     `help:"Remove the wallet: checks are free again." xor:"fill"`
	Account  string   `help:"Account; empty is the balance that all accounts begin with." placeholder:"NAME"`
	Server   string   `help:"Running server." default:"http://127.0.0.1:8080" placeholder:"URL"`
}

// Run fills or removes a wallet and lists the balances.
func (c *walletCmd) Run(ctx context.Context, s streams) error {
	fills := c.Set != nil || c.Add != nil || c.Remove
	if fills && c.Provider == "" {
		return untested("--set, --add and --remove need a provider: idmock wallet PROVIDER --set 500")
	}
	server, err := connect(c.Server)
	if err != nil {
		return err
	}
	defer server.Close()
	server = server.For(c.Account)
	switch {
	case c.Remove:
		err = server.RemoveWallet(ctx, c.Provider)
	case c.Add != nil:
		_, err = server.FillWallet(ctx, c.Provider, control.WalletFill{Add: *c.Add})
	case c.Set != nil:
		_, err = server.FillWallet(ctx, c.Provider, control.WalletFill{Balance: c.Set})
	}
	if err != nil {
		return clientError(err)
	}
	all, err := server.Wallets(ctx)
	if err != nil {
		return clientError(err)
	}
	w, found := tabwriter.NewWriter(s.out, 0, 4, 2, ' ', 0), c.Provider == ""
	for _, wallet := range all {
		if c.Provider == "" || c.Provider == wallet.Provider {
			fmt.Fprintln(w, describeWallet(wallet))
			found = true
		}
	}
	if !found {
		return untested("provider %q has no prices: idmock wallet lists those that have", c.Provider)
	}
	return w.Flush()
}

// describeWallet is a row of the list.
func describeWallet(w control.Wallet) string {
	balance := "not filled: checks are free"
	if w.Balance != nil {
		balance = strconv.FormatFloat(*w.Balance, 'f', 2, 64) + " " + w.Currency
		if w.Free {
			balance += ", and the account's key never pays"
		}
	}
	return w.Provider + "\t" + balance
}
