package mockserver_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

// Provider and operations of most tests.
const (
	provider = "identitypass"
	bvn      = "verifyBVN"
	status   = "getVerificationStatus"
)

// Subjects that choose a scenario.
const (
	found   = "12345678901"
	unknown = "11111111111"
	pending = "22222222222" // confirmed after 30 s
	silent  = "40840840840" // never answered
)

var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func number(subject string) map[string]string { return map[string]string{"number": subject} }

// config is the configuration of begin.
func config(t *testing.T, own []string) mockserver.Config {
	t.Helper()
	return mockserver.Config{Providers: providers(t), Start: began, Frozen: true, Scenarios: lint(t, own...)}
}

// begin starts a server without a socket, with scenarios of the test's own. The accounts' clocks are frozen at began.
func begin(t *testing.T, own ...string) *mockservertest.Server {
	t.Helper()
	return new(mockservertest.Network).Start(t, config(t, own))
}

// listen is begin with a socket, for tests of the wire.
func listen(t *testing.T, own ...string) *mockservertest.Server {
	t.Helper()
	return mockservertest.Start(t, config(t, own))
}

// lint parses scenario files.
func lint(t *testing.T, sources ...string) []*scenarios.Scenario {
	t.Helper()
	var all []*scenarios.Scenario
	for _, source := range sources {
		s, err := library.Lint(providers(t), "own.yaml", []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// shipped opens the built-in providers once: they do not change, and reading them takes longer than most tests.
var shipped = sync.OnceValues(func() ([]*openapi.Provider, error) { return catalog.Open() })

func providers(t *testing.T) []*openapi.Provider {
	t.Helper()
	all, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	return slices.Clone(all)
}

// with opens an account with a receiver in process.
func with(t *testing.T, s *mockservertest.Server, key string) (*mockservertest.Account, *mockservertest.Receiver) {
	t.Helper()
	r := s.NewReceiver()
	a := s.Account(key)
	a.Webhook(provider, r.URL)
	return a, r
}

// reference returns the reference of the run that a request started.
func reference(t *testing.T, answer mockservertest.Answer) string {
	t.Helper()
	if answer.Status != 200 || answer.At("verification.reference") == "" {
		t.Fatalf("the call started no run: %d %s", answer.Status, answer.Body)
	}
	return answer.At("verification.reference")
}

// outcomes counts an account's ended deliveries by outcome.
func outcomes(a *mockservertest.Account) map[string]int {
	count := map[string]int{}
	for _, d := range mockservertest.Entries[journal.Delivery](a) {
		count[d.Outcome]++
	}
	return count
}

// quickly registers an endpoint that is sent a result of the API again after seconds, which the provider's own table does not.
func quickly(a *mockservertest.Account, url string) {
	ep := a.Webhook(signing, url)
	ep.Switches = map[string]string{"policy": "quick"}
	if _, err := a.Server.Control().Endpoints.SetEndpoint(context.Background(), ep); err != nil {
		panic(err)
	}
}
