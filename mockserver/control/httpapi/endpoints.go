package httpapi

import (
	"net/http"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/webhook"
)

type endpoints struct{ backend control.Endpoints }

func (e endpoints) list(w http.ResponseWriter, r *http.Request) error {
	all, err := e.backend.Endpoints(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (e endpoints) set(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Provider string            `json:"provider"`
		URL      string            `json:"url"`
		Events   []string          `json:"events"`
		Switches map[string]string `json:"switches"`
		Headers  []webhook.Header  `json:"headers"`
		From     string            `json:"from"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if err := wire.Require("provider", body.Provider, "url", body.URL); err != nil {
		return err
	}
	endpoint, err := e.backend.SetEndpoint(r.Context(), webhook.Endpoint{
		Account: wire.Account(r), Provider: body.Provider, URL: body.URL, Events: body.Events, Switches: body.Switches,
		Headers: body.Headers, From: body.From, Source: "control",
	})
	return wire.SendResult(w, endpoint, err)
}

func (e endpoints) remove(w http.ResponseWriter, r *http.Request) error {
	return wire.NoContent(w, e.backend.RemoveEndpoint(r.Context(), wire.Account(r), r.PathValue("id")))
}
