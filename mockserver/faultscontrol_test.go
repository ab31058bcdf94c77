package mockserver_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// set sets a fault over the control API and returns its ID.
func set(t *testing.T, a *mockservertest.Account, body map[string]any) string {
	t.Helper()
	got := a.Control("POST", "/faults", body)
	if got.Status != 200 {
		t.Fatalf("%v: %d %s", body, got.Status, got.Body)
	}
	return got.At("id")
}

func TestSetFaults(t *testing.T) {
	t.Parallel()
	s := begin(t, atOnce)
	defaults := s.DefaultAccount()
	a, r := with(t, s, "one")
	b, other := with(t, s, "two")
	play := func(a *mockservertest.Account) string {
		var faults []string
		before := len(mockservertest.Entries[journal.Event](a))
		if got := a.CallAs("at-once", provider, bvn, number(found)); got.Status != 200 {
			return fmt.Sprint(got.Status)
		}
		a.Idle()
		for _, e := range mockservertest.Entries[journal.Event](a)[before:] {
			faults = append(faults, strings.Join(e.Fault, "+"))
		}
		return strings.Join(faults, " ")
	}
	id := set(t, defaults, map[string]any{"fault": "wrong-secret"})
	if got := play(a) + "/" + play(b); got != "wrong-secret/wrong-secret" {
		t.Errorf("set for all accounts, %s", got)
	}
	set(t, a, map[string]any{"fault": "tampered", "provider": provider, "event": "verif*", "times": 2})
	if got := play(a) + "/" + play(b); got != "tampered/wrong-secret" {
		t.Errorf("with one of its own, %s", got)
	}
	if got := defaults.Control("DELETE", "/faults/"+id, nil); got.Status != 204 {
		t.Fatalf("%d %s", got.Status, got.Body)
	}
	if got := play(a) + "/" + play(a) + "/" + play(b); got != "tampered//" {
		t.Errorf("for two times, and gone for all accounts: %s", got)
	}
	set(t, a, map[string]any{"fault": "drop", "event": "something else"})
	set(t, a, map[string]any{"fault": "drop", "endpoint": "another"})
	if got := play(a); got != "" {
		t.Errorf("what is for other events and endpoints played: %s", got)
	}
	set(t, b, map[string]any{"fault": "duplicate", "args": map[string]any{"copies": 2}})
	set(t, b, map[string]any{"fault": "server-error", "operation": bvn, "args": map[string]any{"status": 500}, "times": 1})
	if got := play(b) + " " + play(b); got != "500 duplicate duplicate duplicate" {
		t.Errorf("%s", got)
	}
	if got := b.Control("GET", "/faults", nil); strings.Count(string(got.Body), `"id"`) != 1 || !strings.Contains(string(got.Body), `"copies":"2"`) {
		t.Errorf("what is set: %s", got.Body)
	}
	if got := b.Control("DELETE", "/faults", nil); got.Status != 204 || play(b) != "" {
		t.Errorf("%d after all were taken away", got.Status)
	}
	if len(r.Got()) != 5 || len(other.Got()) != 7 {
		t.Errorf("%d and %d came", len(r.Got()), len(other.Got()))
	}
	entries := mockservertest.Entries[journal.Fault](b)
	if len(entries) != 3 || entries[0].Fault != "duplicate" || !entries[2].Removed {
		t.Errorf("the journal has %+v", entries)
	}
	a.Reset()
	if got := a.Control("GET", "/faults", nil); string(got.Body) != "[]" {
		t.Errorf("after a reset there are %s", got.Body)
	}
}

// An inapplicable fault is refused with the alternatives.
func TestInvalidFaults(t *testing.T) {
	t.Parallel()
	a := begin(t).Account("refused")
	for body, says := range map[string]string{
		`{"fault":"duplicates"}`:                                           `unknown delivery fault \"duplicates\"`,
		`{"fault":"duplicate","operation":"verifyBVN"}`:                    `unknown reply fault \"duplicate\"`,
		`{"fault":"reset"}`:                                                "on: required",
		`{"fault":"reset","on":"both"}`:                                    "use delivery or reply",
		`{"fault":"reset","operation":"x","event":"y"}`:                    "not both",
		`{"fault":"delay","args":{"by":"soon"}}`:                           "invalid duration",
		`{"fault":"delay","probability":2}`:                                "from 0 to 1",
		`{"fault":"delay","provider":"unknown"}`:                           "unknown provider",
		`{"fault":"delay","provider":"faceio","event":"enrol"}`:            `unknown event \"enrol\"`,
		`{"fault":"latency","provider":"faceio","operation":"verifyFace"}`: "unknown operation",
		`{"fault":"delay","delivery":"d0"}`:                                "not found",
	} {
		got := a.Control("POST", "/faults", body)
		if got.Status != 422 && got.Status != 404 || !strings.Contains(string(got.Body), says) {
			t.Errorf("%s: %d %s, want it to say %s", body, got.Status, got.Body, says)
		}
	}
}

// A planned delivery can be dropped, delayed, duplicated or forged, and so can its later attempts.
func TestFaultOnOneDelivery(t *testing.T) {
	t.Parallel()
	later := func(t *testing.T) (*mockservertest.Account, *mockservertest.Receiver, string) {
		a := begin(t, sends(`{`+send+`, fault: {name: delay, by: 1m}}`)).Account("one")
		r := a.Server.NewReceiver()
		quickly(a, r.URL)
		a.CallAs("faulty", signing, bvn, number(found))
		a.Idle()
		return a, r, mockservertest.Entries[journal.Event](a)[0].Delivery
	}
	for name, c := range map[string]struct {
		fault string
		want  string // deliveries after one minute, and after an hour
	}{
		"drop":      {`{"fault":"drop"`, "0 0"},
		"delay":     {`{"fault":"delay","args":{"by":"10m"}`, "0 1"},
		"duplicate": {`{"fault":"duplicate"`, "2 2"},
		"forged":    {`{"fault":"wrong-secret"`, "1 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, r, id := later(t)
			if got := a.Control("POST", "/faults", c.fault+`,"delivery":"`+id+`"}`); got.Status != 200 {
				t.Fatalf("%d %s", got.Status, got.Body)
			}
			a.Advance(time.Minute)
			came := len(r.Got())
			a.Advance(time.Hour)
			if got := fmt.Sprint(came, len(r.Got())); got != c.want {
				t.Errorf("%s came, want %s", got, c.want)
			}
			if ends := mockservertest.Entries[journal.Delivery](a); name == "drop" && (len(ends) != 1 || ends[0].Outcome != journal.Dropped) {
				t.Errorf("it ended as %+v", ends)
			}
			if name == "forged" && (signed(t, a, r.Got()[0]) || played(a) != "delay+wrong-secret") {
				t.Errorf("it is signed as it should be; the journal has %s", played(a))
			}
			if got := a.Control("POST", "/faults", `{"fault":"tampered","delivery":"`+id+`"}`); got.Status != 422 {
				t.Errorf("a fault for what is over: %d %s", got.Status, got.Body)
			}
		})
	}
	a, r, id := later(t)
	r.Answer(mockservertest.Response{Status: 500}, mockservertest.Response{})
	a.Advance(time.Minute)
	if got := a.Control("POST", "/faults", `{"fault":"tampered","delivery":"`+id+`"}`); got.Status != 200 {
		t.Fatalf("between two attempts: %d %s", got.Status, got.Body)
	}
	if got := a.Control("POST", "/faults", `{"fault":"drop","delivery":"`+id+`"}`); got.Status != 422 {
		t.Errorf("dropped between two attempts: %d %s", got.Status, got.Body)
	}
	a.Advance(time.Hour)
	if got := r.Got(); len(got) != 2 || !signed(t, a, got[0]) || signed(t, a, got[1]) {
		t.Errorf("%v came, want the second attempt tampered with", got)
	}
}

// The catalogue lists the faults that scenario files and the control API accept.
func TestFaultCatalogue(t *testing.T) {
	t.Parallel()
	got := begin(t).DefaultAccount().Control("GET", "/faults/catalogue", nil)
	for _, says := range []string{`"name":"duplicate"`, `"of":["in-sequence","concurrent"]`, `"name":"truncated"`, `"where":["delivery","reply"]`} {
		if !strings.Contains(string(got.Body), says) {
			t.Errorf("%d %s: want it to hold %s", got.Status, got.Body, says)
		}
	}
}
