package delivery

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

func TestEnd(t *testing.T) {
	expecting := &scenarios.Expect{}
	for name, test := range map[string]struct {
		end     End
		expect  *scenarios.Expect
		trigger string
		failed  bool
	}{
		"delivered":             {End{Outcome: journal.Delivered, Status: 200, Pass: true}, nil, scenarios.Delivered("e"), false},
		"exhausted":             {End{Outcome: journal.Exhausted, Status: 500, Failure: "status"}, nil, scenarios.Exhausted("e"), true},
		"dropped":               {End{Outcome: journal.Dropped}, nil, "", true},
		"unroutable":            {End{Outcome: journal.Unroutable}, nil, "", true},
		"delivered, not as met": {End{Outcome: journal.Delivered}, expecting, scenarios.Delivered("e"), true},
		"exhausted as expected": {End{Outcome: journal.Exhausted, Pass: true}, expecting, scenarios.Exhausted("e"), false},
	} {
		d := &Delivery{ID: "d1", Event: "e", Attempts: 2, Expect: test.expect}
		if got := test.end.Trigger("e"); got != test.trigger {
			t.Errorf("%s: trigger %q, want %q", name, got, test.trigger)
		}
		if got := test.end.Failed(d); got != test.failed {
			t.Errorf("%s: failed %t", name, got)
		}
		want := map[string]any{"id": "d1", "event": "e", "attempts": 2, "status": nil, "error": test.end.Failure}
		if test.end.Status != 0 {
			want["status"] = test.end.Status
		}
		if diff := cmp.Diff(want, test.end.Values(d)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestEndpointHeaders(t *testing.T) {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:password"))
	lines := []webhook.Header{{"X-Key", "secret"}, {"Authorization", "Bearer secret"}, {"X-Basic", basic}}
	values := func(whose fault.Secret) []string {
		var all []string
		for _, line := range endpointHeaders(lines, whose, 1) {
			all = append(all, line[1])
		}
		return all
	}
	if diff := cmp.Diff([]string{"secret", "Bearer secret", basic}, values(fault.Own)); diff != "" {
		t.Errorf("own: %s", diff)
	}
	if got := values(fault.Missing); got != nil {
		t.Errorf("missing: %q", got)
	}
	empty := "Basic " + base64.StdEncoding.EncodeToString([]byte("user:"))
	if diff := cmp.Diff([]string{"", "Bearer ", empty}, values(fault.Empty)); diff != "" {
		t.Errorf("empty: %s", diff)
	}
	wrong := values(fault.OtherTenant)
	if diff := cmp.Diff(wrong, values(fault.OtherTenant)); diff != "" {
		t.Errorf("the same seed: %s", diff)
	}
	pair, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(wrong[2], "Basic "))
	if err != nil || !strings.HasPrefix(string(pair), "user:") || strings.Contains(string(pair), "password") ||
		!strings.HasPrefix(wrong[1], "Bearer ") || strings.Contains(fmt.Sprint(wrong[:2]), "secret") {
		t.Errorf("another tenant's: %q with the pair %q, %v", wrong, pair, err)
	}
	if lines[0][1] != "secret" {
		t.Error("the endpoint's own headers were changed")
	}
}

func TestOverriddenHeader(t *testing.T) {
	value := "v"
	o := &Override{Headers: map[string]*string{"x-one": &value, "X-Two": nil}}
	for name, want := range map[string]string{"X-One": "x-one v", "X-TWO": "X-Two -", "X-Three": ""} {
		own, value, ok := o.header(name)
		got := own
		if ok && value != nil {
			got += " " + *value
		} else if ok {
			got += " -"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestDecodedCache(t *testing.T) {
	var c decodedCache
	d := &Delivery{ID: "d1", Run: &run.Run{}}
	doc, err := d.doc("a")
	if err != nil {
		t.Fatal(err)
	}
	doc.Rev = 3
	d.stored = doc
	c.put(d)
	if got := c.take(doc); got != d {
		t.Errorf("took %v", got)
	}
	if got := c.take(doc); got != nil {
		t.Errorf("took it twice: %v", got)
	}
	c.put(d)
	newer := store.Doc{Key: doc.Key, Rev: doc.Rev + 1}
	if got := c.take(newer); got != nil || c.take(doc) != nil {
		t.Errorf("took an outdated delivery: %v", got)
	}
	c.put(d)
	c.dropAccount("b")
	if c.take(doc) == nil {
		t.Error("dropping one account dropped another's delivery")
	}
	c.put(d)
	c.dropAccount("a")
	if c.take(doc) != nil {
		t.Error("the dropped account's delivery is left")
	}
	c.put(d)
	c.drop(doc.Key)
	if c.take(doc) != nil {
		t.Error("the dropped delivery is left")
	}
}

func TestJobLanes(t *testing.T) {
	d := &Delivery{ID: "d1", Endpoint: "e", Due: now, Hold: "h"}
	if job := d.job("a"); job.Lane != "e" || job.Hold != "h" || !job.Due.Equal(now) || job.Work.Attempt.Delivery != "d1" {
		t.Errorf("%+v", job)
	}
	d.Lane = "d1"
	if job := d.job("a"); job.Lane != "d1" {
		t.Errorf("lane %q", job.Lane)
	}
	if d.SentID() != "d1" {
		t.Errorf("sent as %s", d.SentID())
	}
	if d.CopyOf = "d0"; d.SentID() != "d0" {
		t.Errorf("a copy is sent as %s", d.SentID())
	}
}
