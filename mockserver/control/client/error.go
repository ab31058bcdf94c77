package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/idmock/idmock/internal/diag"
)

// ErrUnreachable reports that no idmock server responds.
var ErrUnreachable = errors.New("server unreachable")

type unreachableError struct{ error }

func (unreachableError) Is(target error) bool { return target == ErrUnreachable }
func (e unreachableError) Unwrap() error      { return e.error }

func unreachable(format string, args ...any) error {
	return unreachableError{fmt.Errorf(format, args...)}
}

// Error is a request that the server refused.
type Error struct {
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Errors diag.List `json:"errors"` // in uploaded scenario files, or in the body
}

// Error returns the problem's detail, or every error in the files or the body with its line and a caret.
func (e *Error) Error() string {
	if len(e.Errors) == 0 {
		return e.Detail
	}
	return e.Errors.Error()
}

// decodeError reads an error response. One that is not a problem document of idmock comes from another program.
func decodeError(request *http.Request, response *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxProblem))
	problem := &Error{Status: response.StatusCode}
	if err != nil || json.Unmarshal(body, problem) != nil || problem.Detail == "" || response.Header.Get("X-Idmock") == "" {
		return unreachable("%s responded %s: is this an idmock server?", request.URL, response.Status)
	}
	return problem
}

// IsRefused reports whether the server refused the request with a status.
func IsRefused(err error, status int) bool {
	problem, ok := errors.AsType[*Error](err)
	return ok && problem.Status == status
}
