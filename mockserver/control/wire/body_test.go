package wire_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control/wire"
)

func TestDecodeReportsThePosition(t *testing.T) {
	for _, c := range []struct {
		body string
		want diag.Diagnostic
	}{
		{`{"provider": "acme", "scenaro": "x"}`, diag.Diagnostic{Line: 1, Column: 22, Message: `unknown field "scenaro": use provider, scenario, calls; did you mean "scenario"?`, Source: `{"provider": "acme", "scenaro": "x"}`}},
		{"{\n  \"provider\": \"é\", \"calls\": \"2\"\n}", diag.Diagnostic{Line: 2, Column: 29, Message: "calls must be a whole number", Source: `  "provider": "é", "calls": "2"`}},
		{`[]`, diag.Diagnostic{Line: 1, Column: 1, Message: "the body must be a JSON object", Source: "[]"}},
	} {
		var v struct {
			Provider string `json:"provider"`
			Scenario string `json:"scenario"`
			Calls    int    `json:"calls"`
		}
		err := wire.Decode(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), "POST", "/", strings.NewReader(c.body)), &v)
		p, ok := err.(problem.Problem)
		if !ok || p.Status != 400 || p.Detail != c.want.Message {
			t.Errorf("%s: got %v", c.body, err)
			continue
		}
		c.want.File = "body"
		if diff := cmp.Diff(diag.List{c.want}, p.Members["errors"]); diff != "" {
			t.Errorf("%s: %s", c.body, diff)
		}
	}
}
