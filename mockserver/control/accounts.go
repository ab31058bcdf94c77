package control

import (
	"context"

	"github.com/idmock/idmock/mockserver/clock"
)

// Accounts manages accounts: each holds the state of one credential.
type Accounts interface {
	// Accounts returns all open accounts, sorted by name.
	Accounts(ctx context.Context) ([]Account, error)
	// AccountsAfter returns at most max open accounts with names after one, sorted by name.
	AccountsAfter(ctx context.Context, after string, max int) ([]Account, error)
	// Account returns an open account, or store.ErrNotFound.
	Account(ctx context.Context, name string) (Account, error)
	// Require returns nil for an open account, or else store.ErrNotFound with the nearest names.
	Require(ctx context.Context, name string) error
	// SetSeed sets the seed of an account's generated data and opens the account if necessary. It returns ErrInvalid if data
	// was generated from another seed already.
	SetSeed(ctx context.Context, name string, seed uint64) error
	// Drop deletes an account and everything in it, or returns store.ErrNotFound.
	Drop(ctx context.Context, name string) error
	// Reset restores an account, or with "" the whole server, to its initial state.
	Reset(ctx context.Context, account string) error
	// Reset, Idle and Ended return store.ErrNotFound for an account that is not open.
	//
	// Idle blocks until no job is due or in flight, or until ctx ends. Jobs due later do not count.
	Idle(ctx context.Context, account string) error
	// Ended blocks until no job is pending, or until ctx ends. It does not advance the clock.
	Ended(ctx context.Context, account string) error
}

// Account describes an account.
type Account struct {
	Name        string                       `json:"name"`
	Seed        uint64                       `json:"seed"`               // of its generated data
	Credentials map[string]map[string]string `json:"credentials"`        // by provider, then by the credential's name
	Rotation    map[string]map[string]string `json:"rotation,omitempty"` // by provider: the webhook secrets "previous" and "next"
	Defaults    map[string]string            `json:"defaults,omitempty"` // by provider: the account's default scenario
	Clock       clock.State                  `json:"clock"`
	Pending     int                          `json:"pending"` // jobs
	Held        int                          `json:"held"`    // deliveries
}
