package journal

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/idmock/idmock/mockserver/store"
)

const nasty = "a\"b\\c\n\t\x00\x1f</script>é世𝄞\u2028"

var at = time.Date(2026, 2, 3, 4, 5, 6, 789e6, time.UTC)

func body(s string) Body { return NewBody([]byte(s), int64(len(s))) }

// full returns one value of each kind with every field set.
func full() []Data {
	payload := Payload{Headers: []Header{{"X-Twice", "1"}, {"X-Twice", nasty}}, Body: body(`{"name":"x"}`)}
	return []Data{
		Call{
			ID: "c1", Provider: "acme", Operation: "verify", Run: "r1", Scenario: "success", Rule: "rules[0]",
			Method: "POST", Path: "/v1/x?y=" + nasty, Request: payload, Status: 200,
			Response: Payload{Body: NewBody([]byte{0xff, 0x00, 0x01}, 9)}, Duration: Millis(1234567 * time.Microsecond),
			Error: &CallError{Kind: "validation", Message: nasty, Field: "body.number"}, Fault: []string{"latency", nasty},
		},
		Run{
			Run: "r1", Provider: "acme", Operation: "verify", Scenario: "success", Subject: "222", Reference: nasty,
			State: json.RawMessage(`{"status":"VERIFIED","n":1.50}`), Before: json.RawMessage(`{"status":"PENDING"}`), Cause: "rules[0]", Rule: "rules[1]",
			Next: at,
		},
		Event{
			Delivery: "d1", Provider: "acme", Event: "AML Monitor Update", Run: "r1", Scenario: "success", Rule: "rules[0]",
			Endpoint: "e1", URL: "http://127.0.0.1:3000/?a=b&c", Due: at, Manual: true, Of: "d0", Fault: []string{"duplicate"},
		},
		Attempt{
			Delivery: "d1", Provider: "acme", Event: "verified", Run: "r1", Endpoint: "e1", URL: "http://a/", N: 2,
			Planned: at, Sent: at.Add(time.Second), Class: "status", Error: "responded with 500", Hint: nasty,
			Phases: Phases{
				DNS: Millis(time.Millisecond), Connect: Millis(1500 * time.Microsecond), TLS: Millis(20 * time.Millisecond),
				Write: Millis(time.Microsecond), Wait: Millis(10 * time.Microsecond), Read: Millis(100 * time.Microsecond), Total: Millis(time.Hour),
			},
			Request:  Request{Method: "POST", URL: "http://a/", Headers: payload.Headers, Body: body(nasty)},
			Response: &Response{Status: 500, Headers: []Header{{"Content-Type", "text/plain"}}, Body: body("no")},
			SentTo:   "http://b/", Redirects: []string{"http://c/", nasty}, From: "127.0.0.2", Remote: "127.0.0.1:80", SignedBy: "current", Next: at.Add(time.Hour), Fault: []string{"tampered"}, Repeated: true,
		},
		Delivery{Delivery: "d1", Provider: "acme", Event: "verified", Run: "r1", Endpoint: "e1", URL: "http://a/", Outcome: Exhausted, Attempts: 5, Fault: []string{"drop"}, Notified: []string{nasty}},
		Expect{Delivery: "d1", Call: "getStatus", Run: "r1", Rule: "rules[0]", Want: "2xx within 6s", Got: nasty, Pass: true},
		Endpoint{ID: "e1", Provider: "acme", URL: "http://a/", Events: []string{"a", "b"}, Source: "flag", Removed: true},
		Armed{Scenario: "success", Provider: "acme", Remaining: 3, Subject: "222", Default: true},
		Clock{Now: at, Rate: 0.5, Frozen: true, AdvancedBy: Millis(720 * time.Hour)},
		Account{Account: "test_key", Seed: 1<<53 - 1, Rough: &Rough{Seed: 1, Rate: 0.5, Nuisances: []string{"duplicates"}}},
		Reset{Rough: &Rough{Nuisances: []string{"odd-ids"}}, Account: "test_key", Dropped: true, Evicted: true},
		Gap{Missed: 7, AtMost: true},
		Fault{ID: "x1", On: "delivery", Fault: "delay", Args: map[string]string{"by": "1s"}, Provider: "acme", Event: "*", Operation: "verify", Endpoint: "e1", Delivery: "d1", Times: 2, Removed: true},
		Hold{ID: "hold1", Delivery: "d1", Provider: "acme", Event: "*", Run: "r1", Endpoint: "e1", URL: "http://app/?a=1&b", Released: true},
		RuleError{Run: "r1", Scenario: "success", Rule: "rules[0]", Limit: "fault-bytes", Message: nasty},
		Simulate{Name: "aml-hit", Provider: "acme", Run: "r1", Scenario: "success", Subject: nasty, Rule: "rules[0]", Data: json.RawMessage(`{"score":97}`)},
		Retention{Dropped: 7, Total: 9},
		CheckRun{ID: "k1", What: "receiver", Provider: "acme", URL: "http://a/?b&c", State: "ended", Seed: 1<<64 - 1, Total: 9, Done: 9, Counts: map[string]int{"fail": 2, "pass": 7}, Code: new(1), Headline: nasty, Conclusion: nasty},
		Check{CheckRun: "k1", ID: "auth/forged-signature", Level: "MUST", Verdict: "fail", Reason: nasty, Done: 3, Total: 9},
		Scenarios{Source: "files", Given: []string{"acme/late"}, Gone: []string{"acme/" + nasty}, Mistakes: nasty},
	}
}

// empty returns a value of each kind with no field set, and with only empty optional objects set.
func empty() []Data {
	return []Data{
		Call{}, Call{Error: &CallError{}}, Run{State: json.RawMessage(`{}`)}, Event{}, Attempt{}, Attempt{Response: &Response{}}, Delivery{},
		Expect{}, Endpoint{}, Armed{}, Clock{}, Account{}, Reset{}, Gap{}, RuleError{}, Fault{}, Hold{}, Simulate{}, Scenarios{}, Retention{}, CheckRun{}, Check{},
	}
}

func TestAppendDecode(t *testing.T) {
	for _, d := range append(full(), empty()...) {
		e := New("test_key", at, at, d)
		if e.Kind != d.Kind() || !json.Valid(e.Data) {
			t.Fatalf("%s: %s", e.Kind, e.Data)
		}
		got, err := Decode(e)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(d, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: %s", e.Data, diff)
		}
		if prefix := d.Append([]byte("before")); !bytes.HasPrefix(prefix, []byte("before")) || !bytes.HasSuffix(prefix, e.Data) {
			t.Errorf("Append to a slice in use: %s", prefix)
		}
	}
}

// The hand-written encoders agree with the struct tags, field by field and in order.
func TestAppendFollowsTags(t *testing.T) {
	type ( // the same fields without the encoding method
		call     Call
		run      Run
		event    Event
		attempt  Attempt
		delivery Delivery
		clock    Clock
	)
	plain := func(d Data) any {
		switch d := d.(type) {
		case Call:
			return call(d)
		case Run:
			return run(d)
		case Event:
			return event(d)
		case Attempt:
			return attempt(d)
		case Delivery:
			return delivery(d)
		case Clock:
			return clock(d)
		}
		return nil // no hand-written encoder
	}
	for _, d := range append(append(full(), empty()...), Run{}) {
		if plain(d) == nil {
			continue
		}
		var buf bytes.Buffer
		encoder := json.NewEncoder(&buf)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(plain(d)); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimSpace(buf.String())
		want = strings.NewReplacer(`"headers":null`, `"headers":[]`, `"state":null`, `"state":{}`, `T00:00:00Z`, `T00:00:00.000Z`, `\u2028`, "\u2028").Replace(want)
		if diff := cmp.Diff(want, string(d.Append(nil))); diff != "" {
			t.Errorf("%T: %s", d, diff)
		}
	}
}

func TestFullIsFull(t *testing.T) {
	for _, d := range full() {
		v := reflect.ValueOf(d)
		for i := range v.NumField() {
			if name := v.Type().Field(i).Name; v.Field(i).IsZero() && name != "Accepted" {
				t.Errorf("%T.%s is not covered", d, name)
			}
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for _, e := range []store.Entry{
		{Seq: 41, Kind: "other", Data: []byte(`{}`)},
		{Seq: 41, Kind: KindCall, Data: []byte(`{`)},
		{Seq: 41, Kind: KindCall, Data: []byte(`{"duration_ms":"x"}`)},
		{Seq: 41, Kind: KindAttempt, Data: []byte(`{"request":{"body":[]}}`)},
	} {
		if d, err := Decode(e); err == nil || !strings.Contains(err.Error(), "entry 41") {
			t.Errorf("%s %s: %v, %v", e.Kind, e.Data, d, err)
		}
	}
	if _, err := As[Run](New("", at, at, Call{})); err == nil {
		t.Error("decoded a call as a run")
	}
}
