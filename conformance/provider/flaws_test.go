package provider

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
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
	strict                bool                // it is in front of the mock that calls public addresses only
	hides                 bool                // it does not say that it calls local ones, too
	body                  func([]byte) []byte // of a call
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

// replaced changes what stands in the body of a call.
func replaced(what, by string) func([]byte) []byte {
	pattern := regexp.MustCompile(what)
	return func(body []byte) []byte { return pattern.ReplaceAll(body, []byte(by)) }
}

// leads has a host in a URL pass for a public one that leads to this machine.
func leads(host string) func([]byte) []byte {
	return replaced(`(://)`+host+`([:/])`, "${1}"+reachable+"${2}")
}

// edits changes what stands in the body of a webhook.
func edits(what, by string) func(*delivery) {
	change := replaced(what, by)
	return func(d *delivery) {
		d.body = change(d.body)
		d.forward()
	}
}

// keeps sends the first value of a header with each webhook.
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

// together holds the second attempts back until all of them are there.
func together() func(*delivery) {
	const several = 8
	var mu sync.Mutex
	var held []*delivery
	return func(d *delivery) {
		mu.Lock()
		defer mu.Unlock()
		if d.n <= several {
			d.forward()
			return
		}
		if held = append(held, d); len(held) < several {
			d.w.WriteHeader(http.StatusInternalServerError)
			return
		}
		for _, one := range held {
			one.r = d.r
			one.done = one != d
			one.forward()
		}
	}
}

// showsSecrets adds the secret of what was registered to every later answer.
func showsSecrets() func(*exchanged) {
	var mu sync.Mutex
	var secret []byte
	pattern := regexp.MustCompile(`"signing_secret":"[^"]*"`)
	return func(e *exchanged) {
		mu.Lock()
		defer mu.Unlock()
		if found := pattern.Find(e.body); found != nil && e.request.Method == http.MethodPost {
			secret = found
		} else if e.request.Method == http.MethodGet && len(secret) > 0 {
			e.body = bytes.Replace(e.body, []byte(`"url"`), append(slices.Clone(secret), `,"url"`...), 1)
		}
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
	{check: "tenant/others-run", name: "it shows everybody's runs to everybody", before: key("-b", "-a")},
	{check: "tenant/others-hook", name: "it has one dashboard for everybody", before: key("-b", "-a")},

	{check: "reg/https-only", name: "it registers http", provider: "stratus", strict: true, body: replaced(`http://hooks\.idmock-check`, "https://hooks.idmock-check")},
	{check: "reg/no-credentials-in-url", name: "it registers a password", strict: true, body: replaced(`hook:swordfish@`, "")},
	{check: "reg/unusual-scheme", name: "it registers any scheme", strict: true, body: replaced(`gopher:`, "http:")},
	{check: "reg/unusual-port", name: "it registers the ports of other services", strict: true, body: replaced(`:25/`, "/")},
	{check: "reg/url-length-unicode-idn", name: "it changes URLs", body: replaced(`a%2Fb`, "a/b")},
	{check: "reg/error-shape", name: "its refusals are in a shape of their own", after: func(e *exchanged) {
		if e.status == 400 {
			e.body = []byte(`{"errors":["url"]}`)
		}
	}},
	{check: "reg/unknown-event-name", name: "it takes any event", provider: "idwise", strict: true, body: replaced(`no\.such\.event`, "Finished Journey")},
	{check: "reg/duplicate-url", name: "it sends twice what was registered twice", hook: func(d *delivery) {
		d.forward()
		if d.n > 1 {
			d.forward()
		}
	}},
	{check: "reg/disable-delete-stops-delivery", name: "it goes on sending after the end", before: func(r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Body = io.NopCloser(bytes.NewReader(body)); err == nil && bytes.Contains(body, []byte(`"webhook_url":""`)) {
			r.Method, r.Body, r.ContentLength = http.MethodGet, nil, 0
		}
	}},
	{check: "reg/disable-delete-stops-delivery", name: "it goes on sending after the end", provider: "nimbus", before: func(r *http.Request) {
		if r.Method == http.MethodDelete {
			r.Method = http.MethodGet
		}
	}},
	{check: "reg/tenant-isolation", name: "it has one webhook for everybody", before: func(r *http.Request) {
		key("-b-", "-a-")(r)
		r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "-b-", "-a-", 1)
	}},
	{check: "reg/secret-strength", name: "its secrets are short", provider: "faceio", after: func(e *exchanged) {
		if strings.Contains(e.request.URL.Path, "/accounts/") {
			e.body = regexp.MustCompile(`"webhook_token":"[^"]{8}`).ReplaceAll(e.body, []byte(`"webhook_token":"`))
			e.body = regexp.MustCompile(`("webhook_token":")[0-9a-f]*`).ReplaceAll(e.body, []byte("${1}0123456789abcdef"))
		}
	}},
	{check: "reg/loopback", name: "it calls itself", strict: true, body: leads(`127\.8\.9\.1`)},
	{check: "reg/private-ipv4", name: "it calls private networks", strict: true, body: leads(`172\.16\.0\.1`)},
	{check: "reg/link-local-metadata", name: "it calls the metadata service", strict: true, body: leads(`169\.254\.170\.2`)},
	{check: "reg/link-local-metadata", name: "it calls the metadata service", strict: true, body: replaced(`169\.254\.169\.254:[0-9]+`, closed)}, // where nobody listens
	{check: "reg/link-local-metadata", name: "it calls the metadata service", after: func(e *exchanged) {
		if e.status == 400 {
			e.status = 500
		}
	}},
	{check: "reg/ipv6-loopback-ula-linklocal", name: "it forgets IPv6", strict: true, body: leads(`\[fd12:3456::1\]`)},
	{check: "reg/v4-mapped-v6", name: "it calls an IPv4 address that is written as an IPv6 one", strict: true, body: leads(`\[::ffff:7f00:1\]`)},
	{check: "reg/nat64-6to4-teredo", name: "it calls translated addresses", strict: true, body: leads(`\[2002:7f00:1::\]`)},
	{check: "reg/decimal-octal-hex-ip", name: "it takes numbers for names", strict: true, body: leads(`0177\.0\.0\.1`)},
	{check: "reg/short-ip", name: "it takes a short address for a name", strict: true, body: leads(`127\.1`)},
	{check: "reg/unicode-ip", name: "it takes other digits for a name", strict: true, body: leads(`127。0。0。1`)},
	{check: "reg/mixed-A-AAAA", name: "it looks at one address and calls another", strict: true, body: leads(`both\.[a-z0-9.-]+`)},
	{check: "reg/wildcard-dns", name: "it takes any name for a public one", hides: true},
	{check: "reg/dns-rebinding", name: "it asks for the address once, when the webhook is registered", hides: true},
	{check: "reg/redirect-to-private", name: "it follows a redirect inside", hook: func(d *delivery) {
		d.follow = true
		d.forward()
	}},

	{check: "send/429-retry-after-honoured", name: "it does not wait as long as Retry-After asks", provider: "nimbus", hook: func(d *delivery) {
		d.forward()
		d.forward()
	}},
	{check: "send/410-disables", name: "it goes on after a 410", provider: "nimbus", hook: func(d *delivery) {
		d.answers = 500
		d.forward()
	}},
	{check: "send/order-metadata-present", name: "all of its events happened at the same time", provider: "nimbus", hook: edits(`"occurred_at":\s*"[^"]*"`, `"occurred_at":"2026-01-02T03:04:05Z"`)},
	{check: "send/test-mode-flag", name: "its test events look like live ones", provider: "nimbus", hook: edits(`"test":\s*true`, `"test":false`)},
	{check: "send/resend-endpoint", name: "it sends another event instead of the same", provider: "nimbus", hook: func(d *delivery) {
		if d.n > 1 {
			d.header.Set("Webhook-Id", "another")
		}
		d.forward()
	}},

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

// rememberingFlaws are those that remember what went through them, and so are made for each run.
func rememberingFlaws() []flaw {
	return []flaw{
		{check: "reg/secret-returned-once", name: "it shows the secret again", provider: "nimbus", after: showsSecrets()},
		{check: "send/timestamp-fresh", name: "it signs a retry with the time of the first attempt", provider: "acme", hook: keeps("Webhook-Timestamp")},
		{check: "send/timestamp-fresh", name: "it signs a retry with the time of the first attempt", provider: "umbra", hook: keeps("Umbra-Signature")},
		{check: "send/jitter", name: "its retries come all at the same time", provider: "nimbus", hook: together()},
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
		e := &exchanged{request: r}
		var err error
		if e.sent, err = io.ReadAll(r.Body); err != nil {
			return // the checks have hung up
		}
		e.sent = hooks.redirected(e.sent)
		if f.body != nil {
			e.sent = f.body(e.sent)
		}
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

// Every check finds the provider that has its flaw, and says what the flaw is. A check that has none is no check.
func TestFlaws(t *testing.T) {
	t.Parallel()
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	flaws := append(rememberingFlaws(), flaws...)
	for _, c := range all {
		if !slices.ContainsFunc(flaws, func(f flaw) bool { return f.check == c.ID }) {
			t.Errorf("%s has no provider with its flaw: add one, or take the check out", c.ID)
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
			want := map[conformance.Level]conformance.Verdict{conformance.Must: conformance.Fail, conformance.Should: conformance.Warn, conformance.Info: conformance.Noted}[r.Level]
			if r.Verdict != want || !strings.Contains(r.Cause, f.name) {
				t.Errorf("the provider has the flaw that %s; the check comes to %s, want %s: %s, likely %q", f.name, r.Verdict, want, r.Reason, r.Cause)
			}
			t.Log(r.Reason)
			if f.strict { // it has this flaw, and no other
				target.Only, target.Skip = []string{"reg/*"}, []string{f.check, "reg/redirect-to-private"}
				target.Seed += 1000
				report, err := Run(t.Context(), target, nil)
				if err != nil {
					t.Fatal(err)
				}
				for _, r := range report.Results {
					if r.Verdict == conformance.Fail || r.Verdict == conformance.Error {
						t.Errorf("the flaw that %s fails %s, too: %s", f.name, r.ID, r.Reason)
					}
				}
			}
		})
	}
}
