package delivery

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

var now = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

func entries(account string, all ...journal.Data) []store.Entry {
	var list []store.Entry
	for _, data := range all {
		list = append(list, journal.New(account, now, now, data))
	}
	return list
}

func TestFold(t *testing.T) {
	planned := journal.Event{Delivery: "d1", Event: "e", URL: "http://old", Due: now}
	failed := journal.Attempt{Delivery: "d1", N: 1, URL: "http://new", Next: now.Add(time.Minute)}
	delivered := journal.Delivery{Delivery: "d1", Outcome: journal.Delivered}
	held := journal.Hold{Delivery: "d1"}
	released := journal.Hold{Delivery: "d1", Released: true}
	for name, test := range map[string]struct {
		entries []journal.Data
		want    string // status, attempts, due after now
	}{
		"planned":              {[]journal.Data{planned}, "d1 planned 0 0s"},
		"retrying":             {[]journal.Data{planned, failed}, "d1 retrying 1 1m0s"},
		"delivered":            {[]journal.Data{planned, failed, failed, delivered}, "d1 delivered 2 -"},
		"exhausted":            {[]journal.Data{planned, failed, journal.Delivery{Delivery: "d1", Outcome: journal.Exhausted}}, "d1 exhausted 1 -"},
		"without its event":    {[]journal.Data{failed, delivered}, "d1 delivered 1 -"},
		"held":                 {[]journal.Data{planned, held}, "d1 held 0 0s"},
		"released":             {[]journal.Data{planned, held, released}, "d1 planned 0 0s"},
		"released for a retry": {[]journal.Data{planned, failed, held, released}, "d1 retrying 1 1m0s"},
		"a hold by filter":     {[]journal.Data{journal.Hold{ID: "h"}}, ""},
		"two":                  {[]journal.Data{planned, journal.Event{Delivery: "d2", Due: now}, failed}, "d1 retrying 1 1m0s, d2 planned 0 0s"},
		"reset":                {[]journal.Data{planned, failed, journal.Reset{Account: "a"}, planned}, "d1 planned 0 0s"},
		"reset of another":     {[]journal.Data{planned, journal.Reset{Account: "b"}}, "d1 planned 0 0s"},
	} {
		all, err := fold(entries("a", test.entries...))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, d := range all {
			due := "-"
			if !d.Due.IsZero() {
				due = d.Due.Sub(now).String()
			}
			got = append(got, fmt.Sprintf("%s %s %d %s", d.ID, d.Status, len(d.Attempts), due))
			if d.Account != "a" {
				t.Errorf("%s: account %q", name, d.Account)
			}
		}
		if text := strings.Join(got, ", "); text != test.want {
			t.Errorf("%s: %q, want %q", name, text, test.want)
		}
	}
}

// A delivery has the URL of its latest attempt.
func TestFoldURL(t *testing.T) {
	all, err := fold(entries("a", journal.Event{Delivery: "d1", URL: "http://old"}, journal.Attempt{Delivery: "d1", URL: "http://new"}))
	if err != nil || len(all) != 1 || all[0].URL != "http://new" {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := fold([]store.Entry{{Kind: journal.KindEvent, Data: []byte("not JSON")}}); err == nil {
		t.Error("an invalid entry: no error")
	}
	if all, err := fold(nil); err != nil || all == nil {
		t.Errorf("without entries: %v, %v, want an empty list", all, err)
	}
}

func TestNewOverride(t *testing.T) {
	body, empty, no := "new", "", false
	value, broken := "v", "a\r\nb"
	for name, test := range map[string]struct {
		want   control.Resend
		before *Override
		body   string
		ok     bool // there is an override
		err    bool
	}{
		"nothing":           {control.Resend{}, nil, "", false, false},
		"a body":            {control.Resend{Body: &body}, nil, "new", true, false},
		"an empty body":     {control.Resend{Body: &empty}, nil, "", true, false},
		"bytes":             {control.Resend{Base64: []byte{1}}, nil, "\x01", true, false},
		"as before":         {control.Resend{}, &Override{Body: []byte("old")}, "old", true, false},
		"over one before":   {control.Resend{Body: &body}, &Override{Body: []byte("old")}, "new", true, false},
		"unsigned":          {control.Resend{Body: &body, Sign: &no}, nil, "new", true, false},
		"only unsigned":     {control.Resend{Sign: &no}, nil, "", false, false},
		"a header":          {control.Resend{Headers: map[string]*string{"A": &value}}, nil, "", true, false},
		"a removed header":  {control.Resend{Headers: map[string]*string{"A": nil}}, nil, "", true, false},
		"an invalid value":  {control.Resend{Headers: map[string]*string{"A": &broken}}, nil, "", false, true},
		"an invalid header": {control.Resend{Headers: map[string]*string{"A:": &value}}, nil, "", false, true},
		"a nameless header": {control.Resend{Headers: map[string]*string{"": &value}}, nil, "", false, true},
	} {
		got, err := newOverride(test.want, test.before)
		if (err != nil) != test.err || (got != nil) != test.ok {
			t.Errorf("%s: %+v, %v", name, got, err)
			continue
		}
		if got != nil && (string(got.Body) != test.body || got.Tampered != (test.want.Sign != nil)) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
