package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	defaultTimeout = 10 * time.Second
	maxTimeout     = 10 * time.Minute
	maxCount       = 100000 // entries that a wait hands over at once
)

// timeout reads how long to wait.
func timeout(text string) (time.Duration, error) {
	if text == "" {
		return defaultTimeout, nil
	}
	d, err := duration.Parse(text)
	if err != nil {
		return 0, Invalidf("timeout: %w", err)
	}
	if d > maxTimeout {
		return 0, Invalidf("timeout is %s: wait for at most %v, and then again", text, maxTimeout)
	}
	return d, nil
}

// wait answers when the journal tells often enough what is waited for. What it tells already counts, so nothing is
// missed between a call and the wait for what follows from it.
func (a *api) wait(w http.ResponseWriter, r *http.Request) error {
	var q waitRequest
	if err := receive(w, r, &q); err != nil {
		return err
	}
	s, limit, err := q.search()
	if err != nil {
		return err
	}
	patient(w)
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	found, err := a.find(ctx, r, s, q.After)
	if err != nil {
		return err
	}
	if !found {
		return s.missed(limit)
	}
	return send(w, http.StatusOK, struct {
		Entries entries `json:"entries"`
		Cursor  uint64  `json:"cursor"`
		Evicted uint64  `json:"evicted,omitzero"` // entries that were dropped before they could be looked at
	}{s.found, s.found[len(s.found)-1].Seq, s.evicted})
}

// find shows the journal to a search until that has found what it wants, or until ctx, which is r's with a time limit,
// ends. What there is already is looked at whatever the limit, so that a timeout of 0 asks whether it is so.
func (a *api) find(ctx context.Context, r *http.Request, s *search, after uint64) (bool, error) {
	stats, err := a.Journal.Stats(r.Context())
	if err != nil {
		return false, err
	}
	for e, err := range a.read(r.Context(), page{account: account(r), after: after}, stats.Head) {
		if err != nil {
			return false, err
		}
		done, err := s.look(e)
		if done || err != nil {
			return done, err
		}
	}
	for batch, err := range a.Journal.Follow(ctx, account(r), max(after, stats.Head)) {
		if err != nil && r.Context().Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for _, e := range batch {
			done, err := s.look(e)
			if done || err != nil {
				return done, err
			}
		}
	}
	return false, store.ErrClosed // a Follow ends with an error; one that does not has nothing more to say
}

// waitIdle answers when nothing is due or in flight.
func (a *api) waitIdle(w http.ResponseWriter, r *http.Request) error {
	var body struct {
		Timeout string `json:"timeout"`
		End     bool   `json:"end"`
	}
	if err := receive(w, r, &body); err != nil {
		return err
	}
	limit, err := timeout(body.Timeout)
	if err != nil {
		return err
	}
	patient(w)
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	still := a.Accounts.Idle
	if body.End {
		still = a.Accounts.Ended
	}
	err = still(ctx, account(r))
	if err != nil && r.Context().Err() == nil && ctx.Err() != nil {
		return problem{Status: http.StatusRequestTimeout,
			Detail: fmt.Sprintf("something was still due or in flight after %v: GET %s/deliveries shows what", limit, Base)}
	}
	if err != nil {
		return err
	}
	held, err := a.Holds.Held(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, struct {
		Idle bool `json:"idle"`
		Held int  `json:"held"` // deliveries that are held back
	}{true, held})
}

// happened reports whether an entry is the outcome that is waited for.
func happened(outcome, kind string, told told) bool {
	switch outcome {
	case attempted:
		return kind == journal.KindAttempt
	case heldBack:
		return kind == journal.KindHold && !told.Released
	}
	return kind == journal.KindDelivery && told.Outcome == outcome
}
