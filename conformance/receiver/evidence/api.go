package evidence

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"github.com/idmock/idmock/conformance/receiver/mutate"
	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// API is the provider's API for the application under test: a mock server behind a gate. The gate counts the requests
// about each person, responds with the state of their run, and fails or holds responses when a check says so.
type API struct {
	URL     string // base URL for the application
	KeysURL string // where the attacker's keys are published

	profile *profile.Profile
	server  *mockserver.Server
	proxy   *httputil.ReverseProxy
	stop    func() error // stops serving
	machine *scenarios.Machine

	mu      sync.Mutex
	people  []*Person      // nil after Close
	pending sync.WaitGroup // requests about them. Add is called under mu, and not after people is nil
	failure error          // the first error of the provider's directory
}

// APIConfig configures an [API].
type APIConfig struct {
	Addr        string
	Credentials map[string]string
	Seed        uint64
	Version     string
	// Front, if not nil, puts the gate in front of a running server's API instead of only serving at Addr.
	Front func(gate func(w http.ResponseWriter, r *http.Request, next http.Handler)) (base string, stop func())
}

// StartAPI starts serving the API.
func StartAPI(p *profile.Profile, c APIConfig) (*API, error) {
	server, err := mockserver.New(mockserver.Config{Addr: "127.0.0.1:0", Providers: []*openapi.Provider{p.Provider}, Credentials: ownCredentials(p, c), Seed: c.Seed, Version: c.Version})
	if err != nil {
		return nil, err
	}
	a := &API{profile: p, server: server}
	fail := func(err error) (*API, error) {
		return nil, errors.Join(err, server.Stop(context.Background()))
	}
	if a.machine, err = defaultMachine(p.Provider); err != nil {
		return fail(err)
	}
	base, err := url.Parse(server.URL())
	if err != nil {
		return fail(err)
	}
	a.proxy = httputil.NewSingleHostReverseProxy(base)
	a.proxy.ErrorHandler = func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }
	if err := a.listen(c.Addr); err != nil {
		return fail(fmt.Errorf("API address: %w", err))
	}
	server.Start()
	if c.Front != nil {
		front, stopFront := c.Front(a.gate)
		stopOwn := a.stop
		a.URL, a.stop = front, func() error { stopFront(); return stopOwn() }
	}
	return a, nil
}

// ownCredentials are the given credentials that do not depend on the account's name, which is the key itself.
func ownCredentials(p *profile.Profile, c APIConfig) map[string]map[string]string {
	const probe = "\x00account"
	own := map[string]string{}
	for name, value := range c.Credentials {
		if derived, err := p.Credentials(probe, 1); err == nil && derived[name] != probe {
			own[name] = value
		}
	}
	return map[string]map[string]string{p.Name: own}
}

// defaultMachine returns the provider's default scenario.
func defaultMachine(p *openapi.Provider) (*scenarios.Machine, error) {
	all, err := library.Shipped([]*openapi.Provider{p})
	if err != nil {
		return nil, err
	}
	library, err := scenarios.NewLibrary(all)
	if err != nil {
		return nil, err
	}
	return library.Machine(scenarios.Default)
}

// listen serves the API at an address of its own.
func (a *API) listen(address string) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	base := "http://" + listener.Addr().String()
	a.URL, a.KeysURL = base+a.profile.Prefix, base+mutate.AttackerKeysPath
	front := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.gate(w, r, a.proxy) }), ReadHeaderTimeout: 10 * time.Second}
	var serving sync.WaitGroup
	serving.Go(func() { _ = front.Serve(listener) }) // ends with ErrServerClosed
	a.stop = func() error {
		err := front.Close()
		serving.Wait()
		return err
	}
	return nil
}

// Close sends the held responses and stops. The error is one of the provider's directory: effects that depend on the API
// were judged wrongly.
func (a *API) Close() error {
	a.mu.Lock()
	for _, who := range a.people {
		who.setMode(Up)
		who.release()
	}
	a.people = nil
	a.mu.Unlock()
	_ = a.stop()
	a.pending.Wait()
	_ = a.server.Stop(context.Background())
	return a.failure
}

func (a *API) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failure = cmp.Or(a.failure, err)
}
