package mockserver_test

import (
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/webhook"
)

// A result of the API is sent once, a session up to five times in 24 hours. Results without code 00 are sent as the owner's page
// says, but for the switch results and the body of the 2026 guides, which deny it.
func TestPremblyPolicyOf2026(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("policy-2026").Freeze()
	receiver := s.NewReceiver()
	receiver.AnswerWith(func(mockservertest.Delivery) mockservertest.Response { return mockservertest.Response{Status: 202} })
	ep := webhook.Endpoint{Account: "policy-2026", Provider: "prembly", URL: receiver.URL}
	sent := 0
	for _, c := range []struct {
		switches        map[string]string
		found, notFound int
	}{
		{nil, 1, 1}, {map[string]string{"policy": "quick"}, 4, 4}, {map[string]string{"shape": "2026"}, 1, 0}, {map[string]string{"results": "found"}, 1, 0},
	} {
		ep.Switches = c.switches
		if _, err := s.Control().Endpoints.SetEndpoint(t.Context(), ep); err != nil {
			t.Fatal(err)
		}
		for scenario, want := range map[string]int{"default": c.found, "not-found": c.notFound} {
			a.CallAs(scenario, "prembly", "verifyNIN", map[string]any{"number_nin": "12345678901"})
			a.Advance(24 * time.Hour)
			if n := len(receiver.Got()) - sent; n != want {
				t.Errorf("%v: %s was sent %d times, want %d", c.switches, scenario, n, want)
			}
			sent = len(receiver.Got())
		}
	}
	a.Call("prembly", "initializeWidget", map[string]any{"first_name": "a", "last_name": "b", "email": "a@example.com", "user_ref": "u", "config_id": "c", "public_key": "policy-2026"})
	start := a.Now()
	a.Advance(24 * time.Hour)
	var waits []time.Duration
	for _, attempt := range mockservertest.Entries[journal.Attempt](a) {
		if attempt.Event == "sdk.completed" {
			waits = append(waits, attempt.Planned.Sub(start).Round(time.Minute))
		}
	}
	want := []time.Duration{time.Minute, 31 * time.Minute, 91 * time.Minute, 271 * time.Minute, 631 * time.Minute}
	if len(waits) != len(want) {
		t.Fatalf("a session was sent after %v, want %v", waits, want)
	}
	tokens := map[string]bool{}
	for _, d := range receiver.Got()[sent:] {
		tokens[d.Header.Get("Token")] = true
	}
	if len(tokens) != 1 {
		t.Errorf("tokens %v: want the same on every attempt", tokens)
	}
	for i := range want {
		if waits[i] != want[i] {
			t.Errorf("attempt %d after %v, want %v", i+1, waits[i], want[i])
		}
	}
}

// Redirects are followed but for workflow runs, which end with any other 4xx and are repeated after 425, and are signed with the
// live key.
func TestPremblyRedirectsAndWorkflows(t *testing.T) {
	t.Parallel()
	s := begin(t)
	const account = "workflow-2026"
	a := s.Account(account).Freeze()
	receiver := s.NewReceiver()
	status, location := 200, ""
	receiver.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		if d.Path == "/moved" {
			return mockservertest.Response{Status: 200}
		}
		return mockservertest.Response{Status: status, Header: map[string]string{"Location": location}}
	})
	ep := webhook.Endpoint{Account: account, Provider: "prembly", URL: receiver.URL}
	if _, err := s.Control().Endpoints.SetEndpoint(t.Context(), ep); err != nil {
		t.Fatal(err)
	}
	attempts := func(event string) (all []journal.Attempt) {
		for _, e := range mockservertest.Entries[journal.Attempt](a) {
			if e.Event == event {
				all = append(all, e)
			}
		}
		return all
	}
	status, location = 307, "/moved"
	a.Call("prembly", "verifyNIN", map[string]any{"number_nin": "12345678909"})
	a.Advance(time.Hour)
	if got := attempts("verification.completed"); len(got) != 1 || !got[0].Accepted || len(got[0].Redirects) != 1 {
		t.Errorf("a result that is redirected: %+v", got)
	}
	seen := map[string]int{}
	for _, policy := range []string{"2026", "quick"} { // kinds without another table are sent by it in any case
		ep.Switches = map[string]string{"policy": policy}
		if _, err := s.Control().Endpoints.SetEndpoint(t.Context(), ep); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			event  string
			status int
			want   int
		}{{"workflow.process.completed", 307, 1}, {"workflow.process.failed", 425, 5}, {"workflow.process.manual_review", 202, 1}, {"verification.async", 500, 1}} {
			status = c.status
			a.Send("prembly", c.event, nil)
			a.Advance(24 * time.Hour)
			got := attempts(c.event)[seen[c.event]:]
			seen[c.event] += len(got)
			if len(got) != c.want || got[0].SignedBy != "live_public_key" || got[0].Accepted != (c.status == 202) {
				t.Errorf("policy %s: %s answered %d: %d attempts %+v", policy, c.event, c.status, len(got), got)
			}
		}
	}
}
