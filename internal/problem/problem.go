// Package problem writes errors as RFC 9457 problem details, the error format of every API that idmock itself defines.
//
// It does not map errors to status codes: each API does that for its own errors.
package problem

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MediaType is the Content-Type of a problem.
const MediaType = "application/problem+json"

// Problem is an error with the HTTP status that reports it.
type Problem struct {
	Status  int
	Detail  string         // cause and remedy, for people
	Members map[string]any // extension members; nil: none
}

// New returns a Problem with a formatted detail.
func New(status int, format string, args ...any) Problem {
	return Problem{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// Error returns the detail.
func (p Problem) Error() string { return p.Detail }

// Write sends the problem as the response. If it cannot be encoded, Write sends the status without a body and returns the
// error. Invalid UTF-8, which a client may have sent, becomes U+FFFD.
func (p Problem) Write(w http.ResponseWriter) error {
	body, err := json.Marshal(struct {
		Type    string         `json:"type"`
		Title   string         `json:"title"`
		Status  int            `json:"status"`
		Detail  string         `json:"detail"`
		Members map[string]any `json:",inline"`
	}{"about:blank", http.StatusText(p.Status), p.Status, p.Detail, p.Members}, jsontext.AllowInvalidUTF8(true), json.Deterministic(true))
	if err != nil {
		w.WriteHeader(p.Status)
		return fmt.Errorf("encode problem: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", MediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // fails only if the client disconnected
	return nil
}
