package history

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/idmock/idmock/internal/duration"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/wire"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	defaultTimeout = 10 * time.Second
	maxTimeout     = 10 * time.Minute
)

// Timeout parses the timeout of a wait; "" is 10 s.
func Timeout(text string) (time.Duration, error) {
	if text == "" {
		return defaultTimeout, nil
	}
	d, err := duration.Parse(text)
	if err != nil {
		return 0, control.Invalidf("timeout: %w", err)
	}
	if d > maxTimeout {
		return 0, control.Invalidf("timeout %s is too long: use at most %v and wait again", text, maxTimeout)
	}
	return d, nil
}

// Wait serves POST wait: it responds once the journal holds enough matching entries, or as soon as there cannot be enough any
// more. Existing entries count, so that nothing is missed between a request and the wait for its outcome.
func (h Handler) Wait(w http.ResponseWriter, r *http.Request) error {
	var req WaitRequest
	if err := wire.Decode(w, r, &req); err != nil {
		return err
	}
	e, limit, err := newExpectation(req)
	if err != nil {
		return err
	}
	wire.NoDeadline(w)
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	met, err := h.await(ctx, r, e)
	if err != nil {
		return err
	}
	if !met {
		return e.timedOut(limit)
	}
	return wire.Send(w, http.StatusOK, struct {
		Entries entries `json:"entries"`
		Cursor  uint64  `json:"cursor"`
		Evicted uint64  `json:"evicted,omitzero"` // entries that retention dropped before the wait read them
	}{e.found, e.found[len(e.found)-1].Seq, e.evicted})
}

// await feeds the journal to an expectation until it is met or ctx, which is r's with a timeout, ends. It always reads the
// existing entries, so that a timeout of 0 checks without waiting.
func (h Handler) await(ctx context.Context, r *http.Request, e *expectation) (bool, error) {
	stats, err := h.Journal.Stats(r.Context())
	if err != nil {
		return false, err
	}
	account := wire.Account(r)
	e.course.scope = account
	for entry, err := range h.read(r.Context(), query{account: account, after: e.from()}, stats.Head) {
		if err != nil {
			return false, err
		}
		met, err := e.add(entry)
		if met || err != nil {
			return met, err
		}
	}
	if err := h.checkNames(r.Context(), e); err != nil {
		return false, err
	}
	if err := h.hopeless(r.Context(), account, e); err != nil {
		return false, err
	}
	e.course.following = true
	for found, err := range h.Journal.Follow(ctx, account, max(e.want.After, stats.Head)) {
		if err != nil && r.Context().Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		for _, entry := range found {
			met, err := e.add(entry)
			if met || err != nil {
				return met, err
			}
		}
		if err := h.hopeless(r.Context(), account, e); err != nil {
			return false, err
		}
	}
	return false, store.ErrClosed // Follow ends with an error, unless the journal is closed
}
