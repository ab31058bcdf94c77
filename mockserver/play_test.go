package mockserver_test

import (
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// Play starts a scenario without an application: by its start rule, or by the request of an application.
func TestPlay(t *testing.T) {
	t.Parallel()
	s := begin(t, `
scenario: unasked
provider: identitypass
rules:
  - on: start
    set: {status: VERIFIED}
    then:
      - after: 5s
        send: verification.completed
`, `
scenario: only-polled
provider: identitypass
rules:
  - {on: getVerificationStatus, reply: {}}
`)
	tests := map[string]struct {
		body      string
		status    int // of the control API
		answered  string
		code      string
		delivered int
	}{
		"default":                {`{"scenario":"default"}`, 200, "200", "00", 1},
		"not-found":              {`{"scenario":"not-found"}`, 200, "200", "01", 1},
		"pending-then-confirmed": {`{"scenario":"pending-then-confirmed","subject":"12345678907"}`, 200, "200", "02", 1},
		"provider-down":          {`{"scenario":"provider-down"}`, 200, "503", "", 0},
		"timeout":                {`{"scenario":"timeout"}`, 200, "", "", 1},
		"unasked":                {`{"scenario":"unasked"}`, 200, "", "", 1},
		"a body":                 {`{"scenario":"default","body":{"number":"12345678908"}}`, 200, "200", "00", 1},
		"a bad body":             {`{"scenario":"default","body":{}}`, 200, "400", "", 0},
		"only-polled":            {`{"scenario":"only-polled"}`, 422, "", "", 0},
		"misspelt":               {`{"scenario":"defualt"}`, 422, "", "", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a, r := with(t, s, "play "+name)
			got := a.Control("POST", "/play", `{"provider":"identitypass",`+test.body[1:])
			if got.Status != test.status {
				t.Fatalf("%d %s, want %d", got.Status, got.Body, test.status)
			}
			if test.status != 200 {
				return
			}
			if got.At("status") != test.answered || got.At("body.response_code") != test.code {
				t.Errorf("played %s, want status %q and code %q", got.Body, test.answered, test.code)
			}
			a.Advance(time.Hour)
			if n := len(r.Got()); n != test.delivered {
				t.Errorf("%d deliveries, want %d", n, test.delivered)
			}
			if test.delivered > 0 && r.Got()[0].Header.Get("Token") != got.At("reference") {
				t.Errorf("delivered %v, want it under %s", r.Got()[0], got.At("reference"))
			}
		})
	}
	if got := s.DefaultAccount().Control("POST", "/play", `{"provider":"identitypass","scenario":"default"}`); got.Status != 200 || len(s.Account("demo").Journal()) == 0 {
		t.Errorf("played without an account: %d %s, want it in the account demo", got.Status, got.Body)
	}
}

// A resend is a new delivery of the same data, regardless of later changes of the run.
func TestResend(t *testing.T) {
	t.Parallel()
	a, r := with(t, begin(t), "resend")
	a.Call(provider, bvn, number(pending))
	a.Advance(time.Hour)
	first := r.Next()
	id := mockservertest.Entries[journal.Delivery](a)[0].Delivery
	got := a.Control("POST", "/deliveries/"+id+"/resend", nil)
	if got.Status != 202 || got.At("delivery") == "" || got.At("delivery") == id {
		t.Fatalf("resend: %d %s", got.Status, got.Body)
	}
	again := r.Next()
	if string(again.Body) != string(first.Body) || again.Header.Get("Token") != first.Header.Get("Token") {
		t.Errorf("sent again as %v, was %v", again, first)
	}
	a.Idle()
	if ends := outcomes(a); ends[journal.Delivered] != 2 || ends[journal.Unroutable] != 0 {
		t.Errorf("ends: %v, want 2 delivered", ends)
	}
	events := mockservertest.Entries[journal.Event](a)
	if len(events) != 2 || events[0].Manual || !events[1].Manual || !events[1].Due.Equal(began.Add(time.Hour)) {
		t.Errorf("events: %+v, want the second one manual and due at once", events)
	}
	if met := mockservertest.Entries[journal.Expect](a); len(met) != 1 {
		t.Errorf("%d expectations judged, want only the scenario's own", len(met))
	}
	if got := a.Control("POST", "/deliveries/nope/resend", nil); got.Status != 404 {
		t.Errorf("resend of an unknown delivery: %d %s, want 404", got.Status, got.Body)
	}
	if got := a.Server.Account("somebody_else").Control("POST", "/deliveries/"+id+"/resend", nil); got.Status != 404 {
		t.Errorf("resend of another account's delivery: %d %s, want 404", got.Status, got.Body)
	}
}
