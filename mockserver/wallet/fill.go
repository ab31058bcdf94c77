package wallet

import (
	"context"
	"fmt"
	"math"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
)

// Providers are the providers of a server.
type Providers interface {
	Openapi() []*openapi.Provider
}

// Wallets fills wallets and shows them.
type Wallets struct {
	Accounts  *account.Accounts
	Providers Providers
}

var _ control.Wallets = Wallets{}

// maxBalance is the largest balance: beyond it cents are lost.
const maxBalance = 1e12

// Wallets lists the wallets of an account, or those that new accounts begin with, by provider.
func (s Wallets) Wallets(ctx context.Context, name string) ([]control.Wallet, error) {
	a, err := s.Accounts.Find(name)
	if err != nil {
		return nil, err
	}
	all := []control.Wallet{}
	for _, p := range s.Providers.Openapi() {
		set := openapi.WalletOf(p)
		if set == nil {
			continue
		}
		shown, err := s.show(ctx, a, p.Name, set)
		if err != nil {
			return nil, err
		}
		all = append(all, shown)
	}
	return all, nil
}

func (s Wallets) show(ctx context.Context, a *account.Account, provider string, set *settings.Wallet) (control.Wallet, error) {
	shown := control.Wallet{Account: a.Name(), Provider: provider, Currency: set.Currency, Free: set.Free.Match(a.Name())}
	t := a.Begin(a.Now())
	defer t.Release()
	w, err := open(ctx, s.Accounts, t, a, provider, set)
	if w != nil {
		shown.Balance = &w.Balance
	}
	return shown, err
}

// FillWallet sets the balance of a wallet, or adds to it.
func (s Wallets) FillWallet(ctx context.Context, name, provider string, fill control.WalletFill) (control.Wallet, error) {
	set, err := s.settings(provider)
	if err != nil {
		return control.Wallet{}, err
	}
	a, err := s.Accounts.Open(ctx, name)
	if err != nil {
		return control.Wallet{}, err
	}
	err = s.Accounts.Change(ctx, a, func(next *account.Settings) (journal.Data, error) {
		t := a.Begin(a.Now())
		defer t.Release()
		w, err := open(ctx, s.Accounts, t, a, provider, set)
		if err != nil {
			return nil, err
		}
		if w == nil {
			w = &Wallet{}
		}
		balance := w.Balance
		if fill.Balance != nil {
			balance = *fill.Balance
		}
		if fill.Add != nil {
			balance += *fill.Add
		}
		balance = cents(balance)
		if math.IsNaN(balance) || balance < 0 || balance > maxBalance {
			return nil, control.Invalidf("invalid balance %v: use 0 to %.0f", balance, maxBalance)
		}
		if next.Wallets == nil {
			next.Wallets = map[string]float64{}
		}
		next.Wallets[provider] = cents(balance + w.spent)
		return journal.Wallet{Provider: provider, Amount: cents(balance - w.Balance), Balance: balance, Currency: set.Currency}, nil
	})
	if err != nil {
		return control.Wallet{}, err
	}
	return s.show(ctx, a, provider, set)
}

// RemoveWallet has requests of an account cost nothing again, unless the default account has a wallet.
func (s Wallets) RemoveWallet(ctx context.Context, name, provider string) error {
	set, err := s.settings(provider)
	if err != nil {
		return err
	}
	a, err := s.Accounts.Find(name)
	if err != nil {
		return err
	}
	return s.Accounts.Change(ctx, a, func(next *account.Settings) (journal.Data, error) {
		if _, ok := next.Wallets[provider]; !ok {
			return nil, fmt.Errorf("wallet of provider %s: %w: it was never filled", provider, store.ErrNotFound)
		}
		delete(next.Wallets, provider)
		return journal.Wallet{Provider: provider, Currency: set.Currency, Removed: true}, nil
	})
}

// settings returns a provider's prices.
func (s Wallets) settings(provider string) (*settings.Wallet, error) {
	var with []string
	for _, p := range s.Providers.Openapi() {
		set := openapi.WalletOf(p)
		if set != nil && p.Name == provider {
			return set, nil
		}
		if set != nil {
			with = append(with, p.Name)
		}
	}
	return nil, control.Invalidf("provider %q has no prices (wallet in provider.yaml), use one of %v", provider, with)
}
