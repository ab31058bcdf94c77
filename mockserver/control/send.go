package control

import (
	"context"
	"encoding/json"
	"net/http"
)

// Sender sends events without a scenario.
type Sender interface {
	// Send plans an event at once for every endpoint that it is for.
	Send(ctx context.Context, want SendRequest) (Sent, error)
}

// SendRequest says which event to send, and what it tells.
type SendRequest struct {
	Account  string          `json:"-"` // from the query; "": the account that plays what nobody has named one for
	Provider string          `json:"provider"`
	Event    string          `json:"event"`
	Data     json.RawMessage `json:"data,omitzero"`    // laid over the event's template; nil: nothing
	Run      string          `json:"run,omitzero"`     // the reference of a run that it tells of; empty: one that is made up for it
	Subject  string          `json:"subject,omitzero"` // of the run that is made up, in place of the documented example's
}

// Sent is what was planned.
type Sent struct {
	Account    string   `json:"account"`
	Run        string   `json:"run"`        // its reference
	Deliveries []string `json:"deliveries"` // one for each endpoint
}

func (a *api) sendEvent(w http.ResponseWriter, r *http.Request) error {
	var s SendRequest
	if err := receive(w, r, &s); err != nil {
		return err
	}
	s.Account = account(r)
	if err := need("provider", s.Provider, "event", s.Event); err != nil {
		return err
	}
	sent, err := a.Sender.Send(r.Context(), s)
	if err != nil {
		return err
	}
	return send(w, http.StatusAccepted, sent)
}
