package viewer

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// stub is the page's server with a real store and stream, and a control API that only records requests: the page must read its rows
// from the journal.
type stub struct {
	store  *store.Memory
	server *httptest.Server

	mu      sync.Mutex
	viewer  *Viewer
	asked   []string // "path?query body" of the page's requests
	streams []string // queries of the page's requests for the stream
	sockets []net.Conn
	closed  chan struct{} // not nil: the stream is unavailable until it is closed
	torn    []string      // paths whose next response ends in the middle
}

func newStub(t testing.TB) *stub {
	t.Helper()
	s := &stub{}
	s.restart()
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	s.server.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateHijacked {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.sockets = append(s.sockets, c)
		}
	}
	s.server.Start()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := s.viewer.Stop(ctx); err != nil {
			t.Error(err)
		}
		s.server.CloseClientConnections()
		s.server.Close()
	})
	return s
}

// restart replaces the server as a new process would: another journal that counts from 1.
func (s *stub) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store = store.NewMemory(store.Retention{})
	s.viewer = New(s.store, Options{Version: "v0.1.0"})
}

// cut aborts every stream without a close frame, and rejects new ones until release is called.
func (s *stub) cut() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = make(chan struct{})
	for _, socket := range s.sockets {
		_ = socket.Close()
	}
	s.sockets = nil
	return sync.OnceFunc(func() { close(s.closed) })
}

// tear ends the next response of each path in the middle, and returns the paths of the last call that were not requested.
func (s *stub) tear(paths ...string) (left []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left, s.torn = s.torn, paths
	return left
}

func (s *stub) serve(w http.ResponseWriter, r *http.Request) {
	path, control := strings.CutPrefix(r.URL.Path, "/_idmock/v1/")
	s.mu.Lock()
	viewer, closed := s.viewer, s.closed
	at := slices.Index(s.torn, r.URL.Path)
	if at >= 0 {
		s.torn = slices.Delete(s.torn, at, at+1)
	}
	s.mu.Unlock()
	switch {
	case at >= 0:
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "{")
		return
	case !control:
		viewer.ServeHTTP(w, r)
		return
	case path == "events":
		if closed != nil {
			select {
			case <-closed:
			case <-r.Context().Done():
				return
			}
			s.mu.Lock()
			viewer = s.viewer
			s.mu.Unlock()
		}
		s.mu.Lock()
		s.streams = append(s.streams, r.URL.RawQuery)
		s.mu.Unlock()
		viewer.Events(w, r)
		return
	case r.Method == "POST":
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, strings.TrimPrefix(r.URL.RequestURI(), "/_idmock/v1/")+" "+string(body))
		s.mu.Unlock()
		if path == "arm" {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"title":"Unprocessable","status":422,"detail":"no such <b>scenario</b>"}`)
			return
		}
		_, _ = io.WriteString(w, `{"now":"2026-03-02T09:30:00Z","rate":1,"frozen":false,"settled":2,"reference":"REF-1","status":200,"delivery":"d-1"}`)
		return
	}
	answers := map[string]string{
		"providers": `[{"name":"acme","title":"Acme Identity","base":"/acme","outcomes":[
			{"name":"pending","label":"Pending","verdict":"pending","description":"The registry decides later."},
			{"name":"verified","label":"Verified","verdict":"granted","description":"The record was found."},
			{"name":"not-found","label":"Not found","verdict":"not-granted","description":"There is no such record."}]},{"name":"other","title":"Other","base":"/other"}]`,
		"scenarios": `[{"provider":"acme","name":"default","description":"The ordinary life of Acme."},
			{"provider":"acme","name":"pending-then-confirmed","description":"The registry is down. The check stays pending and is confirmed by webhook when it is back."},
			{"provider":"other","name":"default","description":"Another."}]`,
		"accounts": `[]`,
		"holds":    `{"held":0,"holds":[]}`,
		"clock":    `{"now":"` + start.Format(time.RFC3339Nano) + `","rate":1,"frozen":true}`,
	}
	_, _ = io.WriteString(w, answers[path])
}

// did returns the page's requests since the last call.
func (s *stub) did() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

var start = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// add commits one entry per datum and returns the last Seq.
func (s *stub) add(t testing.TB, account string, data ...journal.Data) uint64 {
	t.Helper()
	var change store.Change
	for _, d := range data {
		change.Entries = append(change.Entries, journal.New(account, start, time.Now(), d))
	}
	last, err := s.store.Commit(t.Context(), change)
	if err != nil {
		t.Fatal(err)
	}
	return last
}

func text(s string) journal.Body { return journal.NewBody([]byte(s), int64(len(s))) }

// The usual entries of a check that is confirmed later.

func call(n int) journal.Call {
	return journal.Call{
		ID: fmt.Sprintf("c-%d", n), Provider: "acme", Operation: "verifyBVN", Run: fmt.Sprintf("r-%d", n),
		Scenario: "pending-then-confirmed", Rule: "verifyBVN", Method: "POST", Path: "/acme/api/v2/verify/bvn",
		Request: journal.Payload{Headers: []journal.Header{{"Content-Type", "application/json"}, {"x-api-key", "test_sk_1"}}, Body: text(`{"number":"22222222222"}`)},
		Status:  200, Duration: journal.Millis(1400 * time.Microsecond),
		Response: journal.Payload{Headers: []journal.Header{{"Content-Type", "application/json"}},
			Body: text(`{"status":true,"detail":"Pending","response_code":"01","verification":{"status":"PENDING","reference":"7f1c"}}`)},
	}
}

func run(n int, before, state string) journal.Run {
	r := journal.Run{Run: fmt.Sprintf("r-%d", n), Provider: "acme", Operation: "verifyBVN", Scenario: "pending-then-confirmed",
		Subject: "22222222222", Reference: fmt.Sprintf("REF-%d", n), State: json.RawMessage(state), Cause: "rule verifyBVN"}
	if before != "" {
		r.Before = json.RawMessage(before)
	}
	return r
}

func event(n int) journal.Event {
	return journal.Event{Delivery: fmt.Sprintf("d-%d", n), Provider: "acme", Event: "verification.completed", Run: fmt.Sprintf("r-%d", n),
		Scenario: "pending-then-confirmed", Rule: "verifyBVN", Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks/acme", Due: start.Add(30 * time.Second)}
}

func attempt(n, try, status int) journal.Attempt {
	a := journal.Attempt{Delivery: fmt.Sprintf("d-%d", n), Provider: "acme", Event: "verification.completed", Run: fmt.Sprintf("r-%d", n), Endpoint: "e-1",
		URL: "http://127.0.0.1:4000/hooks/acme", N: try, Planned: start.Add(30 * time.Second), Sent: time.Now(), Accepted: status == 200, Class: "ok",
		Phases: journal.Phases{Connect: journal.Millis(400 * time.Microsecond), Write: journal.Millis(90 * time.Microsecond), Wait: journal.Millis(3200 * time.Microsecond),
			Read: journal.Millis(50 * time.Microsecond), Total: journal.Millis(3740 * time.Microsecond)},
		Request: journal.Request{Method: "POST", URL: "http://127.0.0.1:4000/hooks/acme",
			Headers: []journal.Header{{"Content-Type", "application/json"}, {"X-Acme-Signature", "cHVibGljLWtleQ=="}, {"Token", "7f1c"}},
			Body:    text(`{"event":"verification.completed","data":{"amount":10.50,"id":12345678901234567890,"tags":[],"note":"ok"}}`)},
		Response: &journal.Response{Status: status, Headers: []journal.Header{{"Content-Length", "2"}}, Body: text("ok")}, SignedBy: "public_key"}
	if !a.Accepted {
		a.Class, a.Error, a.Hint, a.Next = "status", "the receiver answered 503", "Acme accepts 2xx only; it tries again five times.", start.Add(2*time.Minute)
	}
	return a
}

func delivered(n int) journal.Delivery {
	return journal.Delivery{Delivery: fmt.Sprintf("d-%d", n), Provider: "acme", Event: "verification.completed", Run: fmt.Sprintf("r-%d", n),
		Endpoint: "e-1", URL: "http://127.0.0.1:4000/hooks/acme", Outcome: journal.Delivered, Attempts: 2}
}
