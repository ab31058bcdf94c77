package access_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/control/access"
)

func TestSecurityGuard(t *testing.T) {
	guard := access.Guard{AllowedHosts: []string{"ci.example.com", "*.dev.example.com", "203.0.113.9"}}
	for _, c := range []struct {
		host   string
		origin []string
		ok     bool
	}{
		{host: "localhost:8080", ok: true},
		{host: "LOCALHOST.", ok: true},
		{host: "acme.localhost:80", ok: true},
		{host: "127.0.0.1:8080", ok: true},
		{host: "[::1]:8080", ok: true},
		{host: "[fe80::1%eth0]:8080", ok: true},
		{host: "[::1]", ok: true},
		{host: "203.0.113.7", ok: true}, // a name that resolves to this server would be the Host
		{host: "idmock:8080", ok: true},
		{host: "my_service", ok: true},
		{host: "host.docker.internal:8080", ok: true},
		{host: "idmock.team.svc.cluster.local", ok: true},
		{host: "ci.example.com:8080", ok: true},
		{host: "CI.example.com", ok: true},
		{host: "a.b.dev.example.com", ok: true},
		{host: "dev.example.com"},
		{host: "evil.example.com"},
		{host: "xdev.example.com"},
		{host: "localhost.example.com"},
		{host: "127.0.0.1.example.com"},
		{host: "notlocalhost.com"},
		{host: ""},
		{host: ":8080"},
		{host: "a:b:c"},

		{host: "localhost:8080", origin: []string{"http://localhost:3000"}, ok: true},
		{host: "localhost:8080", origin: []string{"https://app.localhost"}, ok: true},
		{host: "localhost:8080", origin: []string{"https://ci.example.com"}, ok: true},
		{host: "localhost:8080", origin: []string{"http://127.0.0.1:5173"}, ok: true},
		{host: "localhost:8080", origin: []string{"http://192.168.1.5:5173"}}, // network position is not identity
		{host: "192.168.1.5:8080", origin: []string{"http://192.168.1.5:5173"}},
		{host: "192.168.1.5:8080", origin: []string{"http://192.168.1.5:8080"}, ok: true},
		{host: "idmock:8080", origin: []string{"http://printer"}},
		{host: "idmock:8080", origin: []string{"http://idmock:8080"}, ok: true},
		{host: "idmock", origin: []string{"http://idmock"}, ok: true},
		{host: "idmock:80", origin: []string{"http://idmock"}, ok: true},
		{host: "idmock", origin: []string{"https://idmock"}, ok: true}, // behind a proxy that ends TLS
		{host: "localhost:8080", origin: []string{"http://build.internal"}},
		{host: "host.docker.internal:8080", origin: []string{"http://host.docker.internal:8080"}}, // no name for browsers
		{host: "localhost:8080", origin: []string{"http://[::1]:5173"}, ok: true},
		{host: "203.0.113.7:8080", origin: []string{"http://203.0.113.7:8080"}, ok: true}, // its own page
		{host: "localhost:8080", origin: []string{"http://203.0.113.9"}, ok: true},        // listed
		{host: "localhost:8080", origin: []string{"http://203.0.113.7"}},                  // a foreign page
		{host: "localhost:8080", origin: []string{"http://[::ffff:203.0.113.7]"}},
		{host: "localhost:8080", origin: []string{"https://evil.example.com"}},
		{host: "localhost:8080", origin: []string{"http://localhost@evil.example.com"}},
		{host: "localhost:8080", origin: []string{"null"}},
		{host: "localhost:8080", origin: []string{""}},
		{host: "localhost:8080", origin: []string{"localhost"}},
		{host: "localhost:8080", origin: []string{"file://localhost"}},
		{host: "localhost:8080", origin: []string{"chrome-extension://abcdef"}},
		{host: "localhost:8080", origin: []string{"http://local host"}},
		{host: "localhost:8080", origin: []string{"http://localhost:3000", "https://evil.example.com"}},
		{host: "evil.example.com", origin: []string{"http://localhost:3000"}},
	} {
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/", nil)
		r.Host, r.Header["Origin"] = c.host, c.origin
		passed := false
		w := httptest.NewRecorder()
		guard.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { passed = true })).ServeHTTP(w, r)
		err := guard.Allowed(r)
		if passed != c.ok || (err == nil) != c.ok {
			t.Errorf("host %q, origin %q: passed %v, %v", c.host, c.origin, passed, err)
		}
		if !c.ok && (w.Code != 403 || w.Header().Get("Content-Type") != "application/problem+json" || !strings.Contains(w.Body.String(), "--allowed-hosts")) {
			t.Errorf("host %q, origin %q: got %d %s", c.host, c.origin, w.Code, w.Body)
		}
	}
}
