package service_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/conformance/service"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

const (
	scheme = "standard-webhooks"
	key    = "key-of-the-checks"
)

// host is a server with the service, which serves the provider of the reference receiver.
type host struct {
	*mockservertest.Server
	*mockservertest.Account
	t   testing.TB
	api string // base URL of the provider
}

func start(t testing.TB) *host {
	t.Helper()
	p, err := receiver.OpenGeneric(scheme)
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{Providers: []*openapi.Provider{p}, Checks: service.New, Version: "v0.3.0"})
	return &host{s, s.Account(key), t, s.URL() + p.Prefix}
}

// app starts an application that is configured for the account, with a flaw, or without one if flaw is empty.
func (h *host) app(flaw reference.FlawID) string {
	h.t.Helper()
	h.Account.Webhook(scheme, "http://127.0.0.1:1/hooks") // which opens the account
	var account control.Account
	h.get("/accounts/"+key, &account)
	app := reference.New(reference.Config{Scheme: scheme, Secrets: []string{account.Credentials[scheme]["signing_secret"]}, API: h.api, Key: key, Flaw: flaw})
	server := httptest.NewServer(app)
	h.t.Cleanup(func() { server.Close(); app.Close() })
	return server.URL
}

func (h *host) get(path string, into any) {
	h.t.Helper()
	resp := h.DefaultAccount().Control("GET", path, nil)
	if resp.Status != 200 {
		h.t.Fatalf("GET %s: %d %s", path, resp.Status, resp.Body)
	}
	if err := json.Unmarshal(resp.Body, into); err != nil {
		h.t.Fatal(err)
	}
}

// begin starts a run for the account.
func (h *host) begin(ask map[string]any) control.CheckRun {
	h.t.Helper()
	resp := h.Account.Control("POST", "/conformance/runs", ask)
	var run control.CheckRun
	if err := json.Unmarshal(resp.Body, &run); err != nil || resp.Status != http.StatusAccepted || run.State != "running" {
		h.t.Fatalf("%d %s %v", resp.Status, resp.Body, err)
	}
	return run
}

type report struct {
	control.CheckRun
	Results []conformance.Result
}

// wait returns a run once it has ended.
func (h *host) wait(id string) report {
	h.t.Helper()
	var state report
	h.get("/conformance/runs/"+id+"?wait=2m", &state)
	if state.State == "running" {
		h.t.Fatalf("the run does not end: %+v", state.CheckRun)
	}
	return state
}

// ask returns the request of the page for a receiver if only its URL and its hooks are filled in.
func ask(app string, more map[string]any) map[string]any {
	body := map[string]any{"kind": "receiver", "provider": scheme, "url": app + "/hooks", "probe": app + "/subjects/{subject}", "probe_text": "$.name", "start": app + "/start/{subject}"}
	for name, value := range more {
		body[name] = value
	}
	return body
}
