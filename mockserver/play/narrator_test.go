package play

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook"
)

// The entries of a scenario determine the verdict on the receiver.
func TestVerdict(t *testing.T) {
	planned := journal.Event{Event: "done"}
	failed := func(class webhook.Class, reason string, status int) journal.Attempt {
		a := journal.Attempt{Delivery: "d-1", Event: "done", N: 1, Class: string(class), Error: reason}
		if status != 0 {
			a.Response = &journal.Response{Status: status}
		}
		return a
	}
	accepted := journal.Attempt{Event: "done", N: 1, Accepted: true, Class: string(webhook.OK), Response: &journal.Response{Status: 200}}
	delivered := journal.Delivery{Event: "done", Outcome: journal.Delivered, Attempts: 1}
	exhausted := journal.Delivery{Delivery: "d-1", Event: "done", Outcome: journal.Exhausted, Attempts: 1}
	unroutable := journal.Delivery{Delivery: "d-2", Event: "done", Run: "r-1", Outcome: journal.Unroutable}
	down, fine := journal.Call{Operation: "verify", Status: 503}, journal.Call{Method: "GET", Path: "/x?key=1", Status: 200}
	forged, cut := failed(webhook.Status, "responded with 401", 401), failed(webhook.Closed, "closed by a fault", 0)
	forged.Fault, cut.Fault = []string{"wrong-secret"}, []string{"cut-off"}

	for name, test := range map[string]struct {
		entries []journal.Data
		verdict string
		reason  string // substring
	}{
		"delivered":          {[]journal.Data{planned, accepted, delivered}, Passed, ""},
		"as expected":        {[]journal.Data{planned, accepted, delivered, journal.Expect{Want: "status 2xx", Got: "status 200", Pass: true}}, Passed, ""},
		"too slow":           {[]journal.Data{planned, accepted, delivered, journal.Expect{Want: "within 6s", Got: "status 200 after 8s"}}, Failed, "expected within 6s, got status 200 after 8s"},
		"broken":             {[]journal.Data{planned, failed(webhook.Status, "responded with 500", 500), exhausted}, Failed, "done was never accepted: responded with 500"},
		"never answers":      {[]journal.Data{planned, failed(webhook.Timeout, "no answer in 10s", 0), exhausted}, Failed, "no answer in 10s"},
		"breaks off":         {[]journal.Data{planned, failed(webhook.Reset, "connection reset", 0), exhausted}, Failed, "connection reset"},
		"unknown sender":     {[]journal.Data{planned, failed(webhook.Status, "responded with 401", 401), exhausted}, Failed, "--credential"},
		"recovers":           {[]journal.Data{planned, failed(webhook.Status, "responded with 503", 503), accepted, delivered}, Passed, ""},
		"gone":               {[]journal.Data{planned, failed(webhook.Refused, "connection refused", 0), exhausted}, Errored, "could not be reached"},
		"no such host":       {[]journal.Data{planned, failed(webhook.DNS, "no such host", 0), exhausted}, Errored, "could not be reached"},
		"forbidden address":  {[]journal.Data{planned, failed(webhook.Blocked, "link-local", 0), exhausted}, Errored, "could not be reached"},
		"nothing sent":       {nil, Skipped, "sends no webhook, so nothing was tested"},
		"only responses":     {[]journal.Data{down, down, down, fine}, Skipped, "sends no webhook (verify responded 503, verify responded 503, verify responded 503, GET /x responded 200), so nothing was tested"},
		"no endpoint":        {[]journal.Data{unroutable}, Failed, "done of run r-1 reached no endpoint: register one that takes it, or pass --allow-unroutable"},
		"one of two":         {[]journal.Data{planned, accepted, delivered, unroutable}, Failed, "reached no endpoint"},
		"broken scenario":    {[]journal.Data{journal.RuleError{Message: "no such field"}}, Errored, "scenario failed"},
		"refuses a forgery":  {[]journal.Data{planned, forged, exhausted, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 401", Pass: true}}, Passed, ""},
		"takes a forgery":    {[]journal.Data{planned, accepted, delivered, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 200"}}, Failed, "expected status 4xx"},
		"refuses as wanted":  {[]journal.Data{planned, failed(webhook.Status, "responded with 400", 400), exhausted, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 400", Pass: true}}, Passed, ""},
		"lost on purpose":    {[]journal.Data{planned, cut, exhausted, journal.Expect{Call: "getStatus", Want: "a call", Got: "getStatus", Pass: true}}, Passed, ""},
		"lost and not asked": {[]journal.Data{planned, cut, exhausted, journal.Expect{Call: "getStatus", Want: "a call", Got: "no such call"}}, Failed, "expected a call, got no such call"},
		"gone, then refuses": {[]journal.Data{planned, failed(webhook.Refused, "refused", 0), failed(webhook.Status, "responded with 400", 400), exhausted}, Failed, "responded with 400"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			n := &narrator{out: &out, scenario: &Scenario{}}
			for _, data := range test.entries {
				n.entry(journal.New("play", time.Time{}, time.Time{}, data))
			}
			n.conclude(false)
			if s := n.scenario; s.Verdict != test.verdict || !strings.Contains(s.Reason, test.reason) {
				t.Errorf("verdict %s %q, want %s with %q; printed:\n%s", s.Verdict, s.Reason, test.verdict, test.reason, &out)
			}
		})
	}
}

func TestParseSpeed(t *testing.T) {
	for text, want := range map[string]struct {
		instant bool
		rate    float64
		invalid bool
	}{
		"real": {rate: 1}, "instant": {instant: true, rate: 1}, "x60": {rate: 60}, "x0.5": {rate: 0.5}, "x1e6": {rate: 1e6},
		"": {invalid: true}, "60": {invalid: true}, "x": {invalid: true}, "x0": {invalid: true}, "x-1": {invalid: true}, "xNaN": {invalid: true},
		"xInf": {invalid: true}, "x1e7": {invalid: true}, "Instant": {invalid: true},
	} {
		speed, err := ParseSpeed(text)
		if speed != (Speed{want.instant, want.rate}) || (err != nil) != want.invalid {
			t.Errorf("ParseSpeed(%q) = %+v, %v, want %+v", text, speed, err, want)
		}
	}
}

// Events that reach no endpoint are printed and counted, and fail nothing if the user accepts them.
func TestAllowUnroutable(t *testing.T) {
	var out bytes.Buffer
	n := &narrator{out: &out, scenario: &Scenario{}, allowUnroutable: true}
	for _, data := range []journal.Data{
		journal.Event{Event: "done"}, journal.Attempt{Event: "done", N: 1, Accepted: true, Response: &journal.Response{Status: 200}},
		journal.Delivery{Event: "done", Outcome: journal.Delivered, Attempts: 1},
		journal.Delivery{Event: "done", Run: "r-1", Outcome: journal.Unroutable},
	} {
		n.entry(journal.New("play", time.Time{}, time.Time{}, data))
	}
	n.conclude(false)
	if s := n.scenario; s.Verdict != Passed || s.Unroutable != 1 {
		t.Errorf("verdict %s %q with %d unroutable", s.Verdict, s.Reason, s.Unroutable)
	}
	for _, want := range []string{"done of run r-1 not sent: no endpoint takes it", "1 of 1 webhook delivered in 1 attempt, 1 event without an endpoint"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}

// The report has each request and webhook as it was, without secrets.
func TestExchanges(t *testing.T) {
	n := &narrator{out: io.Discard, scenario: &Scenario{}, hidden: []string{"x-from"}}
	at := time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)
	json := []journal.Header{{"Content-Type", "application/json"}}
	n.entry(journal.New("play", at, at, journal.Call{Operation: "verify", Method: "POST", Path: "/verify?api_key=s3cret", Status: 200,
		Request:  journal.Payload{Headers: append(json, journal.Header{"X-Api-Key", "s3cret"}), Body: journal.NewBody([]byte(`{"number":"1","token":"s3cret"}`), 31)},
		Response: journal.Payload{Headers: json, Body: journal.NewBody([]byte(`{"ok":true}`), 11)}}))
	n.entry(journal.New("play", at, at, journal.Attempt{Event: "done", N: 2, Class: string(webhook.Reset), Error: "connection reset",
		Request: journal.Request{Method: "POST", URL: "http://u:s3cret@app/hook", Headers: []journal.Header{{"X-Signature", "s3cret"}, {"X-From", "s3cret"}}, Body: journal.NewBody([]byte("line 1\nline 2"), 9000)}}))
	got := n.scenario.Exchanges
	if len(got) != 2 || got[0].Response == nil || got[0].Response.Status != 200 || got[1].Response != nil || got[1].Attempt != 2 {
		t.Fatalf("%+v", got)
	}
	want := "request verify, account time 2026-03-02T09:30:00Z\n> POST /verify?api_key=redacted\n> Content-Type: application/json\n> X-Api-Key: redacted\n> \n" +
		"> {\"number\":\"1\",\"token\":\"redacted\"}\n< 200\n< Content-Type: application/json\n< \n< {\"ok\":true}"
	if text := got[0].text(); text != want {
		t.Errorf("the request is\n%s\nwant\n%s", text, want)
	}
	want = "webhook done, attempt 2, account time 2026-03-02T09:30:00Z\n> POST http://redacted@app/hook\n> X-Signature: redacted\n> X-From: redacted\n> \n> line 1\n> line 2\n> (9000 bytes in all)\nerror: connection reset"
	if text := got[1].text(); text != want {
		t.Errorf("the webhook is\n%s\nwant\n%s", text, want)
	}
	if out := n.scenario.output(); strings.Contains(out, "s3cret") || !strings.Contains(out, "connection reset") {
		t.Errorf("in a JUnit report:\n%s", out)
	}
}

func TestRequests(t *testing.T) {
	var all requests
	if got := all.String(); got != "the application made no request at all" {
		t.Errorf("none: %s", got)
	}
	for range 2 {
		all.add(journal.Call{Operation: "getStatus", Status: 404}, "demo")
	}
	all.add(journal.Call{Method: "GET", Path: "/nothing?a=1", Status: 404}, "play")
	if got, want := all.String(), "the application requested getStatus in account demo (2 times, responded 404), GET /nothing in account play (1 time, responded 404)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var refused requests
	refused.add(journal.Call{Operation: "getStatus", Status: 401}, "")
	if got, want := refused.String(), "the application requested getStatus without a credential that opens an account (1 time, responded 401)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for i := range 9 {
		all.add(journal.Call{Operation: "getStatus", Status: 500 + i}, "demo")
	}
	if got := all.String(); !strings.HasSuffix(got, ", 6 more kinds") {
		t.Errorf("many: %s", got)
	}
}
