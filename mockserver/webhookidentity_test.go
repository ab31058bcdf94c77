package mockserver_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A page's own test_pk_ key opens the account whose webhooks it verifies. Two events of one person have different tokens; all
// parts of a webhook name that person.
func TestPremblyWidgetKeyTokenAndPerson(t *testing.T) {
	t.Parallel()
	s := begin(t)
	const key = "test_pk_0123456789abcdef"
	a := s.Account(key).Freeze()
	receiver := s.NewReceiver()
	a.Webhook("prembly", receiver.URL)
	var tokens []string
	for range 2 {
		body := `{"first_name":"Ngozi","last_name":"Eze","email":"n@example.com","user_ref":"u-1","config_id":"c","public_key":"` + key + `"}`
		r, err := http.NewRequestWithContext(t.Context(), "POST", s.URL()+"/prembly/identitypass/internal/checker/sdk/widget/initialize", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", jsonType)
		if answer := s.Do(r); answer.Status != http.StatusOK {
			t.Fatalf("%d %s", answer.Status, answer.Body)
		}
		a.Advance(60e9)
		got := receiver.Next()
		hash := hmac.New(sha256.New, []byte(key))
		hash.Write(got.Body)
		if want := base64.StdEncoding.EncodeToString(hash.Sum(nil)); got.Header.Get("X-Prembly-Signature") != want {
			t.Errorf("signature %q, want %q", got.Header.Get("X-Prembly-Signature"), want)
		}
		var event struct {
			Data       struct{ Firstname, Surname string }
			WidgetInfo struct {
				First string `json:"first_name"`
				Last  string `json:"last_name"`
			} `json:"widget_info"`
		}
		if err := json.NewDecoder(bytes.NewReader(got.Body)).Decode(&event); err != nil {
			t.Fatal(err)
		}
		if event.Data.Firstname != "NGOZI" || event.Data.Surname != "EZE" || event.WidgetInfo.First != "Ngozi" || event.WidgetInfo.Last != "Eze" {
			t.Errorf("the webhook names %+v", event)
		}
		tokens = append(tokens, got.Header.Get("Token"))
	}
	if tokens[0] == "" || tokens[0] == tokens[1] {
		t.Errorf("tokens of two events: %q", tokens)
	}
}

// An application's key and the key that its webhooks are verified with belong together.
func TestEnvHasTheKeyPair(t *testing.T) {
	t.Parallel()
	answer := begin(t).Account("test_sk_pair").Control("GET", "/providers/prembly/env?account=test_sk_pair", nil)
	for _, want := range []string{`{"name":"PREMBLY_API_KEY","value":"test_sk_pair"}`, `{"name":"PREMBLY_PUBLIC_KEY","value":"test_pk_`} {
		if !strings.Contains(strings.ReplaceAll(string(answer.Body), " ", ""), want) {
			t.Errorf("%d %s, want %s", answer.Status, answer.Body, want)
		}
	}
}
