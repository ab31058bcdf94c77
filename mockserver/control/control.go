// Package control is the HTTP API under /_idmock/v1: what people, scripts, tests and the page use to look at the server
// and to drive it. openapi.yaml describes it, is part of the binary, and is served with it.
//
// It decides nothing about providers, scenarios or deliveries. A [Backend] does, through small interfaces that are
// declared here beside the resource that needs them. What the API does on its own is read and judge requests, write
// answers, turn errors into RFC 9457 problems, wait for entries of the journal, and receive webhooks for people who
// have no receiver yet. Who may ask at all is the [Guard]'s business, and the server puts it in front.
//
// A request with ?account=NAME speaks of that account alone. Without it, account is "" in every call to the backend
// and stands for everybody.
package control

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/idmock/idmock/mockserver/metrics"
)

// Base is the path below which everything is served.
const Base = "/_idmock/v1"

// Backend does what the API is asked to. All of its fields but Checks are needed; one type may be several of them. All methods
// are called concurrently.
//
// An error that is the caller's is made with [Invalidf], or wraps [ErrInvalid], and becomes 422. One that wraps
// store.ErrNotFound becomes 404, and store.ErrClosed 503. In each case its text is for the caller to read. Any other
// error is a fault of ours: 500, and a line in the log.
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
	Operations   Operations
	PublicURLs   PublicURLs
	Shelf        Shelf
	Sender       Sender
	Environments Environments
	Checks       Checks // nil: nobody makes checks, and the API says so with 501
}

// Options is what the API needs beside its backend. The zero value works.
type Options struct {
	// Version of the server, as GET health tells it.
	Version string
	// StrictTargets says that webhooks go to public addresses only, as GET health tells it.
	StrictTargets bool
	// Events serves GET events, the websocket; without it there is none.
	Events http.Handler
	// Metrics are what GET metrics tells; without them they are counted from the backend's journal.
	Metrics *metrics.Metrics
	// Token is what whoever asks has to know. Whoever mounts the API puts it behind [Token.Wrap].
	Token Token
	// Logger gets the faults of ours that are answered with 500; nil discards them.
	Logger *slog.Logger
}

// ErrInvalid says that a request can be read but not carried out: it names a provider, a scenario or an event that does
// not exist, or a URL that is none. The API answers 422.
var ErrInvalid = errors.New("invalid")

// Invalidf returns an error that is [ErrInvalid] and says only what is given, as in
//
//	control.Invalidf("no provider is called %q: there are %s", name, names)
func Invalidf(format string, args ...any) error { return invalid{fmt.Errorf(format, args...)} }

type invalid struct{ error }

func (invalid) Is(target error) bool { return target == ErrInvalid }
func (e invalid) Unwrap() error      { return e.error }
