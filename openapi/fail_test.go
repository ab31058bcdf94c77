package openapi_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/catalog"
)

// Every operation of every provider fails in JSON, with the status that is asked for and with no other in its body.
func TestFail(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		operations, err := p.Operations()
		if err != nil {
			t.Fatal(err)
		}
		credentials, err := p.Credentials("key-1", 1)
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range operations {
			for _, status := range []int{429, 500, 501, 502, 503, 504} {
				s := &template.Scope{Account: credentials, Fake: fake.New(1), Body: map[string]any{}, Run: map[string]any{}}
				reply, err := p.Fail(op, status, s)
				if err != nil {
					t.Fatalf("%s %s: %v", p.Name, op.ID, err)
				}
				if reply.Status != status || !json.Valid(reply.Body) || status != 503 && strings.Contains(string(reply.Body), "503") {
					t.Fatalf("%s %s: %d is answered with %d %s", p.Name, op.ID, status, reply.Status, reply.Body)
				}
			}
		}
	}
}

func TestBreaks(t *testing.T) {
	p := open(t, acme())
	for body, want := range map[string]string{`{"event":"done"`: "type", `{}`: "required"} {
		if got := p.Webhooks().Keyword("check.done", []byte(body)); got != want {
			t.Errorf("%s breaks %q, want %q", body, got, want)
		}
	}
	if got := p.Webhooks().Keyword("nothing", nil); got != "" {
		t.Errorf("an event that is not there breaks %q", got)
	}
}
