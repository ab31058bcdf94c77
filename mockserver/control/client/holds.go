package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/idmock/idmock/mockserver/control"
)

// Holds holds and releases the deliveries of a client's account.
type Holds struct{ client *Client }

// Holds returns the account's holds.
func (c *Client) Holds() Holds { return Holds{c} }

// Add holds matching deliveries as they fall due, and returns the hold with its ID. The ID and Account in h are ignored.
func (s Holds) Add(ctx context.Context, h control.Hold) (control.Hold, error) {
	body := struct {
		Provider string `json:"provider,omitempty"`
		Event    string `json:"event,omitempty"`
		Endpoint string `json:"endpoint,omitempty"`
	}{h.Provider, h.Event, h.Endpoint}
	return call[control.Hold](ctx, s.client, http.MethodPost, "/holds", body)
}

// End ends one hold, or all with an empty ID, and returns the number of released deliveries.
func (s Holds) End(ctx context.Context, id string) (released int, err error) {
	ended, err := call[struct{ Released int }](ctx, s.client, http.MethodDelete, withID("/holds", id), nil)
	return ended.Released, err
}

// HoldDelivery holds one delivery that waits for an attempt.
func (s Holds) HoldDelivery(ctx context.Context, id string) error {
	return send(ctx, s.client, http.MethodPost, "/deliveries/"+url.PathEscape(id)+"/hold", nil)
}

// ReleaseDelivery releases one held delivery.
func (s Holds) ReleaseDelivery(ctx context.Context, id string) error {
	return send(ctx, s.client, http.MethodPost, "/deliveries/"+url.PathEscape(id)+"/release", nil)
}

// Count returns the number of held deliveries.
func (s Holds) Count(ctx context.Context) (int, error) {
	holding, err := call[control.Holding](ctx, s.client, http.MethodGet, "/holds", nil)
	return holding.Held, err
}
