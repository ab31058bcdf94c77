package httpapi

import (
	"net/http"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
)

type wallets struct{ backend control.Wallets }

func (h wallets) list(w http.ResponseWriter, r *http.Request) error {
	all, err := h.backend.Wallets(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (h wallets) fill(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Balance *float64 `json:"balance"`
		Add     *float64 `json:"add"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if (body.Balance == nil) == (body.Add == nil) {
		return control.Invalidf("use either balance, which is set, or add, which is added to it")
	}
	fill := control.WalletFill{Balance: body.Balance}
	if body.Add != nil {
		fill.Add = *body.Add
	}
	filled, err := h.backend.FillWallet(r.Context(), wire.Account(r), r.PathValue("provider"), fill)
	return wire.SendResult(w, filled, err)
}

func (h wallets) remove(w http.ResponseWriter, r *http.Request) error {
	return wire.NoContent(w, h.backend.RemoveWallet(r.Context(), wire.Account(r), r.PathValue("provider")))
}
