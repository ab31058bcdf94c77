package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook"
)

// What a receiver does decides the exit code: 1 if it is wrong, 2 if nothing can be said about it.
func TestJudge(t *testing.T) {
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
	forged, cut := failed(webhook.Status, "responded with 401", 401), failed(webhook.Closed, "truncated on purpose", 0)
	forged.Fault, cut.Fault = []string{"wrong-secret"}, []string{"cut-off"}

	for name, test := range map[string]struct {
		entries []journal.Data
		code    int
		say     string // in the verdict
	}{
		"delivered":          {[]journal.Data{planned, accepted, delivered}, exitRight, ""},
		"as expected":        {[]journal.Data{planned, accepted, delivered, journal.Expect{Want: "status 2xx", Got: "status 200", Pass: true}}, exitRight, ""},
		"too slow":           {[]journal.Data{planned, accepted, delivered, journal.Expect{Want: "within 6s", Got: "status 200 after 8s"}}, exitWrong, "expected within 6s, got status 200 after 8s"},
		"broken":             {[]journal.Data{planned, failed(webhook.Status, "responded with 500", 500), exhausted}, exitWrong, "done was never accepted: responded with 500"},
		"never answers":      {[]journal.Data{planned, failed(webhook.Timeout, "no answer in 10s", 0), exhausted}, exitWrong, "no answer in 10s"},
		"breaks off":         {[]journal.Data{planned, failed(webhook.Reset, "connection reset", 0), exhausted}, exitWrong, "connection reset"},
		"unknown sender":     {[]journal.Data{planned, failed(webhook.Status, "responded with 401", 401), exhausted}, exitWrong, "--credential"},
		"recovers":           {[]journal.Data{planned, failed(webhook.Status, "responded with 503", 503), accepted, delivered}, exitRight, ""},
		"gone":               {[]journal.Data{planned, failed(webhook.Refused, "connection refused", 0), exhausted}, exitUntested, "could not be reached"},
		"no such host":       {[]journal.Data{planned, failed(webhook.DNS, "no such host", 0), exhausted}, exitUntested, "could not be reached"},
		"forbidden address":  {[]journal.Data{planned, failed(webhook.Blocked, "link-local", 0), exhausted}, exitUntested, "could not be reached"},
		"nothing sent":       {nil, exitUntested, "sends no webhook"},
		"broken scenario":    {[]journal.Data{journal.RuleError{Message: "no such field"}}, exitUntested, "scenario failed"},
		"refuses a forgery":  {[]journal.Data{planned, forged, exhausted, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 401", Pass: true}}, exitRight, ""},
		"takes a forgery":    {[]journal.Data{planned, accepted, delivered, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 200"}}, exitWrong, "expected status 4xx"},
		"refuses as wanted":  {[]journal.Data{planned, failed(webhook.Status, "responded with 400", 400), exhausted, journal.Expect{Delivery: exhausted.Delivery, Want: "status 4xx", Got: "status 400", Pass: true}}, exitRight, ""},
		"lost on purpose":    {[]journal.Data{planned, cut, exhausted, journal.Expect{Call: "getStatus", Want: "a call", Got: "getStatus", Pass: true}}, exitRight, ""},
		"lost and not asked": {[]journal.Data{planned, cut, exhausted, journal.Expect{Call: "getStatus", Want: "a call", Got: "no such call"}}, exitWrong, "expected a call, got no such call"},
		"gone, then refuses": {[]journal.Data{planned, failed(webhook.Refused, "refused", 0), failed(webhook.Status, "responded with 400", 400), exhausted}, exitWrong, "responded with 400"},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			report := &playReport{Suites: []playedSuite{{Scenarios: make([]playedScenario, 1)}}}
			s := &story{out: &out, played: &report.Suites[0].Scenarios[0]}
			for _, data := range test.entries {
				s.tell(journal.New(playAccount, time.Time{}, time.Time{}, data))
			}
			s.end()
			err := report.verdict()
			var v verdict
			if errors.As(err, &v); v.code != test.code || !strings.Contains(v.message, test.say) {
				t.Errorf("code %d %q, want %d with %q; said:\n%s", v.code, v.message, test.code, test.say, &out)
			}
		})
	}
}

func TestSpeed(t *testing.T) {
	for text, want := range map[string]struct {
		instant bool
		rate    float64
		fails   bool
	}{
		"real": {rate: 1}, "instant": {instant: true, rate: 1}, "x60": {rate: 60}, "x0.5": {rate: 0.5}, "x1e6": {rate: 1e6},
		"": {fails: true}, "60": {fails: true}, "x": {fails: true}, "x0": {fails: true}, "x-1": {fails: true}, "xNaN": {fails: true},
		"xInf": {fails: true}, "x1e7": {fails: true}, "Instant": {fails: true},
	} {
		instant, rate, err := speed(text)
		if instant != want.instant || rate != want.rate || (err != nil) != want.fails {
			t.Errorf("speed(%q) = %v, %v, %v, want %+v", text, instant, rate, err, want)
		}
	}
}
