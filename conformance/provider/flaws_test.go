package provider

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/testenv"
)

// relayed is a call that passes through a flawed provider, with the response of the mock.
type relayed struct {
	request *http.Request
	sent    []byte
	status  int
	header  http.Header
	body    []byte
}

func (e *relayed) respond(status int, body string) { e.status, e.body = status, []byte(body) }

// flaw describes a flawed provider: a mock behind a relay that changes requests or responses.
type flaw struct {
	check, name, provider string
	strict                bool                // in front of the mock that calls only public addresses
	hides                 bool                // does not report that it calls local addresses
	body                  func([]byte) []byte // changes the body of a request
	before                func(*http.Request)
	after                 func(*relayed)
	hook                  func(*delivery) // relays a webhook; nil: unchanged
}

// lenient turns a refusal into a success.
func lenient(from int, when func(*relayed) bool) func(*relayed) {
	return func(e *relayed) {
		if e.status == from && (when == nil || when(e)) {
			e.respond(200, `{"status":true}`)
		}
	}
}

// key replaces a part of the key.
func key(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("X-Api-Key", strings.Replace(r.Header.Get("X-Api-Key"), from, to, 1))
	}
}

// replaced replaces a pattern in the body of a request.
func replaced(expression, replacement string) func([]byte) []byte {
	pattern := regexp.MustCompile(expression)
	return func(body []byte) []byte { return pattern.ReplaceAll(body, []byte(replacement)) }
}

// asPublic replaces the host of a URL with a public one that resolves to this machine.
func asPublic(host string) func([]byte) []byte {
	return replaced(`(://)`+host+`([:/])`, "${1}"+reachable+"${2}")
}

// edits replaces a pattern in the body of a webhook.
func edits(expression, replacement string) func(*delivery) {
	change := replaced(expression, replacement)
	return func(d *delivery) {
		d.body = change(d.body)
		d.forward()
	}
}

// keeps sends each webhook with the first value of a header.
func keeps(header string) func(*delivery) {
	var mu sync.Mutex
	first := ""
	return func(d *delivery) {
		mu.Lock()
		if first == "" {
			first = d.header.Get(header)
		}
		d.header.Set(header, first)
		mu.Unlock()
		d.forward()
	}
}

// together delays the second attempts until all have arrived.
func together() func(*delivery) {
	const several = 8
	var mu sync.Mutex
	var waiting []*delivery
	return func(d *delivery) {
		mu.Lock()
		defer mu.Unlock()
		if d.n <= several {
			d.forward()
			return
		}
		if waiting = append(waiting, d); len(waiting) < several {
			d.w.WriteHeader(http.StatusInternalServerError)
			return
		}
		for _, w := range waiting {
			w.r = d.r
			w.done = w != d
			w.forward()
		}
	}
}

// showsSecrets adds the secret of the registered webhook to all later responses.
func showsSecrets() func(*relayed) {
	var mu sync.Mutex
	var secret []byte
	pattern := regexp.MustCompile(`"signing_secret":"[^"]*"`)
	return func(e *relayed) {
		mu.Lock()
		defer mu.Unlock()
		if found := pattern.Find(e.body); found != nil && e.request.Method == http.MethodPost {
			secret = found
		} else if e.request.Method == http.MethodGet && len(secret) > 0 {
			e.body = bytes.Replace(e.body, []byte(`"url"`), append(slices.Clone(secret), `,"url"`...), 1)
		}
	}
}

// flawed starts a provider with a flaw in front of a mock.
func flawed(t *testing.T, mock string, f flaw) *httptest.Server {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	base, err := url.Parse(mock)
	if err != nil {
		t.Fatal(err)
	}
	hooks := newRelay(t, f.hook)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &relayed{request: r}
		var err error
		if e.sent, err = io.ReadAll(r.Body); err != nil {
			return // client disconnected
		}
		e.sent = hooks.redirected(e.sent)
		if f.body != nil {
			e.sent = f.body(e.sent)
		}
		forwarded := r.Clone(r.Context())
		forwarded.RequestURI, forwarded.URL.Scheme, forwarded.URL.Host, forwarded.Body = "", base.Scheme, base.Host, io.NopCloser(bytes.NewReader(e.sent))
		forwarded.ContentLength = int64(len(e.sent))
		if f.before != nil {
			f.before(forwarded)
		}
		response, err := transport.RoundTrip(forwarded)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer response.Body.Close()
		e.status, e.header = response.StatusCode, response.Header
		if e.body, err = io.ReadAll(response.Body); err != nil {
			t.Error(err)
		}
		if f.after != nil {
			f.after(e)
		}
		if f.hides && r.URL.Path == "/_idmock/v1/health" {
			e.body = bytes.Replace(e.body, []byte(`"local"`), []byte(`"strict"`), 1)
		}
		e.header.Del("Content-Length")
		for name, values := range e.header {
			w.Header()[name] = values
		}
		w.WriteHeader(e.status)
		_, _ = w.Write(e.body)
	}))
	t.Cleanup(s.Close)
	return s
}

// Every check fails the provider with its flaw and names the flaw. Every check needs such a provider. A brief run looks for
// other flaws in some of them only.
func TestFlaws(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	flaws := append(statefulFlaws(), flaws...)
	for _, c := range all {
		if !slices.ContainsFunc(flaws, func(f flaw) bool { return f.check == c.ID }) {
			t.Errorf("%s has no flawed provider: add one, or remove the check", c.ID)
		}
	}
	m := startMocks(t)
	for i, f := range flaws {
		t.Run(f.check, func(t *testing.T) {
			t.Parallel()
			name := f.provider
			if name == "" {
				name = "peleza"
			}
			p, mock := m.provider(name), m.local
			if f.strict {
				mock = m.strict
			}
			target := m.target(flawed(t, mock.URL(), f).URL, p, uint64(i+1))
			target.Only = []string{f.check}
			if !f.strict {
				target.ListenURL = ""
			}
			report, err := Run(t.Context(), target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Results) != 1 {
				t.Fatalf("%d results", len(report.Results))
			}
			r := report.Results[0]
			want := r.Level.Missed()
			if r.Verdict != want || !strings.Contains(r.Cause, f.name) {
				t.Errorf("the flaw is that %s; the verdict is %s, want %s: %s, likely cause %q", f.name, r.Verdict, want, r.Reason, r.Cause)
			}
			t.Log(r.Reason)
			if f.strict && (i%4 == 0 || os.Getenv("FLAWS") == "all") { // it has no other flaw
				target.Only, target.Skip = []string{"reg/*"}, []string{f.check, "reg/redirect-to-private"}
				target.Seed += 1000
				report, err := Run(t.Context(), target, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range report.Results {
					if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
						t.Errorf("the flaw that %s also fails %s: %s", f.name, r.ID, r.Reason)
					}
				}
			}
		})
	}
}
