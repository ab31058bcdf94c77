package openapi_test

import (
	"strings"
	"testing"

	"github.com/goccy/go-yaml/parser"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/catalog"
)

// Certain violations of an event's schema are reported at their place; unknown values are accepted.
func TestMisfits(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		provider, event, run, data string
		path, message              string // of the misfit; no message: there is none
	}{
		{"identitypass", "verification.completed", "PENDING", `{response_code: "00"}`, "", ""},
		{"identitypass", "verification.completed", "PENDING", `{response_code: 7}`, "response_code", "string"},
		{"identitypass", "verification.completed", "PENDING", `{response_code: "${run.code}", detail: fine}`, "", ""},
		{"identitypass", "verification.completed", "PENDING", `{response_code: [], detail: "${run.x}"}`, "response_code", "string"},
		{"prembly", "verification.completed", "VERIFIED", `{status: maybe}`, "status", "boolean"},
		{"faceio", "ENROLL", "", `{eventName: 7}`, "eventName", "eventName"},
	} {
		data, err := parse(c.data)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range providers {
			if p.Name != c.provider {
				continue
			}
			if p.Event(c.event) == nil {
				t.Fatalf("%s has no event %s", p.Name, c.event)
			}
			found := p.Webhooks().Issues(c.event, map[string]any{"status": c.run}, data)
			switch {
			case c.message == "" && len(found) == 0:
			case c.message == "" || len(found) != 1 || strings.Join(found[0].Path, ".") != c.path || !strings.Contains(found[0].Message, c.message):
				t.Errorf("%s %s with %s: %+v, want %q at %q", c.provider, c.event, c.data, found, c.message, c.path)
			}
		}
	}
}

func parse(text string) (*template.Node, error) {
	file, err := parser.ParseBytes([]byte(text), 0)
	if err != nil {
		return nil, err
	}
	return template.FromYAML(file.Docs[0].Body)
}
