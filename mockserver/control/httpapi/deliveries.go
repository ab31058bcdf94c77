package httpapi

import (
	"context"
	"fmt"
	"net/http"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/store"
)

type deliveries struct {
	backend control.Deliveries
	holding control.Holds
}

const (
	defaultDeliveries = 100
	maxDeliveries     = 1000
)

func (d deliveries) list(w http.ResponseWriter, r *http.Request) error {
	limit, err := wire.Uint(r, "limit", defaultDeliveries, 1, maxDeliveries)
	if err != nil {
		return err
	}
	all, err := d.backend.Deliveries(r.Context(), wire.Account(r), int(limit))
	return wire.SendResult(w, map[string][]control.Delivery{"deliveries": all}, err)
}

func (d deliveries) get(w http.ResponseWriter, r *http.Request) error {
	delivery, err := d.find(r)
	return wire.SendResult(w, delivery, err)
}

func (d deliveries) resend(w http.ResponseWriter, r *http.Request) error {
	var override control.Resend
	if err := wire.Decode(w, r, &override); err != nil {
		return err
	}
	if override.Body != nil && override.Base64 != nil {
		return control.Invalidf("body and base64 are mutually exclusive: send one of them")
	}
	delivery, err := d.find(r)
	if err != nil {
		return err
	}
	id, err := d.backend.Resend(r.Context(), delivery.ID, override)
	if err != nil {
		return err
	}
	return wire.Send(w, http.StatusAccepted, map[string]string{"delivery": id})
}

// find returns the delivery in the path. A delivery of another account is not found.
func (d deliveries) find(r *http.Request) (control.Delivery, error) {
	id, account := r.PathValue("id"), wire.Account(r)
	delivery, err := d.backend.Delivery(r.Context(), id)
	if err == nil && account != "" && account != delivery.Account {
		err = fmt.Errorf("account %q has no delivery %q: %w", account, id, store.ErrNotFound)
	}
	return delivery, err
}

func (d deliveries) hold(w http.ResponseWriter, r *http.Request) error {
	return change(w, r, d.holding.HoldDelivery)
}

func (d deliveries) release(w http.ResponseWriter, r *http.Request) error {
	return change(w, r, d.holding.ReleaseDelivery)
}

func change(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, account, id string) error) error {
	if err := wire.RejectBody(w, r); err != nil {
		return err
	}
	return wire.NoContent(w, do(r.Context(), wire.Account(r), r.PathValue("id")))
}

func (d deliveries) holds(w http.ResponseWriter, r *http.Request) error {
	all, err := d.holding.Holds(r.Context(), wire.Account(r))
	return wire.SendResult(w, all, err)
}

func (d deliveries) setHold(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Provider string `json:"provider"`
		Event    string `json:"event"`
		Endpoint string `json:"endpoint"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	hold, err := d.holding.SetHold(r.Context(), control.Hold{Account: wire.Account(r), Provider: body.Provider, Event: body.Event, Endpoint: body.Endpoint})
	return wire.SendResult(w, hold, err)
}

func (d deliveries) endHold(w http.ResponseWriter, r *http.Request) error {
	wire.NoDeadline(w)
	released, err := d.holding.EndHold(r.Context(), wire.Account(r), r.PathValue("id"))
	return wire.SendResult(w, map[string]int{"released": released}, err)
}
