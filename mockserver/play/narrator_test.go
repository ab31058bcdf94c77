package play

import (
	"bytes"
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
		"nothing sent":       {nil, Skipped, "sends no webhook"},
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
