package peleza_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/peleza"
)

// TestBusinessRecords requests the vehicle and credit-bureau checks as clients send them: on either path, as JSON and as a form, with
// a number as number or text. A credit record is a list of objects with one key each, of which each is a list of one object; a vehicle is an object.
func TestBusinessRecords(t *testing.T) {
	p, err := openapi.Open("peleza", peleza.Folder)
	if err != nil {
		t.Fatal(err)
	}
	for path, c := range map[string]struct{ json, form, key string }{
		"vehicle/vin":                      {`{"vin":"AAA00000000"}`, "vin=AAA00000000", ""},
		"credit_bureau/consumer/basic":     {`{"mode":"ID","number":"22222222222","customer_name":"test"}`, "mode=ID&number=22222222222&customer_name=test", "PersonalDetailsSummary"},
		"credit_bureau/consumer/advance":   {`{"mode":"ID","number":22222222222,"customer_name":"test","dob":"1990-08-01"}`, "mode=ID&number=22222222222&customer_name=test", "PersonalDetailsSummary"},
		"credit_bureau/commercial/basic":   {`{"rc_number":"59002","customer_name":"test"}`, "rc_number=59002&customer_name=test", "BusinessData"},
		"credit_bureau/commercial/advance": {`{"rc_number":59001,"customer_name":"Test Name"}`, "rc_number=59001&customer_name=test", "BusinessData"},
	} {
		for _, prefix := range []string{"/peleza/verification/", "/identitypass/verification/"} {
			for mediaType, body := range map[string]string{"application/json": c.json, "application/x-www-form-urlencoded": c.form} {
				r := httptest.NewRequest("POST", p.Prefix+prefix+path, strings.NewReader(body))
				r.Header.Set("Content-Type", mediaType)
				p.SetCredential(r, "key")
				r.Header.Set("App-Id", "app")
				call, err := p.Match(r)
				if err != nil {
					t.Errorf("%s%s as %s: %v", prefix, path, mediaType, err)
					continue
				}
				s := call.Scope()
				s.Fake, s.Run, s.Account = fake.New(1), map[string]any{"reference": "r-1", "outcome": "verified", "status": "VERIFIED"}, map[string]any{"name": "key"}
				reply, err := p.Reply(call.Operation, "success", nil, s)
				if err != nil {
					t.Fatal(err)
				}
				if err := call.Operation.ValidateResponse(reply.Status, reply.Body); err != nil {
					t.Errorf("%s%s: %v", prefix, path, err)
				}
				checkRecord(t, prefix+path, reply.Body, c.key)
			}
		}
	}
}

// checkRecord checks the record of a successful response; key is one of a credit record, or empty for a vehicle.
func checkRecord(t *testing.T, path string, body []byte, key string) {
	t.Helper()
	var got struct {
		Status bool            `json:"status"`
		Code   string          `json:"response_code"`
		Data   json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(body, &got); err != nil || !got.Status || got.Code != "00" {
		t.Errorf("%s: %v\n%s", path, err, body)
	}
	if key == "" {
		var vehicle map[string]any
		if err := json.Unmarshal(got.Data, &vehicle); err != nil || len(vehicle) == 0 {
			t.Errorf("%s: data is not a vehicle: %v\n%s", path, err, body)
		}
		return
	}
	var parts []map[string]any
	if err := json.Unmarshal(got.Data, &parts); err != nil || len(parts) == 0 {
		t.Fatalf("%s: data is not a list of objects: %v\n%s", path, err, body)
	}
	var keys []string
	for _, part := range parts {
		if len(part) != 1 {
			t.Errorf("%s: an object has %d keys, want one", path, len(part))
		}
		for name, value := range part {
			keys = append(keys, name)
			if list, ok := value.([]any); ok && len(list) != 1 {
				t.Errorf("%s: %s has %d objects, want one", path, name, len(list))
			}
		}
	}
	if !slices.Contains(keys, key) {
		t.Errorf("%s: no %s in %v", path, key, keys)
	}
}
