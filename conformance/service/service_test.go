package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/conformance/service"
	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

const (
	scheme = "standard-webhooks"
	key    = "key-of-the-checks"
)

// judge is a server that makes checks, which serves the provider of the reference receiver.
type judge struct {
	*mockservertest.Server
	*mockservertest.Account
	t   testing.TB
	api string // base URL of the provider
}

func start(t testing.TB) *judge {
	t.Helper()
	p, err := receiver.OpenGeneric(scheme)
	if err != nil {
		t.Fatal(err)
	}
	s := mockservertest.Start(t, mockserver.Config{Providers: []*openapi.Provider{p}, Checks: service.New, Version: "v0.3.0"})
	return &judge{s, s.Account(key), t, s.URL() + p.Prefix}
}

// app starts an application that is configured for the account, with a flaw or, with "", without.
func (j *judge) app(flaw string) string {
	j.t.Helper()
	j.Account.Webhook(scheme, "http://127.0.0.1:1/hooks") // which opens the account
	var account control.Account
	j.get("/accounts/"+key, &account)
	app := reference.New(reference.Config{Scheme: scheme, Secrets: []string{account.Credentials[scheme]["signing_secret"]}, API: j.api, Key: key, Flaw: flaw})
	server := httptest.NewServer(app)
	j.t.Cleanup(func() { server.Close(); app.Close() })
	return server.URL
}

func (j *judge) get(path string, into any) {
	j.t.Helper()
	answer := j.Everybody().Control("GET", path, nil)
	if answer.Status != 200 {
		j.t.Fatalf("GET %s: %d %s", path, answer.Status, answer.Body)
	}
	if err := json.Unmarshal(answer.Body, into); err != nil {
		j.t.Fatal(err)
	}
}

// begin begins a run for the account.
func (j *judge) begin(ask map[string]any) control.CheckRun {
	j.t.Helper()
	answer := j.Account.Control("POST", "/conformance/runs", ask)
	var run control.CheckRun
	if err := json.Unmarshal(answer.Body, &run); err != nil || answer.Status != http.StatusAccepted || run.State != "running" {
		j.t.Fatalf("%d %s %v", answer.Status, answer.Body, err)
	}
	return run
}

type report struct {
	control.CheckRun
	Results []conformance.Result
}

// wait waits until a run has ended.
func (j *judge) wait(id string) report {
	j.t.Helper()
	var told report
	j.get("/conformance/runs/"+id+"?wait=2m", &told)
	if told.State == "running" {
		j.t.Fatalf("it does not end: %+v", told.CheckRun)
	}
	return told
}

// ask is what the page sends of a receiver when nothing but its address and hooks is filled in.
func ask(app string, more map[string]any) map[string]any {
	made := map[string]any{"kind": "receiver", "provider": scheme, "url": app + "/hooks", "probe": app + "/subjects/{subject}", "probe_text": "$.name", "start": app + "/start/{subject}"}
	for name, value := range more {
		made[name] = value
	}
	return made
}

// An application that is configured for an account of the server passes the core with nothing typed in: events are signed
// with the account's secret, and the provider's API that it calls is this server's, which is down, late and of another
// opinion when a check says so.
func TestReferencePasses(t *testing.T) {
	t.Parallel()
	j := start(t)
	told := j.wait(j.begin(ask(j.app(""), map[string]any{"core": true})).ID)
	for _, r := range told.Results {
		if r.Verdict != conformance.Pass && r.Verdict != conformance.NotApplicable && r.ID != "rotate/overlap-both" {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	if told.State != "ended" || told.Code == nil || *told.Code != 0 || told.Done != told.Total || told.Account != key {
		t.Errorf("%+v", told.CheckRun)
	}
	if told.API != j.api || told.Secret["signing_secret"] == "" {
		t.Errorf("API %q, secret %v", told.API, told.Secret)
	}
	for _, id := range []string{"order/webhook-before-response", "ack/provider-api-down", "kyc/face-mismatch"} {
		if !slices.ContainsFunc(told.Results, func(r conformance.Result) bool { return r.ID == id && r.Verdict == conformance.Pass }) {
			t.Errorf("%s was not passed", id)
		}
	}
	// The gate is gone with the run.
	if answer := j.Account.Call(scheme, "getVerification", nil); answer.Status >= 500 {
		t.Errorf("the API answers %d %s", answer.Status, answer.Body)
	}
}

// What fails is told in the journal as it comes, without what was sent; the run has that, and every report of it.
func TestFlawIsTold(t *testing.T) {
	t.Parallel()
	j := start(t)
	run := j.begin(ask(j.app("trusts the webhook more than the API"), map[string]any{"run": []string{"kyc/state-disagrees", "evo/unknown-field"}}))
	told := j.wait(run.ID)
	if told.Total != 2 || told.Counts["fail"]+told.Counts["warn"] != 1 || told.Counts["pass"] != 1 {
		t.Fatalf("%+v", told.CheckRun)
	}
	for _, r := range told.Results {
		if len(r.Exchanges) > 0 {
			t.Errorf("%s: %d exchanges among the results", r.ID, len(r.Exchanges))
		}
		if !strings.HasPrefix(r.Repeat, "idmock check receiver "+told.URL+" --provider "+scheme+" --credential signing_secret=… ") || strings.Contains(r.Repeat, told.Secret["signing_secret"]) {
			t.Errorf("%s: again: %s", r.ID, r.Repeat)
		}
	}
	var one conformance.Result
	j.get("/conformance/runs/"+run.ID+"/checks/kyc/state-disagrees", &one)
	if e := one.Decisive(); e == nil || !strings.Contains(e.Request, "POST /hooks HTTP/1.1") || !strings.Contains(e.Curl, "curl") || one.Cause == "" {
		t.Errorf("%+v", one)
	}

	var begun, ended []journal.CheckRun
	for _, entry := range mockservertest.Told[journal.CheckRun](j.Account) {
		if entry.State == "running" {
			begun = append(begun, entry)
		} else {
			ended = append(ended, entry)
		}
	}
	checks := mockservertest.Told[journal.Check](j.Account)
	if len(begun) != 1 || len(ended) != 1 || len(checks) != 2 || ended[0].Counts["pass"] != 1 || ended[0].Sentence == "" || checks[1].Done != 2 || checks[1].CheckRun != run.ID {
		t.Errorf("the journal tells %+v, %+v, %+v", begun, checks, ended)
	}
	for _, entry := range j.Journal() {
		if strings.Contains(string(entry.Data), "POST /hooks") || strings.Contains(string(entry.Data), told.Secret["signing_secret"]) && strings.HasPrefix(entry.Kind, "check") {
			t.Errorf("the journal holds an exchange: %s", entry.Data)
		}
	}
	for format, want := range map[string]string{"json": `"id": "kyc/state-disagrees"`, "junit": `name="kyc/state-disagrees"`, "html": "kyc/state-disagrees", "text": "kyc/state-disagrees"} {
		if answer := j.Everybody().Control("GET", "/conformance/runs/"+run.ID+"?format="+format, nil); answer.Status != 200 || !strings.Contains(string(answer.Body), want) {
			t.Errorf("%s: %d %s", format, answer.Status, answer.Body)
		}
	}
	var list []control.CheckRun
	if j.get("/conformance/runs?account="+key, &list); len(list) != 1 || list[0].ID != run.ID {
		t.Errorf("the runs are %+v", list)
	}
	if j.get("/conformance/runs?account=somebody-else", &list); len(list) != 0 {
		t.Errorf("somebody else's runs are %+v", list)
	}
}

// Who waits for a report gets the one of the end.
func TestReportWaits(t *testing.T) {
	t.Parallel()
	j := start(t)
	run := j.begin(ask(j.app(""), map[string]any{"run": []string{"evo/unknown-field"}}))
	answer := j.Everybody().Control("GET", "/conformance/runs/"+run.ID+"?wait=1m&format=text", nil)
	if answer.Status != 200 || !strings.Contains(string(answer.Body), "1 of 1 checks passed") && !strings.Contains(string(answer.Body), "1 of 1 check passed") {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

// An application that begins verifications while it is prepared begins them with the checks: the server plays nothing for
// them, and sends nothing beside what the checks send.
func TestPrepare(t *testing.T) {
	t.Parallel()
	j := start(t)
	app := j.app("")
	j.Account.Webhook(scheme, app+"/hooks")
	told := j.wait(j.begin(ask(app, map[string]any{"prepare": app + "/start/{subject}", "run": []string{"auth/forged-signature", "idem/duplicate-sequential"}})).ID)
	if told.Counts["pass"] != 2 {
		t.Errorf("%+v", told)
	}
	j.Idle()
	if calls, deliveries := mockservertest.Told[journal.Call](j.Account), mockservertest.Told[journal.Event](j.Account); len(calls) > 0 || len(deliveries) > 0 {
		t.Errorf("the server played %+v and sent %+v", calls, deliveries)
	}
	// Somebody else's calls are played as ever meanwhile and afterwards.
	j.Account.Call(scheme, "createVerification", map[string]any{"subject": "12345678901"})
	if calls := mockservertest.Told[journal.Call](j.Account); len(calls) != 1 {
		t.Errorf("the server played %+v", calls)
	}
}

// What the account's endpoint at the address sends, the checks send, too.
func TestEndpointLends(t *testing.T) {
	t.Parallel()
	j := start(t)
	sent := make(chan string, 100)
	app := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case sent <- r.Header.Get("X-From"):
		default:
		}
	}))
	defer app.Close()
	answer := j.Account.Control("POST", "/endpoints", map[string]any{"provider": scheme, "url": app.URL + "/hooks", "headers": [][2]string{{"X-From", "the endpoint"}}})
	if answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	told := j.wait(j.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": app.URL + "/hooks", "run": []string{"ack/2xx"}}).ID)
	if got := <-sent; got != "the endpoint" || !strings.Contains(told.Headline, "accepts forged events") {
		t.Errorf("sent with %q: %+v", got, told.CheckRun)
	}
}

// The mock passes as the provider that it is.
func TestProvider(t *testing.T) {
	t.Parallel()
	j := start(t)
	told := j.wait(j.begin(map[string]any{"kind": "provider", "provider": scheme, "url": j.api, "key": key}).ID)
	if told.Kind != "provider" || told.Counts["fail"] != 0 || told.Counts["pass"] == 0 || told.Done != told.Total {
		t.Errorf("%+v", told.CheckRun)
	}
}

// What is asked for reaches the checks: the command that repeats one asks for the same.
func TestOptionsTravel(t *testing.T) {
	t.Parallel()
	j := start(t)
	const nobody = "http://127.0.0.1:1"
	for _, c := range []struct {
		ask  map[string]any
		want string
	}{
		{map[string]any{"kind": "receiver", "provider": scheme, "url": nobody + "/hooks", "credential": map[string]string{"signing_secret": "whsec_bWluZQ=="}, "next_secret": "whsec_bmV4dA==",
			"header": []string{"X-A: 1"}, "probe": nobody + "/p/{subject}", "probe_value": "$.v", "probe_effects": "$.e", "probe_text": "$.t", "granted": []string{"ok", "in"},
			"reset": nobody + "/r", "prepare": nobody + "/q/{subject}", "start": nobody + "/s/{subject}", "restart": nobody + "/z", "other_secret": "whsec_b3RoZXI=", "old_secret": "whsec_b2xk", "api_addr": "127.0.0.1:0", "run": []string{"auth/*"}, "skip": []string{"auth/forged*"}, "core": true, "seed": 7},
			"idmock check receiver " + nobody + "/hooks --provider " + scheme + " --credential signing_secret=… --header 'X-A: …' --next-secret … --other-secret … --old-secret … --probe '" + nobody + "/p/{subject}' --probe-value '$.v' --probe-effects '$.e' " +
				"--probe-text '$.t' --granted ok,in --reset " + nobody + "/r --prepare '" + nobody + "/q/{subject}' --start '" + nobody + "/s/{subject}' --restart " + nobody + "/z --run auth/valid-accepted --seed 7"},
		{map[string]any{"kind": "provider", "provider": scheme, "url": nobody + "/api", "key": "k", "other_key": "o", "bad_key": "b", "forbidden_key": "f", "listen": "127.0.0.1:0", "listen_url": nobody,
			"run": []string{"call/served"}, "seed": 7},
			"idmock check provider " + nobody + "/api --provider " + scheme + " --key … --other-key … --bad-key … --forbidden-key … --listen 127.0.0.1:0 --listen-url " + nobody + " --run call/served --seed 7"},
	} {
		told := j.wait(j.begin(c.ask).ID)
		if len(told.Results) == 0 || !slices.ContainsFunc(told.Results, func(r conformance.Result) bool { return r.Repeat == c.want }) {
			t.Errorf("again, as in %+v\nwant %s", told.Results, c.want)
		}
		if slices.ContainsFunc(told.Results, func(r conformance.Result) bool { return !r.Core && told.Kind == "receiver" }) {
			t.Errorf("more than the core: %+v", told.Results)
		}
	}
}

// Nobody is there: that is what the run says.
func TestUnreachable(t *testing.T) {
	t.Parallel()
	j := start(t)
	for url, want := range map[string]string{
		"http://127.0.0.1:1/hooks":                 "Cannot connect to",
		"http://169.254.169.254/latest/meta-data/": "169.254.169.254 is a metadata address, which is not allowed as a target",
	} {
		told := j.wait(j.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": url}).ID)
		if told.Code == nil || *told.Code != 2 || !strings.Contains(told.Headline, want) {
			t.Errorf("%s: %+v", url, told.CheckRun)
		}
	}
	told := j.wait(j.begin(map[string]any{"kind": "provider", "provider": scheme, "url": "http://169.254.169.254/"}).ID)
	if !strings.Contains(told.Headline, "not allowed as a target") {
		t.Errorf("%+v", told.CheckRun)
	}
}

// What cannot be asked is refused at once, with what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	j := start(t)
	for _, c := range []struct {
		change map[string]any
		want   string
	}{
		{map[string]any{"start": "touch /tmp/pwned"}, "start: want a URL"},
		{map[string]any{"reset": "id", "prepare": "id"}, "prepare, reset: want a URL"},
		{map[string]any{"url": "nowhere"}, `url: \"nowhere\" is no URL`},
		{map[string]any{"probe": "cat /etc/passwd"}, "probe: "},
		{map[string]any{"provider": "nobody"}, "want one of standard-webhooks, body-hmac"},
		{map[string]any{"kind": "sender"}, "there are receiver and provider"},
		{map[string]any{"run": []string{"nothing/*"}}, "no check fits"},
		{map[string]any{"header": []string{"nonsense"}}, "want NAME: VALUE"},
		{map[string]any{"credential": map[string]string{"other": "x"}}, "want one of"},
		{map[string]any{"switch": map[string]string{"other": "x"}}, "switch"},
		{map[string]any{"waivers": "- {id: a}"}, "waivers: "},
	} {
		answer := j.Account.Control("POST", "/conformance/runs", ask("http://127.0.0.1:1", c.change))
		if answer.Status != http.StatusUnprocessableEntity || !strings.Contains(string(answer.Body), c.want) {
			t.Errorf("%v: %d %s, want %s", c.change, answer.Status, answer.Body, c.want)
		}
	}
	if told := mockservertest.Told[journal.CheckRun](j.Everybody()); len(told) > 0 {
		t.Errorf("the journal tells %+v", told)
	}
}

// silent is an application that takes events and never answers, for longer than the provider would wait.
func silent(t testing.TB) (url string, asked <-chan struct{}) {
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

// A run is stopped at once, and what it found stays. Only so many go on at a time.
func TestStop(t *testing.T) {
	t.Parallel()
	j := start(t)
	app, asked := silent(t)
	one, two := j.begin(ask(app, nil)), j.begin(ask(app, nil))
	<-asked
	if answer := j.Account.Control("POST", "/conformance/runs", ask(app, nil)); answer.Status != 422 || !strings.Contains(string(answer.Body), "2 runs of checks are under way") {
		t.Errorf("a third run: %d %s", answer.Status, answer.Body)
	}
	began := time.Now()
	for _, run := range []control.CheckRun{one, two} {
		answer := j.Everybody().Control("DELETE", "/conformance/runs/"+run.ID, nil)
		var told control.CheckRun
		if err := json.Unmarshal(answer.Body, &told); err != nil || told.State != "stopped" || !strings.Contains(told.Sentence, "stopped before the end") || told.Counts["fail"] > 0 || told.Headline != "" {
			t.Errorf("%d %s", answer.Status, answer.Body)
		}
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
	if told := j.wait(one.ID); told.State != "stopped" || len(told.Results) != told.Total {
		t.Errorf("%+v", told.CheckRun)
	}
	if answer := j.Everybody().Control("GET", "/conformance/runs/k-none", nil); answer.Status != 404 || !strings.Contains(string(answer.Body), "keeps the last 20") {
		t.Errorf("%d %s", answer.Status, answer.Body)
	}
}

// The server stops while checks are made: they end with it, which the fence of mockservertest sees to.
func TestServerStops(t *testing.T) {
	t.Parallel()
	j := start(t)
	app, asked := silent(t)
	j.begin(ask(app, nil))
	<-asked
	began := time.Now()
	j.Server.Close()
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("stopping took %v", took)
	}
}

// Only the last runs are kept.
func TestKept(t *testing.T) {
	t.Parallel()
	j := start(t)
	var first string
	for i := range 21 {
		run := j.begin(map[string]any{"kind": "receiver", "provider": scheme, "url": "http://127.0.0.1:1/hooks", "run": []string{"ack/2xx"}})
		if j.wait(run.ID); i == 0 {
			first = run.ID
		}
	}
	var list []control.CheckRun
	if j.get("/conformance/runs", &list); len(list) != 20 || slices.ContainsFunc(list, func(r control.CheckRun) bool { return r.ID == first }) {
		t.Errorf("%d runs", len(list))
	}
}

// The checks are listed, with what does not apply and why.
func TestList(t *testing.T) {
	t.Parallel()
	j := start(t)
	for _, c := range []struct{ query, id, want string }{
		{"?provider=" + scheme, "auth/static-token-missing", "auth/static-token-missing MUST false this provider signs events; it does not send a constant"},
		{"", "auth/static-token-missing", "auth/static-token-missing MUST true "},
		{"?kind=provider", "call/served", "call/served MUST true "},
	} {
		var all []control.Check
		j.get("/conformance/checks"+c.query, &all)
		found := ""
		for _, one := range all {
			if one.ID == c.id {
				found = fmt.Sprintf("%s %s %v %s", one.ID, one.Level, one.Applies, one.Reason)
			}
		}
		if len(all) < 20 || found != c.want {
			t.Errorf("%s: %d checks, %q, want %q", c.query, len(all), found, c.want)
		}
	}
}
