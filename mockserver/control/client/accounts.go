package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Health is the state of the server process.
type Health struct {
	Status  string `json:"status"`
	Version string `json:"version"`
	Targets string `json:"targets"` // local or strict
}

// Health reports whether the process responds. It needs no token.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return call[Health](ctx, c.For(""), http.MethodGet, "/health", nil)
}

// Ready reports whether the server can serve requests. It needs no token.
func (c *Client) Ready(ctx context.Context) error {
	return send(ctx, c.For(""), http.MethodGet, "/ready", nil)
}

// Providers returns the providers that the server serves.
func (c *Client) Providers(ctx context.Context) ([]control.Provider, error) {
	return call[[]control.Provider](ctx, c.For(""), http.MethodGet, "/providers", nil)
}

// Environment opens the account and returns the environment variables that point an application at it.
func (c *Client) Environment(ctx context.Context, provider string) (control.Environment, error) {
	return call[control.Environment](ctx, c, http.MethodGet, "/providers/"+url.PathEscape(provider)+"/env", nil)
}

// Open opens the client's account with a seed. It fails if the account already has data made from another seed.
func (c *Client) Open(ctx context.Context, seed uint64) (control.Account, error) {
	body := struct {
		Seed uint64 `json:"seed"`
	}{seed}
	return call[control.Account](ctx, c.For(""), http.MethodPost, accountPath(c.account), body)
}

// Account returns the client's account. The error has status 404 if it is not open.
func (c *Client) Account(ctx context.Context) (control.Account, error) {
	return call[control.Account](ctx, c.For(""), http.MethodGet, accountPath(c.account), nil)
}

// Reset returns the account, or all accounts, to the initial state.
func (c *Client) Reset(ctx context.Context) error {
	return send(ctx, c, http.MethodPost, "/reset", nil)
}

func accountPath(name string) string { return "/accounts/" + url.PathEscape(name) }

// Endpoint is a webhook endpoint to register. Empty Events subscribes to all.
type Endpoint struct {
	Provider string            `json:"provider"`
	URL      string            `json:"url"`
	Events   []string          `json:"events,omitempty"`
	Switches map[string]string `json:"switches,omitempty"`
	Headers  []webhook.Header  `json:"headers,omitempty"`
	From     string            `json:"from,omitempty"` // local address that attempts come from
}

// SetEndpoint registers an endpoint, or replaces the one with the same provider and URL. Without an account it becomes the
// default of accounts that have none.
func (c *Client) SetEndpoint(ctx context.Context, e Endpoint) (webhook.Endpoint, error) {
	return call[webhook.Endpoint](ctx, c, http.MethodPost, "/endpoints", e)
}
