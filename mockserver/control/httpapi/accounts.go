package httpapi

import (
	"net/http"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

type accounts struct{ backend control.Accounts }

func (a accounts) list(w http.ResponseWriter, r *http.Request) error {
	all, err := a.backend.Accounts(r.Context())
	return wire.SendResult(w, all, err)
}

func (a accounts) get(w http.ResponseWriter, r *http.Request) error {
	account, err := a.backend.Account(r.Context(), r.PathValue("name"))
	return wire.SendResult(w, account, err)
}

func (a accounts) set(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Seed *uint64 `json:"seed"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if body.Seed == nil {
		return control.Invalidf(`nothing to set: send {"seed": 7} to set the seed of generated data`)
	}
	if err := a.backend.SetSeed(r.Context(), r.PathValue("name"), *body.Seed); err != nil {
		return err
	}
	return a.get(w, r)
}

func (a accounts) drop(w http.ResponseWriter, r *http.Request) error {
	wire.NoDeadline(w)
	return wire.NoContent(w, a.backend.Drop(r.Context(), r.PathValue("name")))
}

func (a accounts) reset(w http.ResponseWriter, r *http.Request) error {
	if err := wire.RejectBody(w, r); err != nil { // {"account":"x"} must not reset all accounts
		return err
	}
	wire.NoDeadline(w)
	return wire.NoContent(w, a.backend.Reset(r.Context(), wire.Account(r)))
}
