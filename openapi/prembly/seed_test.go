package prembly_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/prembly"
)

const publicKey = "test_pk_0123456789abcdef"

func scope(operation string, switches map[string]string, p *openapi.Provider) *template.Scope {
	sent := map[string]any{"email": "test@example.com", "first_name": "test", "last_name": "test",
		"user_ref": "12345678909", "number_nin": "12345678909"}
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
	p, err := openapi.Open("prembly", prembly.Folder)
	if err != nil {
		t.Fatal(err)
	}
	operation := "verifyNIN"
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
// and no other. The page does not specify the record in data.
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
		if record["nin"] != "12345678909" || record["firstname"] != "TEST" || record["surname"] != "TEST" {
			t.Errorf("%s: data is not the record of the person that widget_info names: %v", event, record)
		}
		delete(body, "data")
		if diff := cmp.Diff(want, body); diff != "" {
			t.Errorf("%s (-want +got):\n%s", event, diff)
		}
	}
}

// One header, two meanings: computed here the way a receiver does it.
func TestSignatureInBothSchemes(t *testing.T) {
	header := func(d openapi.Delivery) map[string]string {
		m := map[string]string{}
		for _, h := range d.Header {
			m[h[0]] = h[1]
		}
		return m
	}
	d, _ := deliver(t, "verification.completed", nil)
	if token := header(d)["token"]; token == "" || token == "r-1" {
		t.Errorf("token %q: want one of the webhook, not of the check", token)
	}
	hash := hmac.New(sha256.New, []byte(publicKey))
	hash.Write(d.Body)
	signature := base64.StdEncoding.EncodeToString(hash.Sum(nil))
	want := map[string]string{"Content-Type": "application/json", "token": header(d)["token"], "x-prembly-signature": signature}
	if diff := cmp.Diff(want, header(d)); diff != "" {
		t.Errorf("since 2026 (-want +got):\n%s", diff)
	}
	d, _ = deliver(t, "verification.completed", map[string]string{"signature": "base64-key"})
	want["token"], want["x-prembly-signature"] = "r-1", base64.StdEncoding.EncodeToString([]byte(publicKey))
	if diff := cmp.Diff(want, header(d)); diff != "" {
		t.Errorf("before (-want +got):\n%s", diff)
	}
}

func TestNewerShapes(t *testing.T) {
	_, body := deliver(t, "sdk.completed", map[string]string{"shape": "2023"})
	face, _ := body["face_data"].(map[string]any)
	if face["status"] != true || face["confidence"] != 95.3 || face["message"] != "Face Match" {
		t.Errorf("2023: face_data is %v", face)
	}
	_, body = deliver(t, "sdk.completed", map[string]string{"shape": "new-sdk"})
	if body["success"] != true || body["billing_status"] != true {
		t.Errorf("new-sdk: %v", body)
	}
	for _, event := range []string{"sdk.completed", "verification.completed"} {
		_, body = deliver(t, event, map[string]string{"shape": "api-webhooks"})
		delete(body, "data")
		if diff := cmp.Diff(map[string]any{"event": "verification.completed", "session_id": "r-1"}, body); diff != "" {
			t.Errorf("api-webhooks %s (-want +got):\n%s", event, diff)
		}
	}
	_, body = deliver(t, "verification.completed", map[string]string{"shape": "2026"})
	verification, _ := body["verification"].(map[string]any)
	billing, _ := body["billing_info"].(map[string]any)
	if verification["reference"] != "r-1" || verification["status"] != "VERIFIED" || body["verification_status"] != "verified" || billing["amount"] != "100.00" {
		t.Errorf("2026: %v", body)
	}
	_, body = deliver(t, "sdk.completed", map[string]string{"shape": "2026"})
	data, _ := body["data"].(map[string]any)
	person, _ := data["widget_info"].(map[string]any)
	if person["session_id"] != "r-1" || body["completed_at"] == nil || data["status"] != true {
		t.Errorf("2026: %v", body)
	}
}

// Kinds that the 2026 guides sign with the live key, even in the sandbox, and their documented members.
func TestEventsOf2026(t *testing.T) {
	p, err := openapi.Open("prembly", prembly.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for event, c := range map[string]struct {
		key   string
		place string
		want  any
	}{
		"verification.async":             {"live_public_key", "/data/verification_id", "r-1"},
		"customer360.checked":            {"live_public_key", "/data/verification_id", "r-1"},
		"verification.retried":           {"live_public_key", "/is_callback_retry", true},
		"verification.paid":              {"live_public_key", "/is_pending_payment_retry", true},
		"workflow.process.completed":     {"live_public_key", "/event", "workflow.process.completed"},
		"workflow.process.failed":        {"live_public_key", "/event", "workflow.process.failed"},
		"workflow.process.manual_review": {"live_public_key", "/event", "workflow.process.manual_review"},
		"watchlist.identity_flagged":     {"live_public_key", "/event", "watchlist.identity_flagged"},
		"transaction.processed":          {"public_key", "/data/screening_result/amount", "15000.00"},
		"transaction.escalated":          {"public_key", "/data/event", "transaction.escalated"},
	} {
		s := scope("verifyNIN", nil, p)
		s.Account["live_public_key"] = "live_pk_0123456789abcdef"
		d, err := p.Webhooks().Deliver(event, nil, s, time.Now())
		if err != nil {
			t.Errorf("%s: %v", event, err)
			continue
		}
		if got, _ := openapi.Pointer(d.Body, c.place); got != c.want || d.SignedBy != c.key {
			t.Errorf("%s: %s is %v, signed by %s; want %v by %s", event, c.place, got, d.SignedBy, c.want, c.key)
		}
		hash := hmac.New(sha256.New, []byte(s.Account[c.key].(string)))
		hash.Write(d.Body)
		if d.Signature != base64.StdEncoding.EncodeToString(hash.Sum(nil)) {
			t.Errorf("%s: signature %q is not by %s", event, d.Signature, c.key)
		}
		if err := p.Webhooks().Validate(event, d.Body); err != nil {
			t.Error(err)
		}
	}
}
