// Package mockservertest runs idmock inside Go tests: a [Server] that lives as long as a test, and a [Receiver] that
// takes its webhooks.
//
// Everything goes over real sockets on loopback, so what is tested is what an app meets. Nothing waits by sleeping:
// freeze an account's clock, advance it, and what was due on the way has happened when Advance returns. Tests that use
// accounts of their own, which are made by using a new key, may share one Server and run in parallel.
//
// The package plays and observes. Judging a receiver by a catalogue of requirements is package conformance's business.
package mockservertest

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// Patience is how long anything in this package waits for what must come, in wall time, before it fails the test.
const Patience = 10 * time.Second

// Server is a server on a free port of loopback. Its methods fail the test instead of returning errors, so they are
// for the test's own goroutine, but for those that say otherwise.
type Server struct {
	*mockserver.Server
	t         testing.TB
	fence     *fence
	client    *http.Client
	providers []*openapi.Provider
}

// Start starts a server that is stopped when the test ends, and fails the test if stopping it fails or leaves
// goroutines behind. Of c, nothing is needed: the address is a free one, providers are those that ship, the seed is 1
// so that the same test meets the same people each time, and the log goes to the test's.
func Start(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	s := New(t, c)
	s.fence.guard(s.Server.Start)
	t.Cleanup(func() { s.Close() })
	return s
}

// New is [Start] without starting, and without an end: for tests of starting and stopping. Whoever starts the server
// calls Close.
func New(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	if c.Providers == nil {
		providers, err := catalog.Open()
		if err != nil {
			t.Fatal(err)
		}
		c.Providers = providers
	}
	if c.Seed == 0 {
		c.Seed = 1
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	s, err := mockserver.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return &Server{Server: s, t: t, fence: newFence(), providers: c.Providers,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}}
}

// Start starts the server. Only those that [New] returned are to be started.
func (s *Server) Start() { s.fence.guard(s.Server.Start) }

// Close stops the server and looks for goroutines of its that are left. Closing twice is no error.
func (s *Server) Close() {
	s.t.Helper()
	s.client.CloseIdleConnections()
	if err := s.Stop(context.Background()); err != nil {
		s.t.Errorf("stop the server: %v", err)
	}
	s.fence.check(s.t)
}

// Account is one credential's isolated world on a Server: what an app with that key sees.
type Account struct {
	Server *Server
	Name   string // the API key
}

// Account returns the account of a key. It is opened by being used.
func (s *Server) Account(key string) *Account { return &Account{Server: s, Name: key} }

// Everybody is what is set for accounts that have nothing of their own. Its journal is everybody's.
func (s *Server) Everybody() *Account { return s.Account("") }

func (a *Account) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(a.Server.t.Context(), Patience)
}
