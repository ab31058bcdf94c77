package provider

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// exchanged is a call that goes through a flawed provider, with the mock's answer.
type exchanged struct {
	request *http.Request
	sent    []byte
	status  int
	header  http.Header
	body    []byte
}

func (e *exchanged) answer(status int, body string) { e.status, e.body = status, []byte(body) }

// flaw is what is wrong with a provider: a mock whose requests or answers are changed on the way.
type flaw struct {
	check, name, provider string
	before                func(*http.Request)
	after                 func(*exchanged)
	hook                  func(*delivery) // what becomes of a webhook on its way; nil: it goes as it is
}

// lenient turns a refusal into a success.
func lenient(from int, when func(*exchanged) bool) func(*exchanged) {
	return func(e *exchanged) {
		if e.status == from && (when == nil || when(e)) {
			e.answer(200, `{"status":true}`)
		}
	}
}

// key changes the key of whoever has this one.
func key(from, to string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("X-Api-Key", strings.Replace(r.Header.Get("X-Api-Key"), from, to, 1))
	}
}

var flaws = []flaw{
	{check: "call/served", name: "an operation is missing", after: func(e *exchanged) {
		if strings.HasSuffix(e.request.URL.Path, "/bvn") {
			e.answer(404, `{"status":false,"message":"Not found"}`)
		}
	}},
	{check: "call/accepted", name: "it refuses a documented request", after: func(e *exchanged) {
		if strings.HasSuffix(e.request.URL.Path, "/bvn") {
			e.answer(400, `{"status":false,"message":"Bad request"}`)
		}
	}},
	{check: "call/status", name: "it answers with an undocumented status", after: func(e *exchanged) { e.status += 9 }},
	{check: "call/body", name: "it leaves out a member of the answer", after: func(e *exchanged) { e.body = bytes.Replace(e.body, []byte(`"status"`), []byte(`"state"`), 1) }},
	{check: "call/media-type", name: "it calls JSON plain text", after: func(e *exchanged) { e.header.Set("Content-Type", "text/plain") }},
	{check: "call/silent", name: "it sends a stack trace along", after: func(e *exchanged) { e.body = append(e.body, "\ngoroutine 7 [running]:"...) }},
	{check: "example/status", name: "it has only its successes", before: func(r *http.Request) { r.Header.Del("Prefer") }},
	{check: "example/body", name: "its errors are bare", after: func(e *exchanged) {
		if e.status >= 400 && e.request.Header.Get("Prefer") != "" {
			e.body = []byte(`{}`)
		}
	}},
	{check: "error/bad-json", name: "it takes a torn body", after: lenient(400, nil)},
	{check: "error/no-body", name: "it takes a request without a body", after: lenient(400, func(e *exchanged) bool { return len(e.sent) == 0 })},
	{check: "error/not-an-object", name: "it takes a list for an object", after: lenient(400, func(e *exchanged) bool { return e.sent[0] == '[' })},
	{check: "error/missing-field", name: "it does without a required member", after: lenient(400, nil)},
	{check: "error/wrong-type", name: "it takes any type", after: lenient(400, func(e *exchanged) bool { return bytes.Contains(e.sent, []byte(`{"not":"this"}`)) })},
	{check: "error/unknown-path", name: "it answers every path", after: lenient(404, nil)},
	{check: "error/method", name: "it takes any method", after: lenient(405, nil)},
	{check: "error/allow", name: "it forgets the header Allow", after: func(e *exchanged) { e.header.Del("Allow") }},
	{check: "error/media-type", name: "it takes any media type", after: lenient(415, nil)},
	{check: "error/too-large", name: "it reads bodies of any size", after: lenient(413, nil)},
	{check: "error/shape", name: "its errors are in another shape", after: func(e *exchanged) {
		if e.status >= 400 {
			e.body = []byte(`{"errors":[{"title":"no"}]}`)
		}
	}},
	{check: "cred/missing", name: "it asks for no key", after: lenient(401, nil)},
	{check: "cred/bad", name: "it takes any key", after: lenient(401, nil)},
	{check: "cred/malformed", name: "it does not tell a malformed credential from a bad one", provider: "idwise", after: func(e *exchanged) {
		e.body = bytes.Replace(e.body, []byte("invalid_authentication_format"), []byte("invalid_credentials"), 1)
	}},
	{check: "cred/forbidden", name: "it lets everybody do everything", after: lenient(403, nil)},
	{check: "cred/shape", name: "it refuses keys in a shape of its own", after: func(e *exchanged) {
		if e.status == 401 {
			e.body = []byte(`Unauthorized`)
		}
	}},
	{check: "cred/silent", name: "it repeats the key", after: func(e *exchanged) {
		e.body = append(e.body, e.request.Header.Get("X-Api-Key")...)
	}},
	{check: "tenant/own-run", name: "it forgets its runs", provider: "identitypass", after: func(e *exchanged) {
		if strings.Contains(string(e.sent), `"reference"`) {
			e.answer(404, `{"status":false,"message":"Not found"}`)
		}
	}},
	{check: "tenant/others-run", name: "it shows everybody's runs to everybody", before: key("check-1-b", "check-1-a")},
	{check: "tenant/others-hook", name: "it has one dashboard for everybody", before: key("check-1-b", "check-1-a")},

	{check: "send/delivered", name: "it loses its webhooks", hook: func(d *delivery) { d.w.WriteHeader(200) }},
	{check: "send/content-type", name: "it calls its webhooks plain text", hook: func(d *delivery) {
		d.header.Set("Content-Type", "text/plain")
		d.forward()
	}},
	{check: "send/payload", name: "it leaves out a member of the webhook", hook: func(d *delivery) {
		d.body = bytes.Replace(d.body, []byte(`"status"`), []byte(`"state"`), 1)
		d.forward()
	}},
	{check: "send/signature", name: "it signs with something else", provider: "identitypass", hook: func(d *delivery) {
		d.header.Set("X-Identitypass-Signature", "bm90IHRoZSBrZXk=")
		d.forward()
	}},
	{check: "send/schedule", name: "it does not keep its schedule", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/gives-up", name: "it sends more often than it says", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/recognisable", name: "each attempt looks like a new event", hook: func(d *delivery) {
		d.body = append(d.body, bytes.Repeat([]byte(" "), d.n)...)
		d.forward()
	}},
	{check: "send/once", name: "it sends again what was received", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/redirect", name: "it follows redirects", hook: func(d *delivery) {
		d.follow = true
		d.forward()
	}},
	{check: "send/timeout", name: "it waits longer than it says", provider: "faceio", hook: func(d *delivery) {
		d.patient = true
		d.forward()
	}},
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
		e := &exchanged{request: r}
		var err error
		if e.sent, err = io.ReadAll(r.Body); err != nil {
			return // the checks have hung up
		}
		e.sent = hooks.redirected(e.sent)
		on := r.Clone(r.Context())
		on.RequestURI, on.URL.Scheme, on.URL.Host, on.Body = "", base.Scheme, base.Host, io.NopCloser(bytes.NewReader(e.sent))
		on.ContentLength = int64(len(e.sent))
		if f.before != nil {
			f.before(on)
		}
		answer, err := transport.RoundTrip(on)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer answer.Body.Close()
		e.status, e.header = answer.StatusCode, answer.Header
		if e.body, err = io.ReadAll(answer.Body); err != nil {
			t.Error(err)
		}
		if f.after != nil {
			f.after(e)
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

// Every check finds the provider that has its flaw, and says what the flaw is. A check that has none is no check.
func TestFlaws(t *testing.T) {
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if !slices.ContainsFunc(flaws, func(f flaw) bool { return f.check == c.ID }) {
			t.Errorf("%s has no provider with its flaw: add one, or take the check out", c.ID)
		}
	}
	mock := mockservertest.Start(t, mockserver.Config{})
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range flaws {
		t.Run(f.check, func(t *testing.T) {
			t.Parallel()
			name := f.provider
			if name == "" {
				name = "peleza"
			}
			p := providers[slices.IndexFunc(providers, func(p *openapi.Provider) bool { return p.Name == name })]
			report, err := Run(t.Context(), Target{URL: flawed(t, mock.URL(), f).URL + p.Prefix, Provider: p, Only: []string{f.check}, Seed: 1, Listen: "127.0.0.1:0"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if len(report.Results) != 1 {
				t.Fatalf("%d results", len(report.Results))
			}
			r := report.Results[0]
			want := map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail, conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}[r.Level]
			if r.Verdict != want || !strings.Contains(r.Cause, f.name) {
				t.Errorf("the provider has the flaw that %s; the check comes to %s, want %s: %s, likely %q", f.name, r.Verdict, want, r.Reason, r.Cause)
			}
			t.Log(r.Reason)
		})
	}
}
