package control

import (
	"context"
	"encoding/json"
	"time"
)

// Deliveries reads and resends webhook deliveries.
type Deliveries interface {
	// Deliveries returns at most limit deliveries, the last planned first.
	Deliveries(ctx context.Context, account string, limit int) ([]Delivery, error)
	// Delivery returns a delivery of any account, or store.ErrNotFound if it is not retained.
	Delivery(ctx context.Context, id string) (Delivery, error)
	// Resend plans a new delivery of the same event to the same endpoint, due now, and returns its ID.
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
	Due      time.Time `json:"due,omitzero"` // account time of the next attempt, ignoring holds; zero: none
	// Attempts are the data of the attempt entries that the journal retains, oldest first.
	Attempts []json.RawMessage `json:"attempts"`
}

// Resend overrides parts of a resent request. The zero value overrides nothing.
type Resend struct {
	Body    *string            `json:"body"`    // replaces the rendered body, sent unchanged
	Base64  []byte             `json:"base64"`  // likewise, for a body that is not text
	Headers map[string]*string `json:"headers"` // replaces or adds headers; null removes one
	// Sign false keeps the signature of the rendered body, as a request that was tampered with would; nil and true sign the
	// body that is sent.
	Sign *bool `json:"sign"`
}

// Status is the state of a delivery.
type Status string

// A delivery is Planned until its first attempt, Sending during an attempt, Retrying between attempts, and Held while only a
// hold keeps it back. The others are final.
const (
	Planned    Status = "planned"
	Sending    Status = "sending"
	Retrying   Status = "retrying"
	Held       Status = "held"
	Delivered  Status = "delivered"
	Exhausted  Status = "exhausted"  // every attempt failed
	Unroutable Status = "unroutable" // no endpoint was registered
	Dropped    Status = "dropped"    // a fault prevented the attempts
)

// Prospects tells waits which deliveries can still come.
type Prospects interface {
	// IsOpen reports whether something of a run is planned: a step, an expected request, or the end of a delivery that a rule
	// waits for. provider "" is any.
	IsOpen(ctx context.Context, account, provider, run string) (bool, error)
	// CanSend reports whether a run can still send an event, or with "" any, other than by hand: it is open, or a rule sends the
	// event in reply to a later request or simulation.
	CanSend(ctx context.Context, account, provider, run, event string) (bool, error)
	// HasTaker reports whether an endpoint of the account takes an event of a provider.
	HasTaker(ctx context.Context, account, provider, event string) (bool, error)
}

// Holds keeps deliveries back until they are released. Holds of all accounts apply in addition to an account's own.
type Holds interface {
	// Holds returns the active holds.
	Holds(ctx context.Context, account string) (Holding, error)
	// Held counts the held deliveries.
	Held(ctx context.Context, account string) (int, error)
	// SetHold holds matching deliveries that fall due from now on, and returns the hold with its ID.
	SetHold(ctx context.Context, h Hold) (Hold, error)
	// EndHold ends a hold, or with the ID "" all holds of an account, and releases the held deliveries in the order in which
	// they were planned. It returns their number, or store.ErrNotFound.
	EndHold(ctx context.Context, account, id string) (released int, err error)
	// HoldDelivery holds a delivery that waits for an attempt. It returns store.ErrNotFound for an unknown delivery, and
	// ErrInvalid if an attempt is in flight or the delivery has ended.
	HoldDelivery(ctx context.Context, account, id string) error
	// ReleaseDelivery releases a held delivery, or returns ErrInvalid if it is not held.
	ReleaseDelivery(ctx context.Context, account, id string) error
}

// Holding lists the active holds.
type Holding struct {
	Held  int    `json:"held"`  // deliveries, including those held one by one
	Holds []Hold `json:"holds"` // of each account, oldest first
}

// Hold keeps back matching deliveries. Empty conditions match any delivery.
type Hold struct {
	ID       string `json:"id"`
	Account  string `json:"account"`
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"` // glob pattern
	Endpoint string `json:"endpoint,omitempty"`
	Held     int    `json:"held"` // deliveries
}
