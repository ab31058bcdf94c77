package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// Deliveries are the webhooks that were planned, and what became of them.
type Deliveries interface {
	// Deliveries returns at most limit deliveries of an account, or of all for "": the one planned last comes first.
	Deliveries(ctx context.Context, account string, limit int) ([]Delivery, error)
	// Delivery returns one by its ID, whatever account it is of. The error is store.ErrNotFound when it is not held.
	Delivery(ctx context.Context, id string) (Delivery, error)
	// Resend plans the delivery's event for its endpoint once more, at once, and returns the new delivery's ID.
	Resend(ctx context.Context, id string, as Resend) (newID string, err error)
}

// Delivery is one event for one endpoint.
type Delivery struct {
	ID       string    `json:"id"`
	Account  string    `json:"account"`
	Provider string    `json:"provider"`
	Event    string    `json:"event"`
	Run      string    `json:"run,omitempty"`
	Scenario string    `json:"scenario,omitempty"`
	Endpoint string    `json:"endpoint"`
	URL      string    `json:"url"`
	Status   Status    `json:"status"`
	Due      time.Time `json:"due,omitzero"` // account time of the next attempt, if nothing holds it back; zero when there is none
	// Attempts are the data of the journal's attempt entries that are still kept, first to last.
	Attempts []json.RawMessage `json:"attempts"`
}

// Resend says what to send otherwise than it would be. The zero value changes nothing.
type Resend struct {
	Body    *string            `json:"body"`    // in place of the rendered one, sent as it is; nil: the rendered one
	Base64  []byte             `json:"base64"`  // a body that is not text; nil: see Body
	Headers map[string]*string `json:"headers"` // in place of those of that name, or beside the others; null leaves one out
	// Sign false sends a changed body with the signature of the unchanged one, as whoever tampers with it has to; true,
	// also where it is nil, signs what is sent.
	Sign *bool `json:"sign"`
}

// Status is how far a delivery has come.
type Status string

// A delivery is Planned until its first attempt begins, Sending during an attempt, Retrying between attempts, and Held
// while it waits for nothing but to be let go. The others are how it can end.
const (
	Planned    Status = "planned"
	Sending    Status = "sending"
	Retrying   Status = "retrying"
	Held       Status = "held"
	Delivered  Status = "delivered"
	Exhausted  Status = "exhausted"  // no attempt was accepted, and there are no more
	Unroutable Status = "unroutable" // there was no endpoint to send it to
	Dropped    Status = "dropped"    // a fault kept it from being sent
)

const (
	defaultDeliveries = 100
	maxDeliveries     = 1000
)

func (a *api) deliveries(w http.ResponseWriter, r *http.Request) error {
	limit, err := number(r, "limit", defaultDeliveries, 1, maxDeliveries)
	if err != nil {
		return err
	}
	all, err := a.Deliveries.Deliveries(r.Context(), account(r), int(limit))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, map[string][]Delivery{"deliveries": all})
}

func (a *api) delivery(w http.ResponseWriter, r *http.Request) error {
	d, err := a.ownDelivery(r)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, d)
}

func (a *api) resend(w http.ResponseWriter, r *http.Request) error {
	var as Resend
	if err := receive(w, r, &as); err != nil {
		return err
	}
	if as.Body != nil && as.Base64 != nil {
		return Invalidf("there are two bodies: give body or base64")
	}
	d, err := a.ownDelivery(r)
	if err != nil {
		return err
	}
	id, err := a.Deliveries.Resend(r.Context(), d.ID, as)
	if err != nil {
		return err
	}
	return send(w, http.StatusAccepted, map[string]string{"delivery": id})
}

// ownDelivery finds the delivery that the path names. That of another account than the one asked for is not there.
func (a *api) ownDelivery(r *http.Request) (Delivery, error) {
	id := r.PathValue("id")
	d, err := a.Deliveries.Delivery(r.Context(), id)
	if err == nil && account(r) != "" && account(r) != d.Account {
		err = fmt.Errorf("account %q has no delivery %q: %w", account(r), id, store.ErrNotFound)
	}
	return d, err
}
