package service_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// An application that is configured for an account of the server passes the core without further settings: events are signed
// with the account's secret, and the application calls the API of this server, which fails, responds late or contradicts the
// webhook when a check requires it.
func TestReferencePasses(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	h := start(t)
	state := h.wait(h.begin(ask(h.app(""), map[string]any{"core": true})).ID)
	for _, r := range state.Results {
		if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable && r.ID != "rotate/overlap-both" {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if state.State != "ended" || state.Code == nil || *state.Code != 0 || state.Done != state.Total || state.Account != key {
		t.Errorf("%+v", state.CheckRun)
	}
	if state.API != h.api || state.Secret["signing_secret"] == "" {
		t.Errorf("API %q, secret %v", state.API, state.Secret)
	}
	for _, id := range []string{"order/webhook-before-response", "ack/provider-api-down", "kyc/face-mismatch"} {
		if !slices.ContainsFunc(state.Results, func(r conformance.Result) bool { return r.ID == id && r.Verdict == conformance.Pass }) {
			t.Errorf("%s did not pass", id)
		}
	}
	// The run no longer intercepts the API.
	if resp := h.Account.Call(scheme, "getVerification", nil); resp.Status >= 500 {
		t.Errorf("the API responds %d %s", resp.Status, resp.Body)
	}
}

// The journal records each failure at once, without exchanges; the run and its reports have them.
func TestFailureIsRecorded(t *testing.T) {
	t.Parallel()
	h := start(t)
	run := h.begin(ask(h.app(reference.TrustsWebhookOverAPI), map[string]any{"run": []string{"kyc/state-disagrees", "evo/unknown-field"}}))
	state := h.wait(run.ID)
	if state.Total != 2 || state.Counts["fail"]+state.Counts["warn"] != 1 || state.Counts["pass"] != 1 {
		t.Fatalf("%+v", state.CheckRun)
	}
	for _, r := range state.Results {
		if len(r.Exchanges) > 0 {
			t.Errorf("%s: %d exchanges among the results", r.ID, len(r.Exchanges))
		}
		if !strings.HasPrefix(r.Repeat, "idmock check receiver "+state.URL+" --provider "+scheme+" --credential signing_secret=… ") || strings.Contains(r.Repeat, state.Secret["signing_secret"]) {
			t.Errorf("%s: repeat: %s", r.ID, r.Repeat)
		}
	}
	var result conformance.Result
	h.get("/conformance/runs/"+run.ID+"/checks/kyc/state-disagrees", &result)
	if e := result.Decisive(); e == nil || !strings.Contains(e.Request, "POST /hooks HTTP/1.1") || !strings.Contains(e.Curl, "curl") || result.Cause == "" {
		t.Errorf("%+v", result)
	}

	var started, ended []journal.CheckRun
	for _, entry := range mockservertest.Entries[journal.CheckRun](h.Account) {
		if entry.State == "running" {
			started = append(started, entry)
		} else {
			ended = append(ended, entry)
		}
	}
	checks := mockservertest.Entries[journal.Check](h.Account)
	if len(started) != 1 || len(ended) != 1 || len(checks) != 2 || ended[0].Counts["pass"] != 1 || ended[0].Conclusion == "" || checks[1].Done != 2 || checks[1].CheckRun != run.ID {
		t.Errorf("the journal has %+v, %+v, %+v", started, checks, ended)
	}
	for _, entry := range h.Journal() {
		if strings.Contains(string(entry.Data), "POST /hooks") || strings.Contains(string(entry.Data), state.Secret["signing_secret"]) && strings.HasPrefix(entry.Kind, "check") {
			t.Errorf("the journal holds an exchange: %s", entry.Data)
		}
	}
	for format, want := range map[string]string{"json": `"id": "kyc/state-disagrees"`, "junit": `name="kyc/state-disagrees"`, "html": "kyc/state-disagrees", "text": "kyc/state-disagrees"} {
		if resp := h.DefaultAccount().Control("GET", "/conformance/runs/"+run.ID+"?format="+format, nil); resp.Status != 200 || !strings.Contains(string(resp.Body), want) {
			t.Errorf("%s: %d %s", format, resp.Status, resp.Body)
		}
	}
	var list []control.CheckRun
	if h.get("/conformance/runs?account="+key, &list); len(list) != 1 || list[0].ID != run.ID {
		t.Errorf("the runs are %+v", list)
	}
	h.Server.Account("another").Webhook(scheme, "http://127.0.0.1:1/hooks") // which opens the account
	if h.get("/conformance/runs?account=another", &list); len(list) != 0 {
		t.Errorf("the runs of another account are %+v", list)
	}
}

// A request that waits for a report gets the final one.
func TestReportWaits(t *testing.T) {
	t.Parallel()
	h := start(t)
	run := h.begin(ask(h.app(""), map[string]any{"run": []string{"evo/unknown-field"}}))
	resp := h.DefaultAccount().Control("GET", "/conformance/runs/"+run.ID+"?wait=1m&format=text", nil)
	if resp.Status != 200 || !strings.Contains(string(resp.Body), "1 of 1 checks passed") && !strings.Contains(string(resp.Body), "1 of 1 check passed") {
		t.Errorf("%d %s", resp.Status, resp.Body)
	}
}

// Verifications that the application starts during a run belong to the checks: the server plays no scenario for them and sends
// no events of its own.
func TestPrepare(t *testing.T) {
	t.Parallel()
	h := start(t)
	app := h.app("")
	h.Account.Webhook(scheme, app+"/hooks")
	state := h.wait(h.begin(ask(app, map[string]any{"prepare": app + "/start/{subject}", "run": []string{"auth/forged-signature", "idem/duplicate-sequential"}})).ID)
	if state.Counts["pass"] != 2 {
		t.Errorf("%+v", state)
	}
	h.Idle()
	if calls, deliveries := mockservertest.Entries[journal.Call](h.Account), mockservertest.Entries[journal.Event](h.Account); len(calls) > 0 || len(deliveries) > 0 {
		t.Errorf("the server played %+v and sent %+v", calls, deliveries)
	}
	// After the run, the server plays scenarios again.
	h.Account.Call(scheme, "createVerification", map[string]any{"subject": "12345678901"})
	if calls := mockservertest.Entries[journal.Call](h.Account); len(calls) != 1 {
		t.Errorf("the server played %+v", calls)
	}
}

// The checks send the headers of the account's endpoint with the same URL.
func TestEndpointHeaders(t *testing.T) {
	t.Parallel()
	h := start(t)
	sent := make(chan string, 100)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case sent <- r.Header.Get("X-From"):
		default:
		}
	}))
	defer app.Close()
	resp := h.Account.Control("POST", "/endpoints", map[string]any{"provider": scheme, "url": app.URL + "/hooks", "headers": [][2]string{{"X-From", "the endpoint"}}})
	if resp.Status != 200 {
		t.Fatalf("%d %s", resp.Status, resp.Body)
	}
	state := h.wait(h.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": app.URL + "/hooks", "run": []string{"ack/2xx"}}).ID)
	if got := <-sent; got != "the endpoint" || !strings.Contains(state.Headline, "accepts forged events") {
		t.Errorf("sent with %q: %+v", got, state.CheckRun)
	}
}

// The mock passes as its provider.
func TestProvider(t *testing.T) {
	t.Parallel()
	h := start(t)
	state := h.wait(h.begin(map[string]any{"kind": "provider", "provider": scheme, "url": h.api, "key": key}).ID)
	if state.Kind != "provider" || state.Counts["fail"] != 0 || state.Counts["pass"] == 0 || state.Done != state.Total {
		t.Errorf("%+v", state.CheckRun)
	}
}

// The checks receive all settings: the command that repeats a check has them.
func TestSettings(t *testing.T) {
	t.Parallel()
	h := start(t)
	const unreachable = "http://127.0.0.1:1"
	for _, c := range []struct {
		ask  map[string]any
		want string
	}{
		{map[string]any{"kind": "receiver", "provider": scheme, "url": unreachable + "/hooks", "credential": map[string]string{"signing_secret": "whsec_bWluZQ=="}, "next_secret": "whsec_bmV4dA==",
			"header": []string{"X-A: 1"}, "probe": unreachable + "/p/{subject}", "probe_value": "$.v", "probe_effects": "$.e", "probe_text": "$.t", "granted": []string{"ok", "in"},
			"reset": unreachable + "/r", "prepare": unreachable + "/q/{subject}", "start": unreachable + "/s/{subject}", "restart": unreachable + "/z", "other_secret": "whsec_b3RoZXI=", "old_secret": "whsec_b2xk", "api_addr": "127.0.0.1:0", "run": []string{"auth/*"}, "skip": []string{"auth/forged*"}, "core": true, "seed": 7},
			"idmock check receiver " + unreachable + "/hooks --provider " + scheme + " --credential signing_secret=… --header 'X-A: …' --next-secret … --other-secret … --old-secret … --probe '" + unreachable + "/p/{subject}' --probe-value '$.v' --probe-effects '$.e' " +
				"--probe-text '$.t' --granted ok,in --reset " + unreachable + "/r --prepare '" + unreachable + "/q/{subject}' --start '" + unreachable + "/s/{subject}' --restart " + unreachable + "/z --run auth/valid-accepted --seed 7"},
		{map[string]any{"kind": "provider", "provider": scheme, "url": unreachable + "/api", "key": "k", "other_key": "o", "bad_key": "b", "forbidden_key": "f", "listen": "127.0.0.1:0", "listen_url": unreachable,
			"run": []string{"call/served"}, "seed": 7},
			"idmock check provider " + unreachable + "/api --provider " + scheme + " --key … --other-key … --bad-key … --forbidden-key … --listen 127.0.0.1:0 --listen-url " + unreachable + " --run call/served --seed 7"},
	} {
		state := h.wait(h.begin(c.ask).ID)
		if len(state.Results) == 0 || !slices.ContainsFunc(state.Results, func(r conformance.Result) bool { return r.Repeat == c.want }) {
			t.Errorf("repeat commands in %+v\nwant %s", state.Results, c.want)
		}
		if slices.ContainsFunc(state.Results, func(r conformance.Result) bool { return !r.Core && state.Kind == "receiver" }) {
			t.Errorf("more than the core: %+v", state.Results)
		}
	}
}

// A run against an unreachable receiver says so.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	h := start(t)
	for url, want := range map[string]string{
		"http://127.0.0.1:1/hooks":                 "Cannot connect to",
		"http://169.254.169.254/latest/meta-data/": "169.254.169.254 is a metadata address, which is not allowed as a target",
	} {
		state := h.wait(h.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": url}).ID)
		if state.Code == nil || *state.Code != 2 || !strings.Contains(state.Headline, want) {
			t.Errorf("%s: %+v", url, state.CheckRun)
		}
	}
	state := h.wait(h.begin(map[string]any{"kind": "provider", "provider": scheme, "url": "http://169.254.169.254/"}).ID)
	if !strings.Contains(state.Headline, "not allowed as a target") {
		t.Errorf("%+v", state.CheckRun)
	}
}

// Invalid requests are refused at once, with a hint.
func TestRefused(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, c := range []struct {
		change map[string]any
		want   string
	}{
		{map[string]any{"start": "touch /tmp/pwned"}, "start: must be a URL"},
		{map[string]any{"reset": "id", "prepare": "id"}, "prepare, reset: must be a URL"},
		{map[string]any{"url": "nowhere"}, `url: invalid URL \"nowhere\"`},
		{map[string]any{"probe": "cat /etc/passwd"}, "probe: "},
		{map[string]any{"provider": "unknown"}, "use one of standard-webhooks, body-hmac"},
		{map[string]any{"kind": "sender"}, "use receiver or provider"},
		{map[string]any{"run": []string{"nothing/*"}}, "no check matches"},
		{map[string]any{"header": []string{"nonsense"}}, "use NAME: VALUE"},
		{map[string]any{"credential": map[string]string{"other": "x"}}, "use api_key, signing_secret"},
		{map[string]any{"switch": map[string]string{"other": "x"}}, "switch"},
		{map[string]any{"waivers": "- {id: a}"}, "waivers: "},
	} {
		resp := h.Account.Control("POST", "/conformance/runs", ask("http://127.0.0.1:1", c.change))
		if resp.Status != http.StatusUnprocessableEntity || !strings.Contains(string(resp.Body), c.want) {
			t.Errorf("%v: %d %s, want %s", c.change, resp.Status, resp.Body, c.want)
		}
	}
	if state := mockservertest.Entries[journal.CheckRun](h.DefaultAccount()); len(state) > 0 {
		t.Errorf("the journal has %+v", state)
	}
}

// The list of checks includes the reason for which one does not apply.
func TestList(t *testing.T) {
	t.Parallel()
	h := start(t)
	for _, c := range []struct{ query, id, want string }{
		{"?provider=" + scheme, "auth/static-token-missing", "auth/static-token-missing MUST false this provider signs events instead of sending a constant"},
		{"", "auth/static-token-missing", "auth/static-token-missing MUST true "},
		{"?kind=provider", "call/served", "call/served MUST true "},
	} {
		var all []control.Check
		h.get("/conformance/checks"+c.query, &all)
		found := ""
		for _, check := range all {
			if check.ID == c.id {
				found = fmt.Sprintf("%s %s %v %s", check.ID, check.Level, check.Applies, check.Reason)
			}
		}
		if len(all) < 20 || found != c.want {
			t.Errorf("%s: %d checks, %q, want %q", c.query, len(all), found, c.want)
		}
	}
}
