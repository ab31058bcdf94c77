// Package wallet keeps the balances of accounts with a provider: a user fills a wallet, and requests are paid from it.
//
// Prices, and the scenario that plays when the balance is too low, are data of the provider, see [settings.Wallet]. Package engine
// decides when a request is paid.
package wallet

import (
	"context"
	"math"
	"strconv"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
)

// Wallet is the balance of an account with a provider, as a unit of work leaves it.
type Wallet struct {
	Balance  float64
	Currency string

	spent float64
	doc   store.Doc
	tx    *tx.Tx
	entry journal.Wallet
}

// Open returns the wallet of an account, nil if none was filled for it: requests are free then. An account without a wallet of its own
// has one with the balance of the default account's.
func Open(ctx context.Context, s *account.Accounts, t *tx.Tx, a *account.Account, p *openapi.Provider) (*Wallet, error) {
	set := openapi.WalletOf(p)
	if set == nil || set.Free.Match(a.Name()) {
		return nil, nil
	}
	return open(ctx, s, t, a, p.Name, set)
}

func open(ctx context.Context, s *account.Accounts, t *tx.Tx, a *account.Account, provider string, set *settings.Wallet) (*Wallet, error) {
	funds, ok, err := funds(ctx, s, t, a, provider)
	if err != nil || !ok {
		return nil, err
	}
	w := &Wallet{Currency: set.Currency, tx: t, entry: journal.Wallet{Provider: provider, Currency: set.Currency}}
	if w.doc, err = t.Find(ctx, tx.SpentKey(a.Name(), provider)); err != nil {
		return nil, err
	}
	w.spent, _ = strconv.ParseFloat(string(w.doc.Data), 64) // 0 where there is no document
	w.Balance = cents(funds - w.spent)
	return w, nil
}

// funds returns the sum that was put into the wallet of an account so far, or of the default account.
func funds(ctx context.Context, s *account.Accounts, t *tx.Tx, a *account.Account, provider string) (float64, bool, error) {
	layers, err := s.Layers(ctx, t, a)
	if err != nil {
		return 0, false, err
	}
	for _, layer := range layers {
		if funds, ok := layer.Wallets[provider]; ok {
			return funds, true, nil
		}
	}
	return 0, false, nil
}

// Pay takes the price of a run's request from the wallet, in the unit of work that it was opened in.
func (w *Wallet) Pay(price float64, run, operation string) {
	w.spent, w.Balance = cents(w.spent+price), cents(w.Balance-price)
	w.doc.Data = strconv.AppendFloat(nil, w.spent, 'f', -1, 64)
	w.tx.Put(w.doc)
	w.entry.Run, w.entry.Operation, w.entry.Amount, w.entry.Balance = run, operation, -price, w.Balance
	w.tx.Log(w.entry)
}

// Values are the wallet in expressions. A nil Wallet has none.
func (w *Wallet) Values() map[string]any {
	if w == nil {
		return nil
	}
	return map[string]any{"balance": w.Balance, "currency": w.Currency}
}

// cents rounds to two decimals: sums of prices have errors of binary fractions otherwise.
func cents(amount float64) float64 { return math.Round(amount*100) / 100 }
