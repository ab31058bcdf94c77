package mockserver_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// An event that is sent by hand has the data of the request, of an existing or generated run, and triggers no rule.
func TestSend(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, app := with(t, s, "k")
	ref := reference(t, a.Call(provider, bvn, number(pending)))
	event := map[string]any{"provider": provider, "event": "verification.completed", "run": ref, "data": map[string]any{"response_code": "77"}}
	before := len(a.Journal())
	event["preview"] = true
	preview := a.Control("POST", "/send", event)
	if preview.Status != http.StatusOK || len(a.Journal()) != before {
		t.Errorf("preview: %d %s, and %d entries more", preview.Status, preview.Body, len(a.Journal())-before)
	}
	delete(event, "preview")
	got := a.Control("POST", "/send", event)
	if got.Status != http.StatusAccepted || got.At("run") != ref || got.At("account") != "k" {
		t.Fatalf("send: %d %s", got.Status, got.Body)
	}
	first := app.Next() // though the clock is frozen
	if !strings.Contains(string(first.Body), `"response_code":"77"`) || first.Header.Get("Token") != ref {
		t.Errorf("sent %s with token %q", first.Body, first.Header.Get("Token"))
	}
	var shown control.Sent
	if err := json.Unmarshal(preview.Body, &shown); err != nil || len(shown.Previews) != 1 || shown.Previews[0].Body != string(first.Body) || shown.Previews[0].URL != app.URL {
		t.Errorf("the preview is %s, sent is %s", preview.Body, first.Body)
	}
	ended := mockservertest.Wait[journal.Delivery](a, nil)
	if ended.Run != ref || !strings.Contains(string(got.Body), ended.Delivery) {
		t.Errorf("the journal has %+v, the answer %s", ended, got.Body)
	}
	got = a.Control("POST", "/send", map[string]any{"provider": provider, "event": "verification.completed", "subject": "55555555555"})
	if second := app.Next(); got.Status != http.StatusAccepted || second.Header.Get("Token") != got.At("run") || got.At("run") == ref {
		t.Errorf("of a made-up run: %s, token %q", got.Body, second.Header.Get("Token"))
	}
}

func TestSendErrors(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, _ := with(t, s, "k")
	for name, test := range map[string]struct {
		account *mockservertest.Account
		want    int
		body    map[string]any
		say     string
	}{
		"no provider":    {a, 422, map[string]any{"provider": "acme", "event": "x"}, "unknown provider"},
		"no event":       {a, 422, map[string]any{"provider": provider, "event": "verification.complete"}, `did you mean \"verification.completed\"?`},
		"no endpoint":    {s.Account("bare"), 422, map[string]any{"provider": provider, "event": "verification.completed"}, "register one with POST /_idmock/v1/endpoints"},
		"data no object": {a, 422, map[string]any{"provider": provider, "event": "verification.completed", "data": []int{1}}, "data: must be an object"},
		"no run":         {a, 404, map[string]any{"provider": provider, "event": "verification.completed", "run": "none"}, `run \"none\" of account \"k\"`},
		"two subjects":   {a, 422, map[string]any{"provider": provider, "event": "verification.completed", "run": "none", "subject": "1"}, "leave out run or subject"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := test.account.Control("POST", "/send", test.body); got.Status != test.want || !strings.Contains(string(got.Body), test.say) {
				t.Errorf("got %d %s, want %d and %s", got.Status, got.Body, test.want, test.say)
			}
		})
	}
}
