package mockserver_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// opened lists the names of the open accounts.
func opened(t *testing.T, s *mockservertest.Server) string {
	t.Helper()
	all, err := s.Control().Accounts.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range all {
		names = append(names, a.Name)
	}
	return strings.Join(names, " ")
}

// Requests that read an account, or act on its content, need one that is open: a misspelt name is an error, and opens none.
func TestSecurityReadingOpensNoAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	s.Account("vcheck-1").Freeze()
	stranger := s.Account("vchek-1")
	for request, body := range map[string]string{
		"GET /scenarios": "", "GET /scenarios/identitypass/default": "", "GET /journal": "", "GET /journal?format=ndjson": "",
		"GET /journal?format=har": "", "GET /journal?format=ndjson&follow=true": "", "GET /deliveries": "", "GET /deliveries/d1": "",
		"GET /holds": "", "GET /endpoints": "", "GET /faults": "", "GET /default": "", "GET /clock": "", "GET /runs/r/scenario?provider=identitypass": "",
		"POST /reset": "", "POST /clock/advance": `{"by":"1h"}`, "POST /wait": `{"timeout":"10m"}`, "POST /wait/idle": "",
		"POST /simulate": `{"name":"aml-hit"}`, "DELETE /faults": "", "DELETE /holds": "", "DELETE /endpoints/e1": "", "POST /deliveries/d1/hold": "",
	} {
		method, path, _ := strings.Cut(request, " ")
		var sent any
		if body != "" {
			sent = body
		}
		got := stranger.Control(method, path, sent)
		if got.Status != 404 || !strings.Contains(string(got.Body), `did you mean \"vcheck-1\"?`) {
			t.Errorf("%s: %d %s, want 404 and the nearest name", request, got.Status, got.Body)
		}
	}
	if got := opened(t, s); got != "vcheck-1" {
		t.Errorf("open accounts: %s, want only vcheck-1", got)
	}
	// In the same process, too.
	for name, err := range map[string]error{
		"Reset": s.Control().Accounts.Reset(t.Context(), "vchek-1"),
		"Idle":  s.Control().Accounts.Idle(t.Context(), "vchek-1"),
		"Advance": func() error {
			_, err := s.Control().Clocks.Advance(t.Context(), "vchek-1", time.Hour)
			return err
		}(),
	} {
		if err == nil || !strings.Contains(err.Error(), `did you mean "vcheck-1"?`) {
			t.Errorf("%s: %v, want the nearest name", name, err)
		}
	}
}

// A test prepares an account with any of these, and a provider's request opens it, too.
func TestSettingsOpenAnAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	r := s.NewReceiver()
	for i, open := range map[string]func(*mockservertest.Account) mockservertest.Answer{
		"a freeze": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/clock", `{"frozen":true}`)
		},
		"a seed": func(a *mockservertest.Account) mockservertest.Answer {
			return s.DefaultAccount().Control("POST", "/accounts/"+a.Name, `{"seed":7}`)
		},
		"an armed scenario": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/arm", `{"provider":"identitypass","scenario":"not-found"}`)
		},
		"a default": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/default", `{"provider":"identitypass","scenario":"not-found"}`)
		},
		"an endpoint": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/endpoints", fmt.Sprintf(`{"provider":"identitypass","url":%q}`, r.URL))
		},
		"a fault": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/faults", `{"fault":"drop"}`)
		},
		"a hold": func(a *mockservertest.Account) mockservertest.Answer { return a.Control("POST", "/holds", nil) },
		"a scenario": func(a *mockservertest.Account) mockservertest.Answer {
			return a.Control("POST", "/scenarios", "scenario: own\nprovider: identitypass\nrules:\n  - on: verifyBVN\n")
		},
		"a request": func(a *mockservertest.Account) mockservertest.Answer { return a.Call(provider, bvn, number(found)) },
	} {
		a := s.Account(strings.ReplaceAll(i, " ", "-"))
		if got := open(a); got.Status >= 300 {
			t.Errorf("%s: %d %s", i, got.Status, got.Body)
		}
		if got := a.Control("POST", "/clock/advance", `{"by":"1s"}`); got.Status != 200 {
			t.Errorf("advance after %s: %d %s, want 200", i, got.Status, got.Body)
		}
	}
}

// The environment of an account that is not open yet is the one that it will have.
func TestEnvironmentOpensNoAccount(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("later")
	before := a.Control("GET", "/providers/faceio/env", nil)
	if names := opened(t, s); before.Status != 200 || names != "" {
		t.Fatalf("%d %s, open accounts %q, want none", before.Status, before.Body, names)
	}
	a.Freeze()
	if after := a.Control("GET", "/providers/faceio/env", nil); string(after.Body) != string(before.Body) {
		t.Errorf("the environment changed:\n%s\n%s", before.Body, after.Body)
	}
	a.Server.Account("seeded").Control("GET", "/providers/faceio/env", nil)
	if got := s.DefaultAccount().Control("POST", "/accounts/seeded", `{"seed":7}`); got.Status != 200 {
		t.Errorf("a seed after the environment: %d %s", got.Status, got.Body)
	}
}

// An advance counts the deliveries that ended meanwhile.
func TestAdvanceCountsEnds(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: ends
provider: identitypass
rules:
  - on: start
    then:
      - after: 1m
        send: verification.completed
      - after: 1m
        send: verification.completed
        fault: drop
      - after: 1m
        send: verification.completed
        fault: {name: wrong-secret}
`)
	a, r := with(t, s, "ends")
	r.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		if len(r.Got()) > 1 {
			return mockservertest.Response{Status: 500}
		}
		return mockservertest.Response{Status: 200}
	})
	a.Play(provider, "ends")
	advance := func(body string) control.Advanced {
		t.Helper()
		var got control.Advanced
		answer := a.Control("POST", "/clock/advance", body)
		if err := json.Unmarshal(answer.Body, &got); err != nil || answer.Status != 200 {
			t.Fatalf("%d %s: %v", answer.Status, answer.Body, err)
		}
		return got
	}
	if got := advance(`{"by":"1m"}`); got.Ends != (control.Ends{Delivered: 1}) {
		t.Errorf("after a minute: %+v, want one delivered", got)
	}
	if got := advance(`{"to":"end"}`); got.Ends != (control.Ends{Exhausted: 1, Dropped: 1}) {
		t.Errorf("to the end: %+v, want one exhausted and one dropped", got)
	}
	lone := s.Account("lone").Freeze()
	lone.Play(provider, "ends")
	got, err := s.Control().Clocks.Advance(t.Context(), "", time.Hour)
	if err != nil || got.Ends != (control.Ends{Unroutable: 3}) {
		t.Errorf("all accounts: %+v, %v, want three unroutable", got, err)
	}
	a.Reset()
	if got := advance(`{"by":"1h"}`); got.Ends != (control.Ends{}) {
		t.Errorf("after a reset: %+v, want nothing", got)
	}
}

// A wait for an outcome that can no longer come responds at once and says why; one that can still be met goes on.
func TestWaitThatCannotBeMet(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: later
provider: identitypass
rules:
  - on: start
    set: {status: PENDING}
    then:
      - after: 1h
        send: verification.completed
  - on: getVerificationStatus
    reply: {example: pending}
`, `
scenario: polled
provider: identitypass
rules:
  - on: start
    set: {status: PENDING}
  - on: getVerificationStatus
    then: {send: verification.completed}
`)
	a, r := with(t, s, "wait")
	wait := func(a *mockservertest.Account, format string, args ...any) mockservertest.Answer {
		t.Helper()
		return a.Control("POST", "/wait", fmt.Sprintf(format, args...))
	}
	expect := func(name string, got mockservertest.Answer, status int, says string) {
		t.Helper()
		if got.Status != status || !strings.Contains(string(got.Body), says) {
			t.Errorf("%s: %d %s, want %d and %s", name, got.Status, got.Body, status, says)
		}
	}

	r.Answer(mockservertest.Response{Status: 500})
	run := a.Play(provider, "later")
	expect("still planned", wait(a, `{"run":%q,"timeout":"0s"}`, run), 408, "0 of 1 seen within")
	a.Finish()
	expect("exhausted", wait(a, `{"run":%q,"timeout":"10m"}`, run), 409, "verification.completed of run "+run+" ended as exhausted")
	id := mockservertest.Entries[journal.Delivery](a)[0].Delivery
	expect("the delivery", wait(a, `{"delivery":%q,"timeout":"10m"}`, id), 409, "ended as exhausted")
	expect("met", wait(a, `{"delivery":%q,"outcome":"exhausted"}`, id), 200, id)
	expect("no second end", wait(a, `{"delivery":%q,"outcome":"exhausted","count":2,"timeout":"10m"}`, id), 409, "1 of 2 seen")
	expect("an unknown delivery", wait(a, `{"delivery":"d1","timeout":"10m"}`), 404, "unknown")
	expect("an unknown event", wait(a, `{"event":"verification.complete","timeout":"10m"}`), 422, `did you mean \"verification.completed\"?`)
	expect("an unknown provider", wait(a, `{"provider":"identitypas","timeout":"10m"}`), 422, `did you mean \"identitypass\"?`)

	polled := a.Play(provider, "polled")
	expect("a poll can send it", wait(a, `{"run":%q,"timeout":"0s"}`, polled), 408, "0 of 1")

	lone := s.Account("lone").Freeze()
	run = lone.Play(provider, "later")
	lone.Finish()
	expect("no endpoint takes it", wait(lone, `{"run":%q,"timeout":"10m"}`, run), 409, "reached no endpoint")
	expect("nor another", wait(lone, `{"event":"verification.completed","timeout":"10m"}`), 409, "register one with POST")
	lone.Webhook(provider, r.URL)
	expect("until one is registered", wait(lone, `{"event":"verification.completed","timeout":"0s"}`), 408, "reached no endpoint")
}
