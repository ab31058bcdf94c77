// Package mockservertest runs idmock in Go tests: a [Server] that stops with the test, and a [Receiver] for its webhooks.
//
// Start and NewReceiver use real sockets on loopback. A [Network] has both without sockets. Tests need no sleeps: freeze an account's clock and advance it;
// everything that fell due has happened when Advance returns. Tests with their own accounts, which are opened by using a
// new key, can share a Server and run in parallel.
//
// The package plays and observes. Requirements on receivers belong to package conformance.
package mockservertest

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// Patience is the wall time after which a wait in this package fails the test.
const Patience = 10 * time.Second

// Server is a server on a free loopback port, or on a [Network]. Its methods fail the test instead of returning errors; call them from the
// test's goroutine unless they say otherwise.
type Server struct {
	*mockserver.Server
	t         testing.TB
	fence     *fence
	client    *http.Client
	network   *Network // of receivers in the process
	providers []*openapi.Provider
}

// builtIn opens the built-in providers once for all tests of a process. They do not change after that.
var builtIn = sync.OnceValues(catalog.Open)

// Start starts a server that stops when the test ends. The test fails if stopping fails or leaks goroutines. The zero
// Config works: a free port, the built-in providers, seed 1 for reproducible data, and the test's log.
func Start(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	s := New(t, c)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// New returns a server that is not started, for tests of the lifecycle. Call Start and Close.
func New(t testing.TB, c mockserver.Config) *Server {
	t.Helper()
	if c.Addr == "" {
		c.Addr = "127.0.0.1:0"
	}
	n := new(Network)
	c = n.complete(t, c)
	s, err := mockserver.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return n.server(t, s, c)
}

// complete sets the defaults of a test.
func (n *Network) complete(t testing.TB, c mockserver.Config) mockserver.Config {
	t.Helper()
	if c.Providers == nil {
		providers, err := builtIn()
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
	if c.Connect == nil {
		c.Connect = n.Connect
	}
	return c
}

func (n *Network) server(t testing.TB, s *mockserver.Server, c mockserver.Config) *Server {
	return &Server{Server: s, t: t, fence: newFence(), providers: c.Providers, network: n,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DialContext: n.dial}}}
}

// NewReceiver starts a receiver in the server's process, without a socket, until the test ends.
func (s *Server) NewReceiver() *Receiver { return s.network.NewReceiver(s.t) }

// HTTPClient returns a client that reaches the server.
func (s *Server) HTTPClient() *http.Client { return s.client }

// Start starts a server from [New].
func (s *Server) Start() { s.fence.guard(s.Server.Start) }

// Close stops the server and fails the test if it leaks goroutines. It can be called twice.
func (s *Server) Close() {
	s.t.Helper()
	s.client.CloseIdleConnections()
	if err := s.Stop(context.Background()); err != nil {
		s.t.Errorf("stop the server: %v", err)
	}
	s.fence.check(s.t)
}

// Account is the isolated state of one API key on a Server.
type Account struct {
	Server *Server
	Name   string // the API key
}

// Account returns the account of a key. The first use opens it.
func (s *Server) Account(key string) *Account { return &Account{Server: s, Name: key} }

// DefaultAccount returns the default account. Other accounts inherit its settings. Its journal has all accounts' entries.
func (s *Server) DefaultAccount() *Account { return s.Account("") }

func (a *Account) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(a.Server.t.Context(), Patience)
}
