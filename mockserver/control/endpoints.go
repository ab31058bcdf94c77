package control

import (
	"context"
	"net/http"

	"github.com/idmock/idmock/mockserver/webhook"
)

// Endpoints manages registered webhook URLs.
type Endpoints interface {
	// Endpoints returns the endpoints of an account, or with "" of the default account and of all others.
	Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error)
	// SetEndpoint registers an endpoint, or updates the account's endpoint with the same provider and URL, and returns it with
	// its ID. Account "" is the default account, whose endpoints serve accounts without their own.
	SetEndpoint(ctx context.Context, ep webhook.Endpoint) (webhook.Endpoint, error)
	// RemoveEndpoint deletes an endpoint of an account, or with "" of any account. It returns store.ErrNotFound for an unknown ID.
	RemoveEndpoint(ctx context.Context, account, id string) error
}

// Environments returns the settings that point an application at the server.
type Environments interface {
	// Environment returns the environment variables for an account of a provider, and opens the account; "" is the default
	// caller. Base URLs start as the URL of r does.
	Environment(r *http.Request, account, provider string) (Environment, error)
}

// Environment holds environment variables for an application.
type Environment struct {
	Provider  string     `json:"provider"`
	Account   string     `json:"account"`
	Variables []Variable `json:"variables"`
}

// Variable is an environment variable.
type Variable struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// PublicURLs configures the base URL under which applications reach the server.
type PublicURLs interface {
	// PublicURL returns the configured base URL, or "" if each request determines it.
	PublicURL(ctx context.Context) (string, error)
	// SetPublicURL sets the base URL; "" lets each request determine it again.
	SetPublicURL(ctx context.Context, url string) error
}
