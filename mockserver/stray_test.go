package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A request without the provider's prefix gets a response that names the provider, and is in the journal of its account.
func TestStrayRequests(t *testing.T) {
	t.Parallel()
	s := begin(t)
	const bad = `{"number":`
	for _, test := range []struct {
		method, path, key, body string
		provider, account, says string
	}{
		{"POST", "/verification/get-tin-with-phone", "stray-1", `{"number":"1"}`, "prembly", "stray-1", "is a path of Prembly: use " + s.URL() + "/prembly/verification/get-tin-with-phone, or the Host api.prembly.com"},
		{"POST", "/api/v1/start-journey", "stray-2", bad, "", "stray-2", "this server serves /identitypass, /prembly, /peleza, /faceio, /idwise: add the prefix or the Host"},
		{"DELETE", "/verification/vnin", "stray-3", "", "prembly", "stray-3", "is a path of Prembly"},
		{"PUT", "/nothing", "", "", "", "", "belongs to no provider"},
	} {
		a := s.Account(test.account)
		r, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+test.path, strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("X-Api-Key", test.key)
		got := s.Do(r)
		if got.Status != 404 || got.Header.Get("Content-Type") != "application/problem+json" || !strings.Contains(got.At("detail"), test.says) || got.Header.Get("X-Idmock-Hint") != got.At("detail") {
			t.Errorf("%s %s: %d %s, want 404 with %q", test.method, test.path, got.Status, got.Body, test.says)
		}
		calls := mockservertest.Entries[journal.Call](a)
		if len(calls) == 0 {
			t.Errorf("%s %s: not in the journal of %q", test.method, test.path, test.account)
			continue
		}
		if last := calls[len(calls)-1]; last.Provider != test.provider || last.Status != 404 || last.Method != test.method || last.Path != test.path ||
			last.Error == nil || last.Error.Kind != "unknown-path" || string(last.Request.Body.Bytes) != test.body {
			t.Errorf("%s %s: journal has %+v", test.method, test.path, last)
		}
	}
}

// An unknown path is a 404 in the account's journal, whatever its body; a path like a known one names it.
func TestUnknownPathWithBadBody(t *testing.T) {
	t.Parallel()
	s := begin(t)
	for _, test := range []struct{ path, account, says string }{
		{"/prembly/verification/vnim", "unknown-1", "not modelled by idmock: POST /prembly/verification/vnim: the nearest path is /verification/vnin"},
		{"/identitypass/nothing", "unknown-2", "no such path"},
		{"/peleza/nothing", "unknown-3", "no such path"},
		{"/faceio/nothing?key=unknown-4&fid=1", "unknown-4", "no such path"},
		{"/idwise/nothing", "unknown-5", "no such path"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+test.path, strings.NewReader(`{"a":`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", jsonType)
		r.Header.Set("X-Api-Key", test.account)
		r.SetBasicAuth(test.account, "secret")
		got := s.Do(r)
		if got.Status != 404 || !strings.Contains(string(got.Body), test.says) {
			t.Errorf("%s: %d %s, want 404 with %q", test.path, got.Status, got.Body, test.says)
		}
		if calls := mockservertest.Entries[journal.Call](s.Account(test.account)); len(calls) != 1 || calls[0].Status != 404 {
			t.Errorf("%s: journal of %s has %+v", test.path, test.account, calls)
		}
	}
}
