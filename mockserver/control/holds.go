package control

import (
	"context"
	"net/http"
)

// Holds are what holds deliveries back until somebody lets them go. Everybody's hold every account's, beside its own.
type Holds interface {
	// Holds tells what holds an account's deliveries back, or anybody's for "".
	Holds(ctx context.Context, account string) (Holding, error)
	// Held counts the deliveries of an account that are held back, or of all for "".
	Held(ctx context.Context, account string) (int, error)
	// SetHold holds back what falls due from now on and fits, and returns the hold with its ID.
	SetHold(ctx context.Context, h Hold) (Hold, error)
	// EndHold ends a hold, or with the ID "" all of an account, and lets go of what is held, in the order in which it was
	// planned. It returns how many that were. The error is store.ErrNotFound when there is no hold of that ID.
	EndHold(ctx context.Context, account, id string) (released int, err error)
	// HoldDelivery holds one back that waits for an attempt. The error is store.ErrNotFound when the account, or for "" any,
	// has no such delivery, and ErrInvalid when it is under way or over.
	HoldDelivery(ctx context.Context, account, id string) error
	// ReleaseDelivery lets one go. The error is ErrInvalid when it is not held.
	ReleaseDelivery(ctx context.Context, account, id string) error
}

// Holding is what is held back.
type Holding struct {
	Held  int    `json:"held"`  // deliveries, also those that are held by themselves
	Holds []Hold `json:"holds"` // each account's in the order in which they began
}

// Hold holds back whatever falls due and fits. What is empty of provider, event and endpoint stands for any.
type Hold struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"` // with wildcards
	Endpoint string `json:"endpoint,omitempty"`
	Held     int    `json:"held"` // deliveries that it has now
}

func (a *api) holds(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Holds.Holds(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) setHold(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Provider string `json:"provider"`
		Event    string `json:"event"`
		Endpoint string `json:"endpoint"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	set, err := a.Holds.SetHold(r.Context(), Hold{Account: account(r), Provider: body.Provider, Event: body.Event, Endpoint: body.Endpoint})
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, set)
}

func (a *api) endHold(w http.ResponseWriter, r *http.Request) error {
	patient(w)
	released, err := a.Holds.EndHold(r.Context(), account(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string]int{"released": released})
}

func (a *api) holdDelivery(w http.ResponseWriter, r *http.Request) error {
	return a.onDelivery(w, r, a.Holds.HoldDelivery)
}

func (a *api) releaseDelivery(w http.ResponseWriter, r *http.Request) error {
	return a.onDelivery(w, r, a.Holds.ReleaseDelivery)
}

func (a *api) onDelivery(w http.ResponseWriter, r *http.Request, do func(ctx context.Context, account, id string) error) error {
	if err := receiveNothing(w, r); err != nil {
		return err
	}
	if err := do(r.Context(), account(r), r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
