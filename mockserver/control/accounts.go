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
	// Reset puts an account, or for "" everything, back to how it was when it was opened.
	Reset(ctx context.Context, account string) error
	// Idle blocks until nothing is due or in flight for an account, or for any with "", or until ctx ends. What is due
	// later does not count.
	Idle(ctx context.Context, account string) error
}

// Account is what there is to know of an account from outside.
type Account struct {
	Name        string                       `json:"name"`
	Seed        uint64                       `json:"seed"`        // from which its made-up data comes
	Credentials map[string]map[string]string `json:"credentials"` // by provider, then by the credential's name
	Clock       clock.State                  `json:"clock"`
	Pending     int                          `json:"pending"` // jobs that are still to come
}

func (a *api) accounts(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Accounts.Accounts(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
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
