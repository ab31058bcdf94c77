package control

import "context"

// Wallets manages what accounts can spend with providers that have prices. An account whose wallet was not filled has the default
// account's balance to begin with; where that was not filled either, requests are free.
type Wallets interface {
	// Wallets returns the wallets of an account, by provider.
	Wallets(ctx context.Context, account string) ([]Wallet, error)
	// FillWallet changes the balance and returns the wallet.
	FillWallet(ctx context.Context, account, provider string, fill WalletFill) (Wallet, error)
	// RemoveWallet removes an account's own balance, or returns store.ErrNotFound.
	RemoveWallet(ctx context.Context, account, provider string) error
}

// Wallet is what an account can spend with a provider.
type Wallet struct {
	Account  string   `json:"account"`
	Provider string   `json:"provider"`
	Currency string   `json:"currency"`
	Balance  *float64 `json:"balance,omitempty"` // nil: requests are free
	Free     bool     `json:"free"`              // the account's key never pays, such as one for tests
}

// WalletFill changes a balance: Balance sets it, or Add is added to it.
type WalletFill struct {
	Balance *float64 `json:"balance,omitempty"`
	Add     *float64 `json:"add,omitempty"`
}
