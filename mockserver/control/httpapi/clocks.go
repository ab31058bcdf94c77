package httpapi

import (
	"context"
	"net/http"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/history"
	"github.com/idmock/idmock/mockserver/control/wire"
)

type clocks struct{ backend control.Backend }

func (c clocks) get(w http.ResponseWriter, r *http.Request) error {
	state, err := c.backend.Clocks.Clock(r.Context(), wire.Account(r))
	return wire.SendResult(w, state, err)
}

func (c clocks) set(w http.ResponseWriter, r *http.Request) error {
	var change control.ClockChange
	if err := wire.Decode(w, r, &change); err != nil {
		return err
	}
	if change == (control.ClockChange{}) {
		return control.Invalidf(`nothing to change: send {"rate": 60}, {"frozen": true} or both`)
	}
	if rate := change.Rate; rate != nil && !(*rate > 0 && *rate <= clock.MaxRate) {
		return control.Invalidf("invalid rate %v: use a number above 0 and at most %v, or freeze the clock to stop it", *rate, float64(clock.MaxRate))
	}
	state, err := c.backend.Clocks.SetClock(r.Context(), wire.Account(r), change)
	return wire.SendResult(w, state, err)
}

// end is the value of "to" that advances until no job is pending.
const end = "end"

func (c clocks) advance(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		By string `json:"by"`
		To string `json:"to"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	if body.To != "" {
		if body.By != "" || body.To != end {
			return control.Invalidf(`invalid to %q: send either by, or {"to": %q} to advance until no job is pending`, body.To, end)
		}
		wire.NoDeadline(w)
		advanced, err := c.backend.Clocks.Finish(r.Context(), wire.Account(r))
		return wire.SendResult(w, advanced, err)
	}
	if err := wire.Require("by", body.By); err != nil {
		return err
	}
	by, err := duration.Parse(body.By)
	if err != nil {
		return control.Invalidf("by: %w", err)
	}
	wire.NoDeadline(w)
	advanced, err := c.backend.Clocks.Advance(r.Context(), wire.Account(r), by)
	return wire.SendResult(w, advanced, err)
}

// waitIdle responds once no job is due or in flight, or with "end" once none is pending.
func (c clocks) waitIdle(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Timeout string `json:"timeout"`
		End     bool   `json:"end"`
	}
	if err := wire.Decode(w, r, &body); err != nil {
		return err
	}
	limit, err := history.Timeout(body.Timeout)
	if err != nil {
		return err
	}
	wire.NoDeadline(w)
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	wait := c.backend.Accounts.Idle
	if body.End {
		wait = c.backend.Accounts.Ended
	}
	err = wait(ctx, wire.Account(r))
	if err != nil && r.Context().Err() == nil && ctx.Err() != nil {
		return problem.New(http.StatusRequestTimeout, "jobs are still due or in flight after %v: see GET %s/deliveries", limit, control.Base)
	}
	if err != nil {
		return err
	}
	held, err := c.backend.Holds.Held(r.Context(), wire.Account(r))
	return wire.SendResult(w, struct {
		Idle bool `json:"idle"`
		Held int  `json:"held"` // deliveries
	}{true, held}, err)
}
