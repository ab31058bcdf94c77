package mockserver_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/store"
)

const lookup = "/identitypass/api/v2/biometrics/merchant/data/verification/bvn"

// knock sends a request with any header lines, which the clients of tests would change.
func knock(t *testing.T, s *mockservertest.Server, method, path, host, body string, header ...string) mockservertest.Answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = append(r.Header[header[i]], header[i+1])
	}
	return s.Do(r)
}

// A body costs no more than its bytes: elements and depth are bounded, in the provider's form, and journalled. Not parallel: it
// measures the heap.
func TestSecurityBodies(t *testing.T) {
	testenv.Long(t)
	s := mockservertest.Start(t, mockserver.Config{})
	for name, body := range map[string]string{
		"elements": `{"number":"1","x":[` + strings.Repeat("[],", 5_000_000) + `[]]}`,
		"members":  `{"number":"1"` + strings.Repeat(`,"a":1`, 1_000_000) + `}`,
		"depth":    `{"number":` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000) + `}`,
		"bytes":    `{"number":"` + strings.Repeat("1", 17<<20) + `"}`,
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		got := knock(t, s, "POST", lookup, "", body, "X-Api-Key", "bodies", "Content-Type", "application/json")
		runtime.ReadMemStats(&after)
		if got.Status != 413 || !strings.Contains(string(got.Body), `"status"`) {
			t.Errorf("%s: %d %.200s, want 413 in the provider's form", name, got.Status, got.Body)
		}
		if cost := after.TotalAlloc - before.TotalAlloc; cost > 150<<20 {
			t.Errorf("%s: a body of %d MiB costs %d MiB", name, len(body)>>20, cost>>20)
		}
	}
	calls := 0
	for _, e := range s.Account("bodies").Journal() {
		if e.Kind == "call" {
			calls++
		}
	}
	if calls != 4 {
		t.Errorf("%d requests in the journal, want 4", calls)
	}
	got := knock(t, s, "POST", lookup, "", `{"number":"`+strings.Repeat("1", 1<<20)+`"}`, "X-Api-Key", "bodies", "Content-Type", "application/json")
	if got.Status == 413 || got.Status >= 500 {
		t.Errorf("a long text: %d %.200s", got.Status, got.Body)
	}
	if got := knock(t, s, "POST", lookup, "", `{"number":1e999}`, "X-Api-Key", "bodies", "Content-Type", "application/json"); got.Status != 400 {
		t.Errorf("1e999: %d %.200s, want 400", got.Status, got.Body)
	}
}

// Many large bodies at once take turns.
func TestSecurityBodiesInFlight(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{})
	body := `{"number":"` + strings.Repeat("1", 12<<20) + `"}`
	var all sync.WaitGroup
	for i := range 4 { // more would wait too long for their turn on a slow machine
		all.Go(func() {
			got := knock(t, s, "POST", lookup, "", body, "X-Api-Key", fmt.Sprint("flight-", i), "Content-Type", "application/json")
			if got.Status != 400 && got.Status != 200 && got.Status != 404 {
				t.Errorf("request %d: %d %.200s", i, got.Status, got.Body)
			}
		})
	}
	all.Wait()
}

// A client that asks before it sends a body is answered at once, without having sent one.
func TestSecurityExpect(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{})
	for head, want := range map[string]string{
		"POST " + lookup + " HTTP/1.1\r\nContent-Length: 10":                                                              "HTTP/1.1 401 ",
		"POST " + lookup + " HTTP/1.1\r\nContent-Length: 1099511627776":                                                   "HTTP/1.1 401 ",
		"POST " + lookup + " HTTP/1.1\r\nX-Api-Key: k\r\nContent-Type: application/json\r\nContent-Length: 1099511627776": "HTTP/1.1 413 ",
		"POST " + lookup + " HTTP/1.1\r\nX-Api-Key: k\r\nContent-Type: application/json\r\nContent-Length: 10":            "HTTP/1.1 100 ",
		"POST /_idmock/v1/scenarios HTTP/1.1\r\nContent-Length: 1099511627776":                                            "HTTP/1.1 413 ",
		"POST /_idmock/v1/receiver/a HTTP/1.1\r\nContent-Length: 1099511627776":                                           "HTTP/1.1 413 ",
		"POST /nothing HTTP/1.1\r\nContent-Length: 1099511627776":                                                         "HTTP/1.1 404 ",
	} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(5 * time.Second)) // the connection is open
		fmt.Fprintf(c, "%s\r\nHost: localhost\r\nExpect: 100-continue\r\n\r\n", head)
		got := make([]byte, len(want))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v; want %q", head, got, err, want)
		}
	}
}

// No page of another site and no rebound name has an effect, at any door.
func TestSecurityForeignPages(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{})
	foreign := [][]string{
		{"", "Origin", "http://evil.example.com"}, {"", "Origin", "http://192.168.1.5"}, {"", "Origin", "http://printer"}, {"", "Origin", "http://build.internal"},
		{"", "Origin", "null"}, {"evil.example.com", "Origin", "http://evil.example.com"}, {"evil.example.com", "User-Agent", "Mozilla/5.0"},
		{"evil.example.com", "Sec-Fetch-Site", "same-origin"},
	}
	doors := []string{
		"POST /_idmock/v1/reset", "POST /_idmock/v1/endpoints", "GET /_idmock/v1/journal", "GET /_idmock/v1/events", "GET /", "GET /playground/",
		"POST " + lookup, "GET /faceio/_idmock/widget?operation=enrollFace&account=x", "GET /faceio/_idmock/widget/elapse?for=1h&account=x",
	}
	for _, provider := range s.Engine().ProviderNames() { // dashboards among them
		doors = append(doors, "POST /"+provider+"/api/webhooks", "POST /"+provider+"/x")
	}
	for _, from := range foreign {
		for _, door := range doors {
			method, path, _ := strings.Cut(door, " ")
			got := knock(t, s, method, path, from[0], `{"number":"1"}`, append([]string{"Content-Type", "application/json", "X-Api-Key", "foreign"}, from[1:]...)...)
			if got.Status != 403 {
				t.Errorf("%s of %v: %d %.200s, want 403", door, from, got.Status, got.Body)
			}
		}
	}
	if entries := s.DefaultAccount().Journal(); len(entries) > 0 {
		t.Errorf("foreign requests left %d entries: %s", len(entries), entries[0].Data)
	}
	for _, name := range []string{"idmock.team.svc.cluster.local", "gateway.example.com", "idmock"} { // of programs
		if got := knock(t, s, "POST", lookup, name, `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", "own"); got.Status == 403 {
			t.Errorf("a program that says %s: %d %.200s", name, got.Status, got.Body)
		}
	}
}

// A provider's response cannot act as a page of the server, whatever a scenario makes of it.
func TestSecurityResponsesAreContained(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Scenarios: lint(t, `
scenario: page
provider: identitypass
rules:
  - on: verifyBVN
    reply:
      status: 200
      headers: {Content-Type: text/html, Content-Security-Policy: "default-src *", X-Content-Type-Options: none, Cross-Origin-Resource-Policy: cross-origin}
      body: {a: "<script>alert(1)</script>"}
`)})
	for _, path := range []string{lookup, "/identitypass/", "/identitypass/nothing"} {
		got := knock(t, s, "POST", path, "", `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", "page", "X-Idmock-Scenario", "page")
		h := got.Header
		if policies := h["Content-Security-Policy"]; len(policies) == 0 || policies[0] != "sandbox" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cross-Origin-Resource-Policy") == "" {
			t.Errorf("%s: %d %v", path, got.Status, h)
		}
	}
}

// With an address of its own, the control API is nowhere else.
func TestSecurityControlAddr(t *testing.T) {
	t.Parallel()
	s := mockservertest.New(t, mockserver.Config{ControlAddr: "127.0.0.1:0", ControlToken: "a-long-secret"})
	s.Start()
	get := func(url string, header ...string) *http.Response {
		r, err := http.NewRequestWithContext(t.Context(), "GET", url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(header) > 0 {
			r.Header.Set(header[0], header[1])
		}
		got, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		return got
	}
	for path, want := range map[string][2]int{
		"/":                         {404, 303},
		"/_idmock/v1/journal":       {404, 401},
		"/_idmock/v1/health":        {200, 200},
		"/_idmock/v1/ready":         {200, 200},
		"/playground/":              {404, 303},
		"/identitypass/nothing":     {401, 303},
		"/_idmock/v1/receiver/mine": {200, 200},
	} {
		for i, base := range []string{s.URL(), s.ControlURL()} {
			if got := get(base + path); got.StatusCode != want[i] {
				t.Errorf("%s%s: %d, want %d", base, path, got.StatusCode, want[i])
			}
		}
	}
	if got := get(s.ControlURL()+"/_idmock/v1/journal", "Authorization", "Bearer a-long-secret"); got.StatusCode != 200 {
		t.Errorf("with the token: %d", got.StatusCode)
	}
}

// An expression without end costs its own account some time and other accounts nothing: webhooks of other accounts arrive, the
// server is ready, and it stops.
func TestSecurityStuckExpression(t *testing.T) {
	t.Parallel()
	s := mockservertest.New(t, mockserver.Config{DrainTimeout: 10 * time.Second, Scenarios: lint(t, atOnce, `
scenario: stuck
provider: identitypass
rules:
  - on: verifyBVN
    then:
      - after: 1ms
        set: {status: "${let r = 1..1000; all(r, all(r, all(r, # > 0))) ? 'VERIFIED' : 'FAILED'}"}
      - after: 1ms
        set: {status: "${let a = repeat('x', 1000000); reduce(1..1000, #acc + a, a)}"}
`)})
	s.Start()
	stuck, _ := with(t, s, "stuck")
	for range 4 {
		if got := stuck.CallAs("stuck", provider, bvn, number(found)); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	a, r := with(t, s, "other")
	for range 5 {
		a.CallAs("at-once", provider, bvn, number(found))
		r.Next()
	}
	if got := knock(t, s, "GET", "/_idmock/v1/ready", "", ""); got.Status != 200 {
		t.Errorf("ready: %d %s", got.Status, got.Body)
	}
	start := time.Now()
	s.Close()
	if took := time.Since(start); took > 12*time.Second {
		t.Errorf("stopped after %v", took)
	}
}

// Accounts that are idle and empty are closed when there are too many, visibly; others stay.
func TestSecurityAccountsAreBounded(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{MaxAccounts: 20})
	full := 0
	for i := range 60 {
		got := knock(t, s, "GET", "/identitypass/nothing", "", "", "X-Api-Key", fmt.Sprint("key-", i))
		if got.Status == 503 {
			full++
		}
	}
	if full == 0 {
		t.Error("60 accounts are open although 20 are the limit")
	}
}

// An API key names an account, and so its length is bounded, wherever it is sent.
func TestSecurityKeyLength(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{})
	for length, want := range map[int]int{512: 200, 513: 401, 30_000: 401} {
		got := knock(t, s, "POST", lookup, "", `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", strings.Repeat("k", length))
		if got.Status != want || want == 401 && !strings.Contains(string(got.Body), "longer than 512 bytes") {
			t.Errorf("a key of %d bytes: %d %.200s, want %d", length, got.Status, got.Body, want)
		}
	}
}

// A store that is full of runs under way refuses further ones, in the provider's form.
func TestSecurityLiveBytes(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{Frozen: true, Retention: store.Retention{LiveBytes: 256 << 10}, Scenarios: lint(t, `
scenario: later
provider: identitypass
rules:
  - on: verifyBVN
    then: [{after: 1h, set: {status: FAILED}}]
`)})
	refused := 0
	for range 1000 {
		got := knock(t, s, "POST", lookup, "", `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", "many", "X-Idmock-Scenario", "later")
		if got.Status != 200 && got.Status != 503 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
		if got.Status == 503 {
			refused++
		}
	}
	if refused == 0 || refused > 990 {
		stats, err := s.Control().Journal.Stats(t.Context())
		t.Errorf("%d of 1000 requests refused: %+v, %v", refused, stats, err)
	}
}

// A clock that was reset or advanced beyond all years breaks no request.
func TestSecurityEndOfTime(t *testing.T) {
	t.Parallel()
	s := mockservertest.Start(t, mockserver.Config{})
	a := s.Account("late")
	for range 40 {
		a.Control(http.MethodPost, "/clock/advance", map[string]string{"by": "2500000h"})
	}
	if got := knock(t, s, "POST", lookup, "", `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", "late"); got.Status >= 500 {
		t.Errorf("in the last year: %d %.200s", got.Status, got.Body)
	}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for ctx.Err() == nil {
				if got := knock(t, s, "POST", lookup, "", `{"number":"12345678901"}`, "Content-Type", "application/json", "X-Api-Key", "reset"); got.Status >= 500 {
					t.Errorf("beside a reset: %d %.200s", got.Status, got.Body)
					return
				}
			}
		})
	}
	for range 30 {
		s.Account("reset").Control(http.MethodPost, "/reset", nil)
	}
	stop()
	all.Wait()
}

// Readers that stall hold little memory. Not parallel: it measures the heap.
func TestSecurityStalledReaders(t *testing.T) {
	testenv.Long(t)
	s := mockservertest.Start(t, mockserver.Config{})
	a := s.Account("long")
	for range 300 {
		a.Call(provider, bvn, number(strings.Repeat("1", 60_000)))
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range 40 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		fmt.Fprintf(c, "GET /_idmock/v1/journal?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
		if _, err := io.ReadFull(c, make([]byte, 512)); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > 60<<20 {
		t.Errorf("40 stalled readers hold %d MiB", held>>20)
	}
}
