package provider

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
)

// What cannot be seen is not called right: a dashboard that refuses whatever it is given, a server whose dashboard nobody
// can press from here, names that nobody answers for, and a listener that a strict server does not call.
func TestUnjudged(t *testing.T) {
	t.Parallel()
	m := startMocks(t)
	refusing := flaw{after: func(e *exchanged) {
		if e.request.Method == http.MethodPut {
			e.answer(400, `{"status":false,"message":"Bad request"}`)
		}
	}}
	stranger := flaw{after: func(e *exchanged) { e.header.Del("X-Idmock") }}
	for _, c := range []struct {
		name, check, says string
		flaw              flaw
		change            func(*Target)
	}{
		{"a dashboard that refuses everything", "reg/loopback", "no refusal says anything", refusing, nil},
		{"a dashboard that refuses every scheme", "reg/unusual-scheme", "no refusal says anything", refusing, nil},
		{"a server that is no mock", "reg/private-ipv4", "its dashboard cannot be driven from here", stranger, nil},
		{"its secrets", "reg/secret-strength", "what it signs with cannot be asked for", stranger, nil},
		{"names that nobody answers for", "reg/dns-rebinding", "give --dns", flaw{}, func(t *Target) { t.Names = nil }},
		{"an address that is not called", "reg/duplicate-url", "give --listen-url", flaw{}, func(t *Target) { t.ListenURL = "" }},
		{"no listener", "reg/redirect-to-private", "give --listen", flaw{}, func(t *Target) { t.Listen = "" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			target := m.target(flawed(t, m.strict.URL(), c.flaw).URL, m.provider("prembly"), 1)
			target.Only = []string{c.check}
			if c.change != nil {
				c.change(&target)
			}
			report, err := Run(t.Context(), target, nil)
			if err != nil {
				t.Fatal(err)
			}
			if r := report.Results[0]; r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, c.says) {
				t.Errorf("%s: %s, want inconclusive, since %s", r.Verdict, r.Reason, c.says)
			}
		})
	}
}

// Of the addresses of a name, a provider may call the public one: whatever it makes of the others.
func TestPublicAmongOthers(t *testing.T) {
	t.Parallel()
	m := startMocks(t)
	for remote, want := range map[string]conformance.Verdict{"[2001:4:112::1]:80": conformance.Pass, "127.0.0.1:80": conformance.Fail, "[2001:4:112::2]:80": conformance.Fail} {
		calling := flaw{after: func(e *exchanged) {
			e.body = bytes.ReplaceAll(e.body, []byte(`"class":"blocked"`), []byte(`"class":"connect-timeout","remote":"`+remote+`"`))
		}}
		target := m.target(flawed(t, m.strict.URL(), calling).URL, m.provider("prembly"), 1)
		target.Only = []string{"reg/mixed-A-AAAA"}
		report, err := Run(t.Context(), target, nil)
		if err != nil {
			t.Fatal(err)
		}
		if r := report.Results[0]; r.Verdict != want {
			t.Errorf("it calls %s: %s, %s, want %s", remote, r.Verdict, r.Reason, want)
		}
	}
}
