package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/idmock/idmock/mockserver/control"
)

// Wallets returns the wallets of the client's account, or those that accounts begin with, by provider.
func (c *Client) Wallets(ctx context.Context) ([]control.Wallet, error) {
	return call[[]control.Wallet](ctx, c, http.MethodGet, "/wallets", nil)
}

// FillWallet sets the balance of a wallet, or adds to it.
func (c *Client) FillWallet(ctx context.Context, provider string, fill control.WalletFill) (control.Wallet, error) {
	return call[control.Wallet](ctx, c, http.MethodPut, "/wallets/"+url.PathEscape(provider), fill)
}

// RemoveWallet has requests cost nothing again. The error has status 404 if the wallet was never filled.
func (c *Client) RemoveWallet(ctx context.Context, provider string) error {
	return send(ctx, c, http.MethodDelete, "/wallets/"+url.PathEscape(provider), nil)
}
