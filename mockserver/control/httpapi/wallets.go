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
	var fill control.WalletFill
	if err := wire.Decode(w, r, &fill); err != nil {
		return err
	}
	if (fill.Balance == nil) == (fill.Add == nil) {
		return control.Invalidf("use either balance, which is set, or add, which is added to it")
	}
	filled, err := h.backend.FillWallet(r.Context(), wire.Account(r), r.PathValue("provider"), fill)
	return wire.SendResult(w, filled, err)
}

func (h wallets) remove(w http.ResponseWriter, r *http.Request) error {
	return wire.NoContent(w, h.backend.RemoveWallet(r.Context(), wire.Account(r), r.PathValue("provider")))
}
