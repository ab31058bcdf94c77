package httpapi_test

import (
	"context"
	"fmt"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

func (b *backend) Wallets(_ context.Context, account string) ([]control.Wallet, error) {
	balance := 50.5
	return []control.Wallet{{Account: account, Provider: "acme", Currency: "NGN", Balance: &balance}, {Account: account, Provider: "free", Currency: "KES"}}, b.failed()
}

func (b *backend) FillWallet(_ context.Context, account, provider string, fill control.WalletFill) (control.Wallet, error) {
	balance := 50.0
	if fill.Balance != nil {
		balance = *fill.Balance
	}
	if fill.Add != nil {
		balance += *fill.Add
	}
	if balance < 0 {
		return control.Wallet{}, control.Invalidf("invalid balance %v", balance)
	}
	return control.Wallet{Account: account, Provider: provider, Currency: "NGN", Balance: &balance}, b.failed()
}

func (b *backend) RemoveWallet(_ context.Context, _, provider string) error {
	switch provider {
	case "free":
		return fmt.Errorf("wallet: %w", store.ErrNotFound)
	case "unknown":
		return control.Invalidf("provider %q has no prices", provider)
	}
	return b.failed()
}
