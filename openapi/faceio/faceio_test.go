package faceio_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/faceio"
	"github.com/idmock/idmock/openapi/settings"
)

func open(t *testing.T) *openapi.Provider {
	t.Helper()
	p, err := openapi.Open("faceio", faceio.Folder)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The bodies are those of the page on webhooks, to the byte: details with the enrolment only, the day without a time, the
// age as text. The members that the switch adds come last.
func TestWebhooksAreThoseOfThePage(t *testing.T) {
	const (
		id   = `"facialId":"0123456789ab4def8123456789abcdeffioa1a2b","appId":"fioa1a2b","clientIp":"203.0.113.7"`
		head = `{"eventName":`
	)
	for _, c := range []struct{ event, shape, want string }{
		{"ENROLL", "", head + `"ENROLL",` + id + `,"details":{"timestamp":"2026-03-02","gender":"female","age":"31"}}`},
		{"AUTH", "", head + `"AUTH",` + id + `}`},
		{"DELETION", "", head + `"DELETION",` + id + `}`},
		{"ENROLL", "payload", head + `"ENROLL",` + id + `,"details":{"timestamp":"2026-03-02","gender":"female","age":"31"},"payload":{"whoami":1}}`},
		{"AUTH", "payload", head + `"AUTH",` + id + `,"payload":{"whoami":1}}`},
		{"DELETION", "payload", head + `"DELETION",` + id + `}`},
		{"ENROLL", "details", head + `"ENROLL",` + id + `,"details":{"timestamp":"2026-03-02","gender":"female","age":"31"}}`},
		{"AUTH", "details", head + `"AUTH",` + id + `,"details":{"timestamp":"2026-03-03"}}`},
		{"DELETION", "details", head + `"DELETION",` + id + `,"details":{"timestamp":"2026-03-03"}}`},
	} {
		p := open(t)
		switches := map[string]string{}
		if c.shape != "" {
			switches["shape"] = c.shape
		}
		d, err := p.Webhooks().Deliver(c.event, nil, &template.Scope{
			Run: map[string]any{"reference": "0123456789ab4def8123456789abcdeffioa1a2b", "client_ip": "203.0.113.7",
				"day": "2026-03-02", "gender": "female", "age": 31, "payload": map[string]any{"whoami": 1}},
			Account:  map[string]any{"public_id": "fioa1a2b", "webhook_token": "0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
			Endpoint: p.Switches().Endpoint("e", "https://app.example.com/hook", switches),
			Now:      time.Date(2026, 3, 3, 23, 59, 59, 0, time.UTC),
			Fake:     fake.New(1),
		}, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, string(d.Body)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", c.event, c.shape, diff)
		}
		want := [][2]string{{"Content-Type", "application/json"}, {"WWW-Authenticate", "Bearer 0f1e2d3c4b5a69788796a5b4c3d2e1f0"}}
		if diff := cmp.Diff(want, d.Header); diff != "" || d.SignedBy != "webhook_token" {
			t.Errorf("%s: signed by %q, headers (-want +got):\n%s", c.event, d.SignedBy, diff)
		}
		if err := p.Webhooks().Validate(c.event, d.Body); err != nil {
			t.Error(err)
		}
	}
}

// Six seconds and no second try.
func TestDeliveryIsAbortedAtSixSeconds(t *testing.T) {
	p := open(t)
	if p.Webhooks().Timeout() != 6*time.Second || p.Webhooks().Method() != "POST" {
		t.Errorf("%s within %v, want POST within 6s", p.Webhooks().Method(), p.Webhooks().Timeout())
	}
	if wait, again := p.Webhooks().Retry().Next(settings.Failure{Attempt: 1}, nil); again {
		t.Errorf("sent again after %v, want never", wait)
	}
}
