package mockserver_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/openapi"
)

const (
	verifications = "/identitypass/api/v2/biometrics/merchant/data/verification"
	jsonType      = "application/json"
)

// Every invalid request gets the provider's own error, and the journal has the cause.
func TestErrors(t *testing.T) {
	t.Parallel()
	s := begin(t)
	tests := map[string]struct {
		method, path, key, mediaType, body, scenario string
		status                                       int
		kind                                         openapi.Kind
		field, says                                  string
	}{
		"no key":           {path: "/bvn", mediaType: jsonType, body: `{"number":"1"}`, status: 401, kind: openapi.MissingCredential, field: "x-api-key", says: "x-api-key"},
		"bad key":          {path: "/bvn", key: "invalid_key", mediaType: jsonType, body: `{"number":"1"}`, status: 401, kind: openapi.BadCredential, field: "x-api-key", says: "not valid"},
		"unknown path":     {path: "/bvnn", key: "e", status: 404, kind: openapi.UnknownPath, says: "not modelled by idmock: POST /identitypass/api/v2/biometrics/merchant/data/verification/bvnn: the nearest path is /api/v2/biometrics/merchant/data/verification/bvn"},
		"unknown, no key":  {path: "/bvnn", status: 401, kind: openapi.MissingCredential, field: "x-api-key"},
		"method":           {method: "GET", path: "/bvn", key: "e", status: 405, kind: openapi.Method, says: "use POST"},
		"media type":       {path: "/bvn", key: "e", mediaType: "text/plain", body: "number=1", status: 415, kind: openapi.MediaType, field: "Content-Type", says: "application/json"},
		"no media type":    {path: "/bvn", key: "e", body: `{"number":"1"}`, status: 415, kind: openapi.MediaType, field: "Content-Type"},
		"too large":        {path: "/bvn", key: "e", mediaType: jsonType, body: `"` + strings.Repeat("x", openapi.MaxBody), status: 413, kind: openapi.TooLarge, says: "16777216"},
		"cut short":        {path: "/bvn", key: "e", mediaType: jsonType, body: `{"number":`, status: 400, kind: openapi.BadJSON, says: "not JSON"},
		"two documents":    {path: "/bvn", key: "e", mediaType: jsonType, body: `{"number":"12345678901"}{}`, status: 400, kind: openapi.BadJSON},
		"no body":          {path: "/bvn", key: "e", mediaType: jsonType, status: 400, kind: openapi.Invalid, field: "body"},
		"not an object":    {path: "/bvn", key: "e", mediaType: jsonType, body: `[1]`, status: 400, kind: openapi.Invalid, field: "body"},
		"missing field":    {path: "/bvn", key: "e", mediaType: jsonType, body: `{}`, status: 400, kind: openapi.Invalid, field: "number", says: "number: this field is required"},
		"wrong type":       {path: "/bvn", key: "e", mediaType: jsonType, body: `{"number":{}}`, status: 400, kind: openapi.Invalid, field: "number", says: "number"},
		"unknown scenario": {path: "/bvn", key: "e", mediaType: jsonType, body: `{"number":"12345678901"}`, scenario: "not-fuond", status: 400, kind: openapi.Invalid, field: mockserver.ScenarioHeader, says: "not-found"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if test.method == "" {
				test.method = http.MethodPost
			}
			r, err := http.NewRequestWithContext(t.Context(), test.method, s.URL()+verifications+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			for name, value := range map[string]string{"x-api-key": test.key, "Content-Type": test.mediaType, mockserver.ScenarioHeader: test.scenario} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			before := len(s.DefaultAccount().Journal())
			got := s.Do(r)
			if got.Status != test.status || got.Header.Get("Content-Type") != jsonType || got.Header.Get("X-Idmock") != "dev" ||
				got.At("status") != "false" || !strings.Contains(got.At("message"), test.says) {
				t.Errorf("got %d %v %s, want %d and a message with %q", got.Status, got.Header, got.Body, test.status, test.says)
			}
			if test.status == http.StatusMethodNotAllowed && got.Header.Get("Allow") != "POST" {
				t.Errorf("allowed is %q, want POST", got.Header.Get("Allow"))
			}
			var call journal.Call
			for _, entry := range s.DefaultAccount().Journal()[before:] {
				if entry.Kind == journal.KindCall {
					if call, err = journal.As[journal.Call](entry); err != nil {
						t.Fatal(err)
					}
				}
			}
			if hint := got.Header.Get("X-Idmock-Hint"); hint == "" || call.Error != nil && hint != call.Error.Message {
				t.Errorf("the hint is %q, want the journal's reason", hint)
			}
			if e := call.Error; call.Status != test.status || e == nil || e.Kind != string(test.kind) || e.Field != test.field || e.Message == "" {
				t.Errorf("the journal has status %d and the error %+v, want %d, %s and field %q", call.Status, e, test.status, test.kind, test.field)
			}
		})
	}
}

// A rule that fails to evaluate is the provider's 500, and the journal names the rule.
func TestRuleErrors(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: broken
provider: identitypass
rules:
  - on: verifyBVN
    reply: {example: "${body.number == '00000000001' ? 'no-such-example' : subject}"}
  - on: verifyBVNBasic
    reply: {example: success}
    set: {status: VERIFIED}
    then:
      - after: 1s
        set: {number: "${int(run.status)}"}
      - after: 1s
        send: verification.completed
  - on: verifyPhone
    reply: {example: success}
    then:
      - after: 1s
        send: verification.completed
        data: {name: "${int(body.number + 'x')}"}
        invalid: true
variables: {number: number}
`)
	a, r := with(t, s, "broken")
	for _, body := range []string{`{"number":"00000000001"}`, `{"number":"00000000002"}`} {
		got := a.CallAs("broken", provider, bvn, body)
		if got.Status != 500 || got.At("status") != "false" || !strings.HasPrefix(got.At("message"), "Internal error: ") {
			t.Errorf("%s: %d %s, want the provider's 500", body, got.Status, got.Body)
		}
	}
	if calls := mockservertest.Entries[journal.Call](a); len(calls) != 2 || calls[1].Error == nil || calls[1].Error.Kind != string(openapi.Internal) {
		t.Errorf("calls in the journal: %+v", calls)
	}
	for _, operation := range []string{"verifyBVNBasic", "verifyPhone"} {
		if got := a.CallAs("broken", provider, operation, number(found)); got.Status != 200 {
			t.Fatalf("%s: %d %s", operation, got.Status, got.Body)
		}
	}
	a.Advance(time.Minute)
	failed := mockservertest.Entries[journal.RuleError](a)
	for _, e := range failed {
		if e.Scenario != "broken" || e.Message == "" || e.Rule == "" || e.Run == "" {
			t.Errorf("a rule error that does not say where: %+v", e)
		}
	}
	if len(failed) < 2 || len(r.Got()) != 0 {
		t.Errorf("%d rule errors and %d deliveries, want one error a timeline and nothing sent: %+v", len(failed), len(r.Got()), failed)
	}
	if stats, err := s.Control().Journal.Stats(t.Context()); err != nil || stats.Jobs != 0 || stats.DoneDocs < 2 {
		t.Errorf("the store holds %+v (%v), want no jobs and the broken runs finished", stats, err)
	}
}
