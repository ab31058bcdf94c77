package mockserver_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

func TestForm(t *testing.T) {
	t.Parallel()
	s := begin(t)
	form := func(operation string) (form control.Form) {
		t.Helper()
		answer := s.DefaultAccount().Control("GET", "/providers/prembly/operations/"+operation, nil)
		if err := json.Unmarshal(answer.Body, &form); err != nil || answer.Status != 200 || len(form.Fields) == 0 {
			t.Fatalf("%s: %d %s", operation, answer.Status, answer.Body)
		}
		return form
	}
	verify := form("verifyBVN")
	if verify.ID != "verifyBVN" || verify.Method != "POST" || verify.MediaType != "application/json" {
		t.Errorf("%+v", verify)
	}
	if number := verify.Fields[0]; number.Name != "number" || number.In != "body" || number.Type != "string" || !number.Required || !number.Subject || len(number.Example) < 3 {
		t.Errorf("the first field is %+v", number)
	}
	if reference := form("getVerificationStatus").Fields[0]; reference.Name != "reference" || reference.In != "path" || !reference.Required {
		t.Errorf("the first field is %+v", reference)
	}
	for _, path := range []string{"prembly/operations/verifyBVM", "premble/operations/verifyBVN"} {
		if answer := s.DefaultAccount().Control("GET", "/providers/"+path, nil); answer.Status != 404 {
			t.Errorf("%s: %d %s", path, answer.Status, answer.Body)
		}
	}
}

// The catalogue names the operation that plays a scenario.
func TestCatalogueNamesTheOperation(t *testing.T) {
	t.Parallel()
	a := begin(t).Account("player").Freeze()
	var all []control.Scenario
	if err := json.Unmarshal(a.Control("GET", "/scenarios", nil).Body, &all); err != nil {
		t.Fatal(err)
	}
	played := map[string]bool{}
	for _, s := range all {
		if s.Plays == "" || played[s.Provider] {
			continue
		}
		played[s.Provider] = true
		before := len(mockservertest.Entries[journal.Call](a))
		a.Control("POST", "/play", map[string]string{"provider": s.Provider, "scenario": s.Name})
		calls := mockservertest.Entries[journal.Call](a)
		if len(calls) != before+1 || calls[before].Operation != s.Plays {
			t.Errorf("%s/%s is said to be played by %s; %d calls came of it", s.Provider, s.Name, s.Plays, len(calls)-before)
		}
	}
	if len(played) < 4 {
		t.Errorf("only %v list the scenario that plays", played)
	}
}

// A request of the page is like one of an application: for the account, in the journal, with the provider's response.
func TestCall(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("caller").Freeze()
	call := func(status int, body string) mockservertest.Answer {
		t.Helper()
		answer := a.Control("POST", "/call", body)
		if answer.Status != status {
			t.Errorf("%s: got %d %s, want %d", body, answer.Status, answer.Body, status)
		}
		return answer
	}
	if got := call(200, `{"provider":"prembly","operation":"verifyBVN","body":{},"preview":true}`); got.At("preview.problem.field") != "number" ||
		got.At("preview.method") != "POST" || got.At("preview.body") != `{}` || !strings.Contains(string(got.Body), `["X-Api-Key","caller"]`) {
		t.Errorf("the preview without the number is %s", got.Body)
	}
	call(200, `{"provider":"prembly","operation":"verifyBVN","body":{"number":"22222222222"}}`)
	sent := mockservertest.Wait[journal.Call](a, nil)
	if sent.Operation != "verifyBVN" || sent.Scenario != "pending-then-confirmed" {
		t.Errorf("the call is %+v", sent)
	}
	asked := call(200, `{"provider":"prembly","operation":"getVerificationStatus","parameters":{"reference":"`+sent.Run+`"}}`)
	if asked.At("status") != "200" {
		t.Errorf("asking for it is answered %s", asked.Body)
	}
	call(200, `{"provider":"prembly","operation":"updateWebhook","body":{"webhook_url":"http://127.0.0.1:1/hooks"}}`)
	if screen := call(200, `{"provider":"prembly","operation":"getWebhook"}`); screen.At("body.webhook_url") != "http://127.0.0.1:1/hooks" {
		t.Errorf("the screen shows %s", screen.Body)
	}
	if refused := call(200, `{"provider":"prembly","operation":"updateWebhook","body":{"webhook_url":"nowhere"}}`); refused.At("status") != "400" {
		t.Errorf("a bad URL is answered %s", refused.Body)
	}
	call(422, `{"provider":"prembly","operation":"nothing"}`)
}
