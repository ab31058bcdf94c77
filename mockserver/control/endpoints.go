package control

import (
	"context"
	"net/http"

	"github.com/idmock/idmock/mockserver/webhook"
)

// Endpoints are the webhook URLs that are registered.
type Endpoints interface {
	// Endpoints returns those of an account; for "", everybody's defaults and those of all accounts.
	Endpoints(ctx context.Context, account string) ([]webhook.Endpoint, error)
	// SetEndpoint registers an endpoint, or changes the one that the account has for that provider and URL, and returns
	// it with its ID. Account "" makes it the default of accounts that have none of their own.
	SetEndpoint(ctx context.Context, ep webhook.Endpoint) (webhook.Endpoint, error)
	// RemoveEndpoint removes one of an account's; for "", whichever has the ID. The error is store.ErrNotFound when
	// none has.
	RemoveEndpoint(ctx context.Context, account, id string) error
}

func (a *api) endpoints(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Endpoints.Endpoints(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) setEndpoint(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Provider string            `json:"provider"`
		URL      string            `json:"url"`
		Events   []string          `json:"events"`
		Switches map[string]string `json:"switches"`
		Headers  []webhook.Header  `json:"headers"`
		From     string            `json:"from"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	if err := need("provider", body.Provider, "url", body.URL); err != nil {
		return err
	}
	set, err := a.Endpoints.SetEndpoint(r.Context(), webhook.Endpoint{
		Account: account(r), Provider: body.Provider, URL: body.URL, Events: body.Events, Switches: body.Switches,
		Headers: body.Headers, From: body.From, Source: "control",
	})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, set)
}

func (a *api) removeEndpoint(w http.ResponseWriter, r *http.Request) error {
	if err := a.Endpoints.RemoveEndpoint(r.Context(), account(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
