package control

import (
	"context"
	"net/http"
	"time"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/mockserver/clock"
)

// Clocks are the accounts' clocks.
type Clocks interface {
	// Clock reads an account's clock; for "", the one that accounts to come start with.
	Clock(ctx context.Context, account string) (clock.State, error)
	// SetClock changes an account's clock, or all for "", and returns what it reads then.
	SetClock(ctx context.Context, account string, change ClockChange) (clock.State, error)
	// Advance moves an account's clock, or all for "", forward by d of account time, and returns when everything that
	// fell due on the way has settled, in order.
	Advance(ctx context.Context, account string, d time.Duration) (Advanced, error)
	// Finish moves an account's clock until nothing is to come any more.
	Finish(ctx context.Context, account string) (Advanced, error)
}

// ClockChange says what to change of a clock. A nil field stays as it is.
type ClockChange struct {
	Rate   *float64 `json:"rate"` // account seconds in a second, above 0 and at most clock.MaxRate
	Frozen *bool    `json:"frozen"`
}

// Advanced is what an advance came to.
type Advanced struct {
	Now     time.Time `json:"now"`     // account time after it
	Settled int       `json:"settled"` // jobs that were due on the way: steps of timelines, attempts and deliveries that a hold took
	Held    int       `json:"held"`    // deliveries that are held back after it
}

func (a *api) clock(w http.ResponseWriter, r *http.Request) error {
	state, err := a.Clocks.Clock(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, state)
}

func (a *api) setClock(w http.ResponseWriter, r *http.Request) error {
	var change ClockChange
	if err := receive(w, r, &change); err != nil {
		return err
	}
	if change == (ClockChange{}) {
		return Invalidf(`nothing to change: give {"rate": 60}, {"frozen": true} or both`)
	}
	if rate := change.Rate; rate != nil && !(*rate > 0 && *rate <= clock.MaxRate) {
		return Invalidf("rate is %v: it must be above 0 and at most %v; freeze the clock to stop it", *rate, float64(clock.MaxRate))
	}
	state, err := a.Clocks.SetClock(r.Context(), account(r), change)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, state)
}

func (a *api) advance(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		By string `json:"by"`
		To string `json:"to"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	if body.To != "" {
		return a.finish(w, r, body.By, body.To)
	}
	if err := need("by", body.By); err != nil {
		return err
	}
	by, err := duration.Parse(body.By)
	if err != nil {
		return Invalidf("by: %w", err)
	}
	patient(w)
	advanced, err := a.Clocks.Advance(r.Context(), account(r), by)
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, advanced)
}

// theEnd is where an account has nothing to come any more.
const theEnd = "end"

func (a *api) finish(w http.ResponseWriter, r *http.Request, by, to string) error {
	if by != "" || to != theEnd {
		return Invalidf("to is %q: give either by, or to with %q, which is where nothing is to come any more", to, theEnd)
	}
	patient(w)
	advanced, err := a.Clocks.Finish(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, advanced)
}
