package mockserver_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// sends is a scenario with steps after a documented response.
func sends(steps ...string) string {
	return "scenario: faulty\nprovider: prembly\nrules:\n  - on: verifyBVN\n    reply: {example: success}\n    then:\n      - " +
		strings.Join(steps, "\n      - ") + "\n"
}

const signing = "prembly" // signs with HMAC over the body

// faulty plays such a scenario for a new account with a receiver in process.
func faulty(t *testing.T, steps ...string) (*mockservertest.Account, *mockservertest.Receiver) {
	t.Helper()
	a := begin(t, sends(steps...)).Account("faulty")
	r := a.Server.NewReceiver()
	quickly(a, r.URL)
	if got := a.CallAs("faulty", signing, bvn, number(found)); got.Status != 200 {
		t.Fatalf("the call: %d %s", got.Status, got.Body)
	}
	a.Idle()
	return a, r
}

// signed reports whether a delivery is signed with the account's own secret.
func signed(t *testing.T, a *mockservertest.Account, d mockservertest.Delivery) bool {
	t.Helper()
	h := hmac.New(sha256.New, []byte(secret(t, a)))
	h.Write(d.Body)
	return d.Header.Get("X-Prembly-Signature") == base64.StdEncoding.EncodeToString(h.Sum(nil))
}

func secret(t *testing.T, a *mockservertest.Account) string {
	t.Helper()
	all, err := a.Server.Control().Accounts.Accounts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		if one.Name == a.Name {
			return one.Credentials[signing]["public_key"]
		}
	}
	t.Fatalf("there is no account %q", a.Name)
	return ""
}

// played lists the faults of the attempts, in their order.
func played(a *mockservertest.Account) string {
	var all []string
	for _, attempt := range mockservertest.Entries[journal.Attempt](a) {
		all = append(all, strings.Join(attempt.Fault, "+"))
	}
	return strings.Join(all, " ")
}

const send = "send: verification.completed"

func TestFaultDrop(t *testing.T) {
	t.Parallel()
	a := begin(t, sends(`{`+send+`, expect: {status: 2xx}}`)).Account("faulty")
	r := a.Server.NewReceiver()
	a.Webhook(signing, r.URL)
	remove := a.Fault(control.Fault{Fault: "drop"}) // in a scenario, drop excludes expect
	a.CallAs("faulty", signing, bvn, number(found))
	a.Advance(time.Hour)
	remove()
	if got := r.Got(); len(got) != 0 {
		t.Errorf("a dropped delivery came: %v", got)
	}
	ends := mockservertest.Entries[journal.Delivery](a)
	if len(ends) != 1 || ends[0].Outcome != journal.Dropped || !slices.Equal(ends[0].Fault, []string{"drop"}) {
		t.Errorf("the journal has %+v, want one dropped delivery", ends)
	}
	if expect := mockservertest.Entries[journal.Expect](a); len(expect) != 1 || expect[0].Pass {
		t.Errorf("what was expected of it: %+v, want it missed", expect)
	}
	again := a.Control("POST", "/deliveries/"+ends[0].Delivery+"/resend", nil)
	if again.Status >= 300 {
		t.Fatalf("resend: %d %s", again.Status, again.Body)
	}
	if got := r.Next(); !signed(t, a, got) {
		t.Errorf("sent by hand it is not signed as it should be: %v", got)
	}
}

func TestFaultDelay(t *testing.T) {
	t.Parallel()
	a, r := faulty(t, `{`+send+`, fault: {name: delay, by: 5m}}`)
	a.Advance(5*time.Minute - time.Nanosecond)
	if got := r.Got(); len(got) != 0 {
		t.Fatalf("it came early: %v", got)
	}
	a.Advance(time.Nanosecond)
	if got := r.Got(); len(got) != 1 || played(a) != "delay" {
		t.Errorf("%d deliveries with the faults %q, want one that is delayed", len(got), played(a))
	}
}

// A duplicate has the same bytes, headers included, or is signed again.
func TestDuplicate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		fault    string
		advances []time.Duration
		want     int
	}{
		{`duplicate`, nil, 2},
		{`{name: duplicate, copies: 3, signed: again}`, nil, 4},
		{`{name: duplicate, copies: 2, after: 10s}`, []time.Duration{10 * time.Second, 10 * time.Second}, 3},
		{`{name: replay, after: 2h}`, []time.Duration{2 * time.Hour}, 2},
		{`{name: duplicate, copies: 4, how: concurrent}`, nil, 5},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			a, r := faulty(t, `{`+send+`, fault: `+c.fault+`}`)
			if got := r.Got(); len(got) != c.want-len(c.advances) {
				t.Errorf("%d came at once, want %d", len(got), c.want-len(c.advances))
			}
			for _, d := range c.advances {
				a.Advance(d)
			}
			got := r.Got()
			if len(got) != c.want {
				t.Fatalf("%d came, want %d", len(got), c.want)
			}
			for _, d := range got[1:] {
				if string(d.Body) != string(got[0].Body) || fmt.Sprint(d.Header) != fmt.Sprint(got[0].Header) {
					t.Errorf("a copy differs:\n%v %s\n%v %s", got[0].Header, got[0].Body, d.Header, d.Body)
				}
			}
			events := mockservertest.Entries[journal.Event](a)
			for i, e := range events {
				if len(e.Fault) != 1 || (e.Of == "") != (i == 0) || i > 0 && e.Of != events[0].Delivery {
					t.Errorf("event %d in the journal: %+v, want it a copy of the first", i, e)
				}
			}
		})
	}
}

// Concurrent copies do not wait for each other's responses.
func TestDuplicateConcurrent(t *testing.T) {
	t.Parallel()
	a := begin(t, sends(`{`+send+`, fault: {name: duplicate, copies: 2, how: concurrent}}`)).Account("faulty")
	r := a.Server.NewReceiver()
	a.Webhook(signing, r.URL)
	all := make(chan struct{})
	r.AnswerWith(func(mockservertest.Delivery) mockservertest.Response { return mockservertest.Response{Until: all} })
	a.CallAs("faulty", signing, bvn, number(found))
	for range 3 {
		r.Next()
	}
	close(all)
	a.Idle()
	if ends := outcomes(a); ends[journal.Delivered] != 3 {
		t.Errorf("the deliveries ended as %v, want three delivered", ends)
	}
}

// order lists the deliveries by their data.
func order(t *testing.T, r *mockservertest.Receiver) string {
	t.Helper()
	var all []string
	for _, d := range r.Got() {
		var body struct {
			Detail string `json:"detail"`
		}
		if err := json.Unmarshal(d.Body, &body); err != nil {
			t.Fatal(err)
		}
		all = append(all, body.Detail)
	}
	return strings.Join(all, " ")
}

func step(name, faults string) string {
	if faults != "" {
		faults = ", fault: " + faults
	}
	return `{` + send + `, data: {detail: ` + name + `}` + faults + `}`
}

func TestReorder(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		steps   []string
		advance time.Duration
		want    string
	}{
		"one":      {[]string{step("a", "reorder"), step("b", ""), step("c", "")}, 0, "b a c"},
		"two":      {[]string{step("a", "{name: reorder, past: 2}"), step("b", ""), step("c", ""), step("d", "")}, 0, "b c a d"},
		"too few":  {[]string{step("a", "{name: reorder, past: 3, within: 30s}"), step("b", "")}, 30 * time.Second, "b a"},
		"both":     {[]string{step("a", "reorder"), step("b", "reorder"), step("c", "")}, 0, "c a b"},
		"next day": {[]string{step("a", "{name: reorder, within: 2d}"), "{after: 1d, " + step("b", "")[1:]}, 24 * time.Hour, "b a"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, r := faulty(t, c.steps...)
			a.Advance(c.advance)
			if got := order(t, r); got != c.want {
				t.Errorf("came as %q, want %q", got, c.want)
			}
			a.Advance(3 * 24 * time.Hour)
			if got := order(t, r); got != c.want {
				t.Errorf("in the end %q came, want %q", got, c.want)
			}
		})
	}
}

func TestBurst(t *testing.T) {
	t.Parallel()
	gather := "{name: burst, size: 3, within: 1m}"
	a := begin(t, sends(step("a", gather), "{after: 10s, "+step("b", gather)[1:], "{after: 10s, "+step("c", gather)[1:], "{after: 10s, "+step("d", gather)[1:])).Account("faulty")
	r := a.Server.NewReceiver()
	a.Webhook(signing, r.URL)
	together := make(chan struct{})
	r.AnswerWith(func(d mockservertest.Delivery) mockservertest.Response {
		if d.N == 3 {
			close(together)
		}
		return mockservertest.Response{Until: together}
	})
	a.CallAs("faulty", signing, bvn, number(found))
	a.Advance(19 * time.Second)
	if got := r.Got(); len(got) != 0 {
		t.Errorf("%v came before they had gathered", got)
	}
	a.Advance(time.Second) // which ends only because each is sent without waiting for the answer to another
	if got := r.Got(); len(got) != 3 {
		t.Errorf("%d came when three had gathered", len(got))
	}
	a.Advance(10 * time.Second)
	if got := r.Got(); len(got) != 3 {
		t.Errorf("the fourth did not wait: %d came", len(got))
	}
	a.Advance(time.Minute)
	if got := r.Got(); len(got) != 4 {
		t.Errorf("%d came in the end, want 4", len(got))
	}
}

func TestWrongSecret(t *testing.T) {
	t.Parallel()
	a, r := faulty(t, `{`+send+`, fault: wrong-secret}`, `{`+send+`}`)
	got := r.Got()
	if len(got) != 2 || signed(t, a, got[0]) || got[0].Header.Get("X-Prembly-Signature") == "" || !signed(t, a, got[1]) {
		t.Errorf("%v: want the first signed with another secret, the second with the account's", got)
	}
	if attempts := mockservertest.Entries[journal.Attempt](a); attempts[0].SignedBy != "public_key (wrong)" || attempts[1].SignedBy != "public_key" {
		t.Errorf("signed by %q and %q", attempts[0].SignedBy, attempts[1].SignedBy)
	}
}

func TestTampered(t *testing.T) {
	t.Parallel()
	a, r := faulty(t, `{`+send+`, fault: {name: tampered, attempts: 1}}`)
	r.Answer(mockservertest.Response{Status: 401}, mockservertest.Response{})
	a.CallAs("faulty", signing, bvn, number(found))
	a.Advance(time.Minute)
	got := r.Got()
	if len(got) != 3 {
		t.Fatalf("%d came, want one, and one that is sent again once refused", len(got))
	}
	if signed(t, a, got[0]) || signed(t, a, got[1]) || !signed(t, a, got[2]) || !json.Valid(got[1].Body) {
		t.Errorf("%v: want the first attempts tampered with, and the second one not", got)
	}
	if played(a) != "tampered tampered " {
		t.Errorf("the journal has the faults %q", played(a))
	}
}

// A limit of a fault applies to each subject separately; a probability is drawn from the seed.
func TestFaultLimits(t *testing.T) {
	t.Parallel()
	a, r := faulty(t, `{`+send+`, fault: {name: drop, times: 2}}`)
	for range 3 {
		a.CallAs("faulty", signing, bvn, number(found))
	}
	a.CallAs("faulty", signing, bvn, number(pending))
	a.Idle()
	if ends := outcomes(a); ends[journal.Dropped] != 3 || ends[journal.Delivered] != 2 || len(r.Got()) != 2 {
		t.Errorf("the deliveries ended as %v, want two dropped for one subject and one for the other", ends)
	}
	again := func() string {
		a, _ := faulty(t, `{`+send+`, fault: {name: drop, probability: 0.5}}`)
		for range 63 {
			a.CallAs("faulty", signing, bvn, number(found))
		}
		a.Idle()
		var all []string
		for _, d := range mockservertest.Entries[journal.Event](a) {
			all = append(all, strings.Join(d.Fault, ""))
		}
		if n := outcomes(a)[journal.Dropped]; n < 16 || n > 48 {
			t.Errorf("%d of 64 were dropped with a probability of one half", n)
		}
		return strings.Join(all, ",")
	}
	if first, second := again(), again(); first != second {
		t.Errorf("with one seed first\n%s\nthen\n%s", first, second)
	}
}
