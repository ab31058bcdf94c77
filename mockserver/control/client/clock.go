package client

import (
	"context"
	"net/http"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
)

// endTimeout bounds one request of WaitEnd; it is the longest wait that the server allows.
const endTimeout = 10 * time.Minute

// Clock reads and moves the clock of a client's account.
type Clock struct{ client *Client }

// Clock returns the account's clock.
func (c *Client) Clock() Clock { return Clock{c} }

// State returns the clock's time and rate. Without an account they are those that new accounts start with.
func (k Clock) State(ctx context.Context) (clock.State, error) {
	return call[clock.State](ctx, k.client, http.MethodGet, "/clock", nil)
}

// Set freezes, unfreezes or rates the clock. Nil fields stay unchanged.
func (k Clock) Set(ctx context.Context, change control.ClockChange) (clock.State, error) {
	return call[clock.State](ctx, k.client, http.MethodPost, "/clock", change)
}

// Advance moves the clock forward by d of account time. It returns once everything that fell due has settled.
func (k Clock) Advance(ctx context.Context, d time.Duration) (control.Advanced, error) {
	return call[control.Advanced](ctx, k.client, http.MethodPost, "/clock/advance", map[string]string{"by": d.String()})
}

// AdvanceToEnd moves the clock forward until nothing is scheduled.
func (k Clock) AdvanceToEnd(ctx context.Context) (control.Advanced, error) {
	return call[control.Advanced](ctx, k.client, http.MethodPost, "/clock/advance", map[string]string{"to": "end"})
}

type waitIdle struct {
	End     bool   `json:"end,omitempty"`
	Timeout string `json:"timeout"`
}

// WaitIdle blocks until nothing is due or in flight. The error has status 408 after the timeout, at most 10 minutes.
func (c *Client) WaitIdle(ctx context.Context, timeout time.Duration) error {
	return send(ctx, c, http.MethodPost, "/wait/idle", waitIdle{Timeout: timeout.String()})
}

// WaitEnd blocks until nothing is scheduled, at the clock's own rate, without a timeout.
func (c *Client) WaitEnd(ctx context.Context) error {
	for {
		err := send(ctx, c, http.MethodPost, "/wait/idle", waitIdle{End: true, Timeout: endTimeout.String()})
		if !IsRefused(err, http.StatusRequestTimeout) {
			return err
		}
	}
}
