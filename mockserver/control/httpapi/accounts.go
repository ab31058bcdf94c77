package httpapi

import (
	"math"
	"net/http"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

// maxAccounts is the largest limit of a page of accounts.
const maxAccounts = 10_000

type accounts struct{ backend control.Accounts }

// open wraps the handlers of requests that read an account, or act on its content: they need one that is open, and open
// none. Settings, provider requests and events open an account.
func (a accounts) open(serve handler) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if name := wire.Account(r); name != "" {
			if err := a.backend.Require(r.Context(), name); err != nil {
				return err
			}
		}
		return serve(w, r)
	}
}

func (a accounts) list(w http.ResponseWriter, r *http.Request) error {
	limit, err := wire.Uint(r, "limit", math.MaxInt32, 1, maxAccounts)
	if err != nil {
		return err
	}
	all, err := a.backend.AccountsAfter(r.Context(), r.URL.Query().Get("after"), int(limit))
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
