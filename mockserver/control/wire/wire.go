// Package wire reads requests and writes responses of the control API: query parameters, JSON bodies and problems.
//
// It knows no resource and no route; packages httpapi and history do.
package wire

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// Account returns the account that a request applies to, or "" for all.
func Account(r *http.Request) string { return r.URL.Query().Get("account") }

// Uint parses a query parameter from lo to hi, or returns absent if it is missing.
func Uint(r *http.Request, name string, absent, lo, hi uint64) (uint64, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n < lo || n > hi {
		return 0, BadRequest("invalid %s %q: use a whole number from %d to %d", name, text, lo, hi)
	}
	return n, nil
}

// Bool parses a query parameter that is true, false or missing.
func Bool(r *http.Request, name string) (bool, error) {
	switch text := r.URL.Query().Get(name); text {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	default:
		return false, BadRequest("invalid %s %q: use true or false", name, text)
	}
}

// BadRequest returns the error for a malformed request. A well-formed one that cannot be carried out is [control.ErrInvalid].
func BadRequest(format string, args ...any) error {
	return problem.New(http.StatusBadRequest, format, args...)
}

// NoDeadline removes the connection's time limits, for responses that may take long. The body has been read already.
func NoDeadline(w http.ResponseWriter) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Time{}) // an expired read deadline would cancel the request's context
	_ = c.SetWriteDeadline(time.Time{})
}

// Send writes v as the JSON response. A nil slice becomes [], invalid UTF-8 from a client U+FFFD.
func Send(w http.ResponseWriter, status int, v any) error {
	body, err := json.Marshal(v, jsontext.AllowInvalidUTF8(true))
	if err != nil {
		return fmt.Errorf("encode response: %w", err)
	}
	Write(w, status, "application/json", body)
	return nil
}

// SendResult sends the result of a backend's method with status 200, or returns its error.
func SendResult[T any](w http.ResponseWriter, v T, err error) error {
	if err != nil {
		return err
	}
	return Send(w, http.StatusOK, v)
}

// NoContent responds with 204, or returns the error of a backend's method.
func NoContent(w http.ResponseWriter, err error) error {
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// Write writes a response.
func Write(w http.ResponseWriter, status int, mediaType string, body []byte) {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // fails only if the client disconnected
}

// Fail responds with the problem of err, and logs internal errors.
func Fail(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p := problemOf(r, err)
	if p.Status == http.StatusInternalServerError {
		log.ErrorContext(r.Context(), "control request failed", "method", r.Method, "path", r.URL.Path, "err", err)
	}
	if p.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "1")
	}
	if err := p.Write(w); err != nil {
		log.ErrorContext(r.Context(), "control problem not sent", "path", r.URL.Path, "err", err)
	}
}

func problemOf(r *http.Request, err error) problem.Problem {
	if p, ok := errors.AsType[problem.Problem](err); ok {
		return p
	}
	if list, ok := errors.AsType[diag.List](err); ok {
		return problem.Problem{Status: http.StatusUnprocessableEntity, Detail: list.Brief(), Members: map[string]any{"errors": list}}
	}
	switch {
	case errors.Is(err, control.ErrInvalid):
		return problem.New(http.StatusUnprocessableEntity, "%v", err)
	case errors.Is(err, store.ErrNotFound):
		return problem.New(http.StatusNotFound, "%v", err)
	case errors.Is(err, store.ErrUnavailable):
		return problem.New(http.StatusServiceUnavailable, "%v", err)
	case errors.Is(err, store.ErrClosed), errors.Is(err, context.Canceled), errors.Is(err, r.Context().Err()): // or the client disconnected
		return problem.New(http.StatusServiceUnavailable, "server is stopping: retry later")
	}
	return problem.New(http.StatusInternalServerError, "internal error of idmock: %v", err)
}
