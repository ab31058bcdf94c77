package mockserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

// New reports an invalid configuration, and closes its listener.
func TestNewErrors(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	all := providers(t)
	tests := map[string]struct {
		config mockserver.Config
		says   string
	}{
		"port taken":       {mockserver.Config{Addr: taken.Addr().String()}, taken.Addr().String()},
		"no address":       {mockserver.Config{Addr: "nowhere"}, "nowhere"},
		"unknown provider": {mockserver.Config{Webhooks: map[string]string{"identitypas": "http://127.0.0.1:3000"}}, `unknown provider "identitypas"`},
		"bad webhook":      {mockserver.Config{Webhooks: map[string]string{provider: "localhost:3000"}}, "webhook identitypass"},
		"twice":            {mockserver.Config{Providers: []*openapi.Provider{all[0], all[0]}}, "duplicate provider"},
	}
	for name, test := range tests {
		c := test.config
		if c.Providers == nil {
			c.Providers = all
		}
		if c.Addr == "" {
			c.Addr = "127.0.0.1:0"
		}
		s, err := mockserver.New(c)
		if err == nil {
			t.Errorf("%s: served", name)
			_ = s.Stop(t.Context())
			continue
		}
		if !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want it to say %q", name, err, test.says)
		}
	}
}

// A provider is reached by its prefix and its hosts, the control API under both, and the page at the root.
func TestRouting(t *testing.T) {
	t.Parallel()
	s := begin(t)
	const below = "/api/v2/biometrics/merchant/data/verification/bvn"
	tests := []struct {
		method, host, path string
		status             int
		says               string
	}{
		{"POST", "", "/identitypass" + below, 200, `"bvn_data"`},
		{"POST", "identitypass.localhost", below, 200, `"bvn_data"`},
		{"POST", "identitypass.localhost:8080", below, 200, `"bvn_data"`},
		{"POST", "identitypass.localhost", "/identitypass" + below, 200, `"bvn_data"`},
		{"POST", "api.myidentitypay.com", below, 200, `"bvn_data"`},
		{"POST", "api.myidentitypay.com:443", below, 200, `"bvn_data"`},
		{"POST", "evil.example.com", "/identitypass" + below, 200, `"bvn_data"`},            // a key is needed, so a page cannot ask
		{"POST", "api.prembly.com", "/identitypass/verification/bvn", 200, `"data":{"bvn"`}, // the host says more than the path
		{"POST", "peleza.localhost", "/identitypass/verification/ke/passport", 200, `"PASSPORT NUMBER"`},
		{"POST", "", below, 404, `/identitypass`},
		{"GET", "identitypass.localhost", "/", 404, `no such path`},
		{"GET", "identitypass.localhost", "/_idmock/v1/health", 200, `"version":"dev"`},
		{"GET", "", "/_idmock/v1/ready", 200, ""},
		{"GET", "", "/", 200, "<html"},
		{"GET", "localhost", "/", 200, "<html"},
		{"GET", "idmock", "/", 200, "<html"}, // a service of a compose file
		{"GET", "", "/nothing", 404, `this server serves`},
	}
	for _, test := range tests {
		r, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+test.path, strings.NewReader(`{"number":"12345678901"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = test.host
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Api-Key", "routed")
		got := s.Do(r)
		if got.Status != test.status || !strings.Contains(string(got.Body), test.says) || got.Header.Get("X-Idmock") != "dev" {
			t.Errorf("%s %s at %q: %d %.200s, want %d with %q", test.method, test.path, test.host, got.Status, got.Body, test.status, test.says)
		}
	}
}

// A page of another origin cannot control a server on the user's machine, by its own name or one that resolves to it.
func TestSecurityGuard(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{AllowedHosts: []string{"ci.example.com"}})
	tests := []struct {
		host, origin string
		status       int
	}{
		{"", "", 200},
		{"ci.example.com", "", 200},
		{"evil.example.com", "", 403},
		{"api.myidentitypay.com", "", 403},
		{"", "http://evil.example.com", 403},
		{"", "null", 403},
		{"", "http://localhost:5173", 200},
		{"", "https://ci.example.com", 200},
	}
	for _, test := range tests {
		for _, path := range []string{"/", "/_idmock/v1/providers", "/_idmock/v1/events"} {
			if path == "/" && test.host == "api.myidentitypay.com" {
				continue // is the provider's
			}
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL()+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Host = test.host
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			if strings.HasSuffix(path, "/events") {
				if got := dial(t, s, r.Host, r.Header); got != test.status && (got != 101 || test.status != 200) {
					t.Errorf("websocket at %q from %q: %d, want %d", test.host, test.origin, got, test.status)
				}
				continue
			}
			if got := s.Do(r); got.Status != test.status {
				t.Errorf("%s at %q from %q: %d %.200s, want %d", path, test.host, test.origin, got.Status, got.Body, test.status)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE"} {
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Do(r); got.Status != http.StatusMethodNotAllowed {
			t.Errorf("%s of the page: %d, want 405: it is only read", method, got.Status)
		}
	}
}

// dial opens the page's stream and returns the status of the handshake.
func dial(t *testing.T, s *mockservertest.Server, host string, header http.Header) int {
	t.Helper()
	header = header.Clone()
	if host != "" {
		header.Set("Host", host)
	}
	conn, reply, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(s.URL(), "http")+"/_idmock/v1/events", header)
	if reply == nil {
		t.Fatal(err)
	}
	if err == nil {
		if _, hello, err := conn.ReadMessage(); err != nil || !strings.Contains(string(hello), `"type":"hello"`) {
			t.Errorf("the stream begins with %s (%v)", hello, err)
		}
		conn.Close()
	}
	return reply.StatusCode
}

// Run serves until its context ends. A server that was never started can be stopped.
func TestRun(t *testing.T) {
	t.Parallel()
	s := mockservertest.New(t, mockserver.Config{})
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error, 1)
	go func() { ran <- s.Run(ctx) }()
	reply, err := http.Get(s.URL() + "/_idmock/v1/ready")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(io.Discard, reply.Body); err != nil || reply.StatusCode != 200 {
		t.Errorf("ready: %d (%v)", reply.StatusCode, err)
	}
	reply.Body.Close()
	cancel()
	if err := <-ran; err != nil {
		t.Errorf("run ended with %v", err)
	}

	idle := mockservertest.New(t, mockserver.Config{})
	idle.Close()
	again, err := net.Listen("tcp", idle.Addr().String())
	if err != nil {
		t.Errorf("the address of a server that was stopped without being started: %v", err)
	} else {
		again.Close()
	}
	if got := fmt.Sprint(s.URL()); !strings.HasPrefix(got, "http://127.0.0.1:") {
		t.Errorf("the URL is %s", got)
	}
}
