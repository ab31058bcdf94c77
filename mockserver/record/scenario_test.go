package record_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/record"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// planned are deliveries by ID.
type planned map[string]*delivery.Delivery

func (p planned) Planned(_ context.Context, _, id string) (*delivery.Delivery, error) {
	if d := p[id]; d != nil {
		return d, nil
	}
	return nil, store.ErrNotFound
}

func entry(after time.Duration, data journal.Data) store.Entry {
	return journal.New("a", began.Add(after), began, data)
}

func call(operation, rule, body string) journal.Call {
	return journal.Call{Provider: "p", Operation: operation, Run: "ref-1", Rule: rule, Status: 200, Response: journal.Payload{Body: journal.Body{Bytes: []byte(body)}}}
}

func TestScenario(t *testing.T) {
	entries := []store.Entry{
		entry(0, call("verify", "s:1", `{"id":"ref-1","text":"${x}"}`)),
		entry(0, journal.Run{Run: "ref-1", Provider: "p", Cause: "s:1", State: []byte(`{"status":"PENDING"}`)}),
		entry(0, journal.Event{Delivery: "d9", Provider: "p", Run: "ref-1", Event: "manual", Due: began, Manual: true}),
		entry(0, journal.Event{Delivery: "d8", Provider: "p", Run: "ref-1", Event: "copy", Due: began, Of: "d1"}),
		entry(0, call("verify", "s:1", `{"other":"run"}`)),
		entry(time.Minute, journal.Run{Run: "ref-1", Provider: "p", Cause: "s:1", Before: []byte(`{"status":"PENDING"}`), State: []byte(`{"status":"VERIFIED"}`)}),
		entry(time.Minute, journal.Event{Delivery: "d1", Provider: "p", Run: "ref-1", Event: "completed", Due: began.Add(time.Minute)}),
		entry(time.Hour, journal.Event{Delivery: "d2", Provider: "p", Run: "ref-1", Event: "forgotten", Due: began.Add(time.Hour)}),
		entry(time.Hour, journal.Event{Delivery: "d3", Provider: "q", Run: "ref-1", Event: "of another provider", Due: began}),
	}
	sent := planned{"d1": {Data: []byte(`{"code":"00"}`), Expect: &scenarios.Expect{Status: []string{"2xx"}, Within: 6 * time.Second}}}
	got, err := record.Scenario(t.Context(), entries, sent, record.Run{Provider: "p", Reference: "ref-1"}, "")
	if err != nil {
		t.Fatal(err)
	}
	want := `# Recorded from run ref-1. Edit as you like.
scenario: "seen-ref-1"
provider: "p"
description: "Recorded from run ref-1."
rules:
  - on: "verify"
    reply:
      - status: 200
        body: {
          "id": "${run.reference}",
          "text": "${'$'}{x}"
        }
      - status: 200
        body: {
          "other": "run"
        }
    set: {
      "status": "PENDING"
    }
    then:
      - after: 1m0s
        set: {
          "status": "VERIFIED"
        }
        send: "completed"
        data: {
          "code": "00"
        }
        invalid: true # sent as recorded
        expect: {status: [2xx], within: 6s}
      - after: 59m0s
        send: "forgotten"
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

func TestScenarioOfStartRule(t *testing.T) {
	entries := []store.Entry{entry(0, journal.Run{Run: "r", Provider: "p", State: []byte(`{"status":"NEW"}`)})}
	got, err := record.Scenario(t.Context(), entries, planned{}, record.Run{Provider: "p", Reference: "r"}, "own")
	if err != nil || !strings.Contains(string(got), `scenario: "own"`) || !strings.Contains(string(got), `on: "start"`) || strings.Contains(string(got), "reply:") {
		t.Errorf("%s, %v", got, err)
	}
}

func TestScenarioErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		entries    []store.Entry
		deliveries record.Deliveries
		want       error
	}{
		"no entry":         {nil, planned{}, store.ErrNotFound},
		"another run":      {[]store.Entry{entry(0, call("verify", "", "{}"))}, planned{}, store.ErrNotFound},
		"failing delivery": {[]store.Entry{entry(0, journal.Event{Delivery: "d", Provider: "p", Run: "r"})}, failing{broken}, broken},
	} {
		if _, err := record.Scenario(t.Context(), test.entries, test.deliveries, record.Run{Provider: "p", Reference: "r"}, ""); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

type failing struct{ err error }

func (f failing) Planned(context.Context, string, string) (*delivery.Delivery, error) {
	return nil, f.err
}
