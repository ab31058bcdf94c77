package main

import (
	"context"
	"fmt"
	"strconv"
	"text/tabwriter"

	"github.com/idmock/idmock/mockserver/control"
)

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
	case fills:
		_, err = server.FillWallet(ctx, c.Provider, control.WalletFill{Balance: c.Set, Add: c.Add})
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
