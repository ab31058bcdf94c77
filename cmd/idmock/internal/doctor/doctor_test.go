package doctor

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEnvironmentHasNoValues(t *testing.T) {
	got := environment([]string{"IDMOCK_TO=http://app", "PATH=/bin", "IDMOCK_ADDR=", "IDMOCK_CONTROL_TOKEN=secret"})
	if want := (Finding{Note, "environment", "set: IDMOCK_CONTROL_TOKEN IDMOCK_TO"}); got != want {
		t.Errorf("%v, want %v", got, want)
	}
	if got := environment(nil); got.State != Good {
		t.Errorf("%v of no variable", got)
	}
}

func TestClocks(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 600e6, time.UTC)
	for date, want := range map[string]string{
		now.Format(http.TimeFormat):                   Good,
		now.Add(-time.Minute).Format(http.TimeFormat): Problem,
		now.Add(time.Minute).Format(http.TimeFormat):  Problem,
		"": Note,
	} {
		if got := clocks(&http.Response{Header: http.Header{"Date": {date}}}, now); got.State != want {
			t.Errorf("%q: %v, want %s", date, got, want)
		}
	}
}

// Another HTTP server, and an older idmock that is not ready.
func TestServer(t *testing.T) {
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if r := (Options{Server: other.URL}).server(t.Context()); len(r) != 1 || r[0].State != Problem || !strings.Contains(r[0].Text, "another HTTP server") {
		t.Errorf("another server: %v", r)
	}
	if r := (Options{Addr: strings.TrimPrefix(other.URL, "http://")}).server(t.Context()); r.Problems() != 1 {
		t.Errorf("its address: %v", r)
	}
	old := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Idmock", "v0.0.1")
		if r.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("%s without the token", r.URL)
		}
		if strings.HasSuffix(r.URL.Path, "/ready") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer old.Close()
	r := (Options{Server: old.URL + "/", Version: "v0.1.0", Token: "token"}).server(t.Context())
	if len(r) != 4 || r[0].State != Note || !strings.Contains(r[0].Text, "v0.0.1") || r[2].Subject != "ready" || r.Problems() != 1 {
		t.Errorf("an old server: %v", r)
	}
}

func TestReceiver(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	if f := receiver(t.Context(), server.URL+"/hooks"); f.State != Good {
		t.Errorf("%v", f)
	}
	server.Close()
	for _, address := range []string{server.URL, "nonsense", "http://"} {
		if f := receiver(context.Background(), address); f.State != Problem {
			t.Errorf("%s: %v", address, f)
		}
	}
}

func TestAuthority(t *testing.T) {
	dir := t.TempDir()
	if f := (Options{DataDir: dir}).authority(); f.State != Good {
		t.Errorf("none: %v", f)
	}
	if err := os.WriteFile(filepath.Join(dir, "ca.pem"), []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := (Options{DataDir: dir}).authority(); f.State != Problem {
		t.Errorf("nonsense: %v", f)
	}
}
