package control

import (
	"context"
	"net/http"

	"github.com/idmock/idmock/mockserver/clock"
)

// Accounts are the isolated worlds of the credentials that were used so far.
type Accounts interface {
	// Accounts returns all that are open, in the order of their names.
	Accounts(ctx context.Context) ([]Account, error)
	// Account returns one. The error is store.ErrNotFound when nobody has used it.
	Account(ctx context.Context, name string) (Account, error)
	// SetSeed gives an account, which it opens if need be, the seed from which its data is made up. It is ErrInvalid when
	// something was made up from another one already.
	SetSeed(ctx context.Context, name string, seed uint64) error
	// Drop takes an account away with all that is its own. The error is store.ErrNotFound when nobody has used it.
	Drop(ctx context.Context, name string) error
	// Reset puts an account, or for "" everything, back to how it was when it was opened.
	Reset(ctx context.Context, account string) error
	// Idle blocks until nothing is due or in flight for an account, or for any with "", or until ctx ends. What is due
	// later does not count.
	Idle(ctx context.Context, account string) error
	// Ended returns when nothing is to come of an account, or of everybody, any more, as the clock goes, or with ctx's error.
	Ended(ctx context.Context, account string) error
}

// Account is what there is to know of an account from outside.
type Account struct {
	Name        string                       `json:"name"`
	Seed        uint64                       `json:"seed"`               // from which its made-up data comes
	Credentials map[string]map[string]string `json:"credentials"`        // by provider, then by the credential's name
	Rotation    map[string]map[string]string `json:"rotation,omitempty"` // by provider, the webhook secrets "previous" and "next"
	Defaults    map[string]string            `json:"defaults,omitempty"` // by provider, the scenario it plays where nothing else was chosen
	Clock       clock.State                  `json:"clock"`
	Pending     int                          `json:"pending"` // jobs that are still to come
	Held        int                          `json:"held"`    // deliveries that are held back
}

func (a *api) accounts(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Accounts.Accounts(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) account(w http.ResponseWriter, r *http.Request) error {
	one, err := a.Accounts.Account(r.Context(), r.PathValue("name"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, one)
}

func (a *api) setAccount(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Seed *uint64 `json:"seed"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	if body.Seed == nil {
		return Invalidf(`nothing to set: give {"seed": 7}, from which the account's data is made up`)
	}
	name := r.PathValue("name")
	if err := a.Accounts.SetSeed(r.Context(), name, *body.Seed); err != nil {
		return err
	}
	one, err := a.Accounts.Account(r.Context(), name)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, one)
}

func (a *api) dropAccount(w http.ResponseWriter, r *http.Request) error {
	patient(w)
	if err := a.Accounts.Drop(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (a *api) reset(w http.ResponseWriter, r *http.Request) error {
	if err := receiveNothing(w, r); err != nil { // {"account":"x"} would reset everybody, and must not
		return err
	}
	patient(w)
	if err := a.Accounts.Reset(r.Context(), account(r)); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
