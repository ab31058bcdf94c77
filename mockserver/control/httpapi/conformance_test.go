package httpapi_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/store"
)

// checks is a backend with a running conformance run and one of its checks.
type checks struct{ *backend }

var checkRun = control.CheckRun{ID: "k-1", Account: "test_sk_1", Kind: "receiver", Provider: "acme", URL: "http://app/hooks", State: "running", Started: start, Seed: 1<<64 - 1, Total: 2, Done: 1,
	Counts: map[string]int{"fail": 1}, Secret: map[string]string{"key": "k"}}

const checkResult = `{"id":"auth/forged-signature","level":"MUST","title":"T","why":"W","ref":"R","core":true,"verdict":"fail","reason":"<b>","ms":1.5}`

func (b checks) Profiles(context.Context) ([]control.CheckProfile, error) {
	return []control.CheckProfile{{Name: "acme", Title: "Acme", Kinds: []string{"receiver", "provider"}}}, b.failed()
}

func (b checks) List(_ context.Context, kind, provider string) ([]control.Check, error) {
	if provider == "unknown" {
		return nil, control.Invalidf("no provider is called %q", provider)
	}
	return []control.Check{{ID: "auth/forged-signature", Level: "MUST", Title: kind, Core: true, Reason: "it signs nothing"}}, b.failed()
}

func (b checks) Begin(_ context.Context, r control.CheckRequest) (control.CheckRun, error) {
	if r.Start == "rm -rf /" {
		return control.CheckRun{}, control.Invalidf("start: want a URL")
	}
	b.requested = r
	return checkRun, b.failed()
}

func (b checks) Runs(context.Context, string) ([]control.CheckRun, error) {
	return []control.CheckRun{checkRun}, b.failed()
}

func (b checks) known(id string) error {
	if id != checkRun.ID {
		return fmt.Errorf("run %q: %w", id, store.ErrNotFound)
	}
	return b.failed()
}

func (b checks) Run(_ context.Context, id string, patience time.Duration) (control.CheckReport, error) {
	report := control.CheckReport{CheckRun: checkRun, Results: []json.RawMessage{[]byte(checkResult)}}
	if patience > 0 {
		right := 0
		report.State, report.Ended, report.Code, report.Conclusion = "ended", start, &right, "It is right."
	}
	return report, b.known(id)
}

func (b checks) Result(_ context.Context, id, check string) (json.RawMessage, error) {
	if check != "auth/forged-signature" {
		return nil, fmt.Errorf("check %q: %w", check, store.ErrNotFound)
	}
	return []byte(strings.TrimSuffix(checkResult, "}") + `,"exchanges":[{"note":"","request":"POST"}]}`), b.known(id)
}

func (b checks) Report(_ context.Context, id, format string) ([]byte, error) {
	return []byte(map[string]string{"json": `{"format":1,"tool":"idmock"}`, "junit": "<testsuites/>", "html": "<p>", "text": "fail"}[format]), b.known(id)
}

func (b checks) Stop(_ context.Context, id string) (control.CheckRun, error) {
	report := checkRun
	report.State = "stopped"
	return report, b.known(id)
}

// checking are the requests about checks.
func checking(long string) []exchange {
	return []exchange{
		{want: 200, request: "GET /conformance/profiles", says: `"kinds":["receiver","provider"],"base":""`},
		{want: 400, request: "GET /conformance/profiles?account=a"},
		{want: 500, request: "GET /conformance/profiles", fails: true},
		{want: 200, request: "GET /conformance/checks?provider=acme", says: `"title":"receiver","core":true,"applies":false,"reason":"it signs nothing"`},
		{want: 200, request: "GET /conformance/checks?kind=provider", says: `"title":"provider"`},
		{want: 400, request: "GET /conformance/checks?account=a"},
		{want: 422, request: "GET /conformance/checks?provider=unknown"},
		{want: 500, request: "GET /conformance/checks", fails: true},
		{want: 200, request: "GET /conformance/runs?account=test_sk_1", says: `"seed":18446744073709551615`},
		{want: 400, request: "GET /conformance/runs?state=running"},
		{want: 500, request: "GET /conformance/runs", fails: true},
		{want: 202, request: "POST /conformance/runs?account=test_sk_1", body: `{"kind":"receiver","provider":"acme","url":"http://app/hooks","run":["auth/*"],"core":true,"credential":{"key":"k"},"header":["A: b"]}`, says: `"state":"running"`},
		{want: 400, request: "POST /conformance/runs", body: `{"kind":"receiver","probe_command":"id"}`, says: `unknown field \"probe_command\"`},
		{want: 413, request: "POST /conformance/runs", body: long},
		{want: 422, request: "POST /conformance/runs", body: `{"kind":"receiver","provider":"acme"}`, says: "url is required"},
		{want: 422, request: "POST /conformance/runs", body: `{"kind":"receiver","provider":"acme","url":"http://app/hooks","start":"rm -rf /"}`, says: "want a URL"},
		{want: 500, request: "POST /conformance/runs", body: `{"kind":"receiver","provider":"acme","url":"http://app/hooks"}`, fails: true},
		{want: 200, request: "GET /conformance/runs/k-1", says: `"results":[{"id":"auth/forged-signature"`},
		{want: 200, request: "GET /conformance/runs/k-1?wait=5s", says: `"state":"ended"`},
		{want: 200, request: "GET /conformance/runs/k-1?format=json", says: `"format":1`},
		{want: 200, request: "GET /conformance/runs/k-1?format=text", says: "fail"},
		{want: 400, request: "GET /conformance/runs/k-1?format=pdf", says: "use json, junit, html or text"},
		{want: 404, request: "GET /conformance/runs/k-9"},
		{want: 422, request: "GET /conformance/runs/k-1?wait=soon"},
		{want: 500, request: "GET /conformance/runs/k-1", fails: true},
		{want: 200, request: "DELETE /conformance/runs/k-1", says: `"state":"stopped"`},
		{want: 400, request: "DELETE /conformance/runs/k-1?account=a"},
		{want: 404, request: "DELETE /conformance/runs/k-9"},
		{want: 500, request: "DELETE /conformance/runs/k-1", fails: true},
		{want: 200, request: "GET /conformance/runs/k-1/checks/auth/forged-signature", says: `"exchanges":[{`},
		{want: 400, request: "GET /conformance/runs/k-1/checks/auth/forged-signature?x"},
		{want: 404, request: "GET /conformance/runs/k-1/checks/auth/other"},
		{want: 500, request: "GET /conformance/runs/k-1/checks/auth/forged-signature", fails: true},
	}
}

// The request reaches the backend unchanged, with the account of the query.
func TestChecksAreAskedFor(t *testing.T) {
	b := newBackend(store.Retention{})
	server := httptest.NewServer(b.handler(httpapi.Options{}))
	defer server.Close()
	answer, err := http.Post(server.URL+control.Base+"/conformance/runs?account=mine", "", strings.NewReader(
		`{"kind":"provider","provider":"acme","url":"http://x","key":"k","run":["error/*"],"skip":["send/*"],"seed":7,"waivers":"- {}"}`))
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusAccepted || answer.Header.Get("Location") != control.Base+"/conformance/runs/k-1" {
		t.Errorf("%d, Location %q", answer.StatusCode, answer.Header.Get("Location"))
	}
	if j := b.requested; j.Account != "mine" || j.Key != "k" || len(j.Only) != 1 || j.Only[0] != "error/*" || len(j.Skip) != 1 || j.Seed != 7 || j.Waivers == "" {
		t.Errorf("%+v", j)
	}
}

// A report contains foreign text: browsers run nothing in it.
func TestReportsRunNothing(t *testing.T) {
	b := newBackend(store.Retention{})
	server := httptest.NewServer(b.handler(httpapi.Options{}))
	defer server.Close()
	for format, kind := range map[string]string{"json": "application/json", "junit": "application/xml", "html": "text/html; charset=utf-8", "text": "text/plain; charset=utf-8"} {
		answer, err := http.Get(server.URL + control.Base + "/conformance/runs/k-1?format=" + format)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if got := answer.Header.Get("Content-Type"); got != kind || !strings.HasPrefix(answer.Header.Get("Content-Security-Policy"), "sandbox; default-src 'none'") {
			t.Errorf("%s: %v", format, answer.Header)
		}
	}
}

// Without a conformance suite, the API names the command that has one.
func TestWithoutConformanceSuite(t *testing.T) {
	server := httptest.NewServer(httpapi.New(control.Backend{Journal: newBackend(store.Retention{})}, httpapi.Options{}))
	defer server.Close()
	for _, request := range []string{"GET /conformance/profiles", "GET /conformance/checks", "GET /conformance/runs", "POST /conformance/runs", "GET /conformance/runs/k-1", "DELETE /conformance/runs/k-1", "GET /conformance/runs/k-1/checks/auth/x"} {
		method, path, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+control.Base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusNotImplemented || !strings.Contains(string(body), "mockserver.Config.Checks") {
			t.Errorf("%s: %d %s %v", request, answer.StatusCode, body, err)
		}
	}
}
