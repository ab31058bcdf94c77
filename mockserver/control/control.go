// Package control is the contract of the control API under [Base]: the requests and responses that people, scripts, tests and
// the page exchange with a server, and the [Backend] that carries them out.
//
// The handlers are in package httpapi, access control is in package access, and a Go client is in package client. This
// package parses and writes no HTTP message, and knows neither a provider nor the engine.
//
// In every method of the backend, account is the name of one account, or "" for all accounts.
package control

import (
	"errors"
	"fmt"
)

// Base is the path prefix of the API.
const Base = "/_idmock/v1"

// Backend carries out requests. All fields except Checks are required; one type may implement several of them. Methods are
// called concurrently.
//
// An error made with [Invalidf] or wrapping [ErrInvalid] becomes 422, one wrapping store.ErrNotFound 404 and store.ErrClosed
// 503; clients see the text of these. Any other error becomes 500 and is logged.
type Backend struct {
	Journal      Journal
	Deliveries   Deliveries
	Runs         Runs
	Endpoints    Endpoints
	Clocks       Clocks
	Accounts     Accounts
	Catalogue    Catalogue
	Fidelities   Fidelities
	Faults       Faults
	Holds        Holds
	Wallets      Wallets
	Operations   Operations
	PublicURLs   PublicURLs
	Uploads      Uploads
	Sender       Sender
	Prospects    Prospects
	Environments Environments
	Checks       Checks // nil: conformance requests get 501
}

// ErrInvalid marks a well-formed request that cannot be carried out: it names an unknown provider, scenario or event, or an
// invalid URL.
var ErrInvalid = errors.New("invalid")

// Invalidf formats an error that is [ErrInvalid]. Its text is only the formatted one.
func Invalidf(format string, args ...any) error { return invalid{fmt.Errorf(format, args...)} }

type invalid struct{ error }

func (invalid) Is(target error) bool { return target == ErrInvalid }
func (e invalid) Unwrap() error      { return e.error }
