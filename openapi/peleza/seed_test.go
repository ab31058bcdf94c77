package peleza_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/peleza"
)

const publicKey = "sandbox_pk_0123456789abcdef"

func scope(operation string, switches map[string]string, p *openapi.Provider) *template.Scope {
	sent := map[string]any{"email": "test@example.com", "first_name": "test", "last_name": "test",
		"user_ref": "12345678909", "number": "12345678909"}
	return &template.Scope{
		Subject:  "12345678909",
		Body:     sent,
		Resource: sent,
		Run:      map[string]any{"reference": "r-1", "operation": operation, "status": "VERIFIED"},
		Account:  map[string]any{"public_key": publicKey},
		Endpoint: p.Switches().Endpoint("e1", "https://app.example.com/hook", switches),
		Fake:     fake.New(1),
	}
}

func deliver(t *testing.T, event string, switches map[string]string) (openapi.Delivery, map[string]any) {
	t.Helper()
	p, err := openapi.Open("peleza", peleza.Folder)
	if err != nil {
		t.Fatal(err)
	}
	operation := "verifyKenyaNationalID"
	if event == "sdk.completed" {
		operation = "initializeWidget"
	}
	d, err := p.Webhooks().Deliver(event, nil, scope(operation, switches, p), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var body map[string]any
	if err := json.Unmarshal(d.Body, &body); err != nil {
		t.Fatal(err)
	}
	return d, body
}

// The bodies are those of the page on webhooks: the same fields, each of the same JSON type and with the same value,
// and no other. The page leaves only the record in data open.
func TestWebhooksAreThoseOfThePage(t *testing.T) {
	for event, want := range map[string]map[string]any{
		"sdk.completed": {
			"status":        true,
			"detail":        "Verification Successful",
			"response_code": "00",
			"face_data": map[string]any{
				"Status":        true,
				"detail":        "Face match",
				"response_code": "00",
				"confidence":    "95.3",
			},
			"widget_info": map[string]any{
				"email":      "test@example.com",
				"first_name": "test",
				"last_name":  "test",
				"user_ref":   "12345678909",
			},
		},
		"verification.completed": {
			"status":        true,
			"detail":        "Verification Successfull",
			"response_code": "00",
		},
	} {
		_, body := deliver(t, event, nil)
		record, _ := body["data"].(map[string]any)
		if record["identity_number"] != "12345678909" {
			t.Errorf("%s: data is not the record that was asked for: %v", event, record)
		}
		delete(body, "data")
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", event, diff)
		}
	}
}

// No header is documented. Those of the rest of the family come by a switch.
func TestHeadersAreSentOnlyByTheSwitch(t *testing.T) {
	d, _ := deliver(t, "verification.completed", nil)
	if diff := cmp.Diff([][2]string{{"Content-Type", "application/json"}}, d.Header); diff != "" || d.SignedBy != "" {
		t.Errorf("by default, signed by %q (-want +got):\n%s", d.SignedBy, diff)
	}
	d, _ = deliver(t, "verification.completed", map[string]string{"signature": "base64-key"})
	want := [][2]string{{"Content-Type", "application/json"},
		{"x-prembly-signature", base64.StdEncoding.EncodeToString([]byte(publicKey))}, {"token", "r-1"}}
	if diff := cmp.Diff(want, d.Header); diff != "" || d.SignedBy != "public_key" {
		t.Errorf("base64-key, signed by %q (-want +got):\n%s", d.SignedBy, diff)
	}
}
