package service_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
)

// hanging starts an application that accepts events and never responds.
func hanging(t testing.TB) (url string, asked <-chan struct{}) {
	t.Helper()
	first := make(chan struct{}, 1)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case first <- struct{}{}:
		default:
		}
		_, _ = http.MaxBytesReader(nil, r.Body, 1<<20).Read(make([]byte, 1<<20))
		<-r.Context().Done()
	}))
	t.Cleanup(app.Close)
	return app.URL, first
}

// A run stops at once and keeps its results. The number of concurrent runs is limited.
func TestStop(t *testing.T) {
	t.Parallel()
	h := start(t)
	app, asked := hanging(t)
	first, second := h.begin(ask(app, nil)), h.begin(ask(app, nil))
	<-asked
	if resp := h.Account.Control("POST", "/conformance/runs", ask(app, nil)); resp.Status != 422 || !strings.Contains(string(resp.Body), "2 conformance runs are in progress") {
		t.Errorf("a third run: %d %s", resp.Status, resp.Body)
	}
	began := time.Now()
	for _, run := range []control.CheckRun{first, second} {
		resp := h.DefaultAccount().Control("DELETE", "/conformance/runs/"+run.ID, nil)
		var state control.CheckRun
		if err := json.Unmarshal(resp.Body, &state); err != nil || state.State != "stopped" || !strings.Contains(state.Conclusion, "stopped before the end") || state.Counts["fail"] > 0 || state.Headline != "" {
			t.Errorf("%d %s", resp.Status, resp.Body)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if state := h.wait(first.ID); state.State != "stopped" || len(state.Results) != state.Total {
		t.Errorf("%+v", state.CheckRun)
	}
	if resp := h.DefaultAccount().Control("GET", "/conformance/runs/k-none", nil); resp.Status != 404 || !strings.Contains(string(resp.Body), "keeps the last 20") {
		t.Errorf("%d %s", resp.Status, resp.Body)
	}
}

// Runs end when the server stops; mockservertest detects leaked goroutines.
func TestServerStops(t *testing.T) {
	t.Parallel()
	h := start(t)
	app, asked := hanging(t)
	h.begin(ask(app, nil))
	<-asked
	began := time.Now()
	h.Server.Close()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// The server keeps a limited number of runs.
func TestKept(t *testing.T) {
	t.Parallel()
	h := start(t)
	var first string
	for i := range 21 {
		run := h.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": "http://127.0.0.1:1/hooks", "run": []string{"ack/2xx"}})
		if h.wait(run.ID); i == 0 {
			first = run.ID
		}
	}
	var list []control.CheckRun
	if h.get("/conformance/runs", &list); len(list) != 20 || slices.ContainsFunc(list, func(r control.CheckRun) bool { return r.ID == first }) {
		t.Errorf("%d runs", len(list))
	}
}
