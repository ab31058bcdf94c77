package control

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/idmock/idmock/mockserver/store"
)

// problem is the body of every error, as RFC 9457 has it. As an error of a handler it needs Status and Detail only.
type problem struct {
	Type   string `json:"type"`
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"` // what is wrong, and what to do
	missed
	Mistakes Mistakes `json:"mistakes,omitzero"` // in scenario files that were given
}

// missed is what the problem of a wait that ended tells beside.
type missed struct {
	Seen    *int    `json:"seen,omitzero"`    // entries that matched
	Closest entries `json:"closest,omitzero"` // entries that nearly did
	Evicted uint64  `json:"evicted,omitzero"` // entries that retention had dropped before they could be looked at
}

func (p problem) Error() string { return p.Detail }

// badRequest is for what cannot be read. What can be read and not carried out is ErrInvalid.
func badRequest(format string, args ...any) error {
	return problem{Status: http.StatusBadRequest, Detail: fmt.Sprintf(format, args...)}
}

// fail answers with the problem that err is.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	var p problem
	var mistakes Mistakes
	switch {
	case errors.As(err, &p):
	case errors.As(err, &mistakes):
		p = problem{Status: http.StatusUnprocessableEntity, Detail: mistakes.Error(), Mistakes: mistakes}
	case errors.Is(err, ErrInvalid):
		p = problem{Status: http.StatusUnprocessableEntity, Detail: err.Error()}
	case errors.Is(err, store.ErrNotFound):
		p = problem{Status: http.StatusNotFound, Detail: err.Error()}
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, r.Context().Err()): // or the caller is gone
		p = problem{Status: http.StatusServiceUnavailable, Detail: "the server is stopping: ask again when it is back"}
	default:
		a.log.ErrorContext(r.Context(), "control request failed", "method", r.Method, "path", r.URL.Path, "err", err)
		p = problem{Status: http.StatusInternalServerError, Detail: "a fault of idmock, not of the request: " + err.Error()}
	}
	if err := p.send(w); err != nil {
		a.log.ErrorContext(r.Context(), "control problem not sent", "path", r.URL.Path, "err", err)
		w.WriteHeader(p.Status)
	}
}

func (p problem) send(w http.ResponseWriter) error {
	p.Type, p.Title = "about:blank", http.StatusText(p.Status)
	body, err := encode(p)
	if err != nil {
		return fmt.Errorf("encode problem: %w", err)
	}
	write(w, p.Status, "application/problem+json", body)
	return nil
}
