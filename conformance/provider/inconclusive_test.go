package provider

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/testenv"
)

// Checks without evidence are inconclusive: with a dashboard that refuses everything, a server that is not an idmock, without
// DNS, and with a listener that a strict server does not call.
func TestInconclusive(t *testing.T) {
	t.Parallel()
	m := startMocks(t)
	refusing := flaw{after: func(e *relayed) {
		if e.request.Method == http.MethodPut {
			e.respond(400, `{"status":false,"message":"Bad request"}`)
		}
	}}
	stranger := flaw{after: func(e *relayed) { e.header.Del("X-Idmock") }}
	for _, c := range []struct {
		name, check, says string
		flaw              flaw
		change            func(*Target)
	}{
		{"a dashboard that refuses everything", "reg/loopback", "a refusal proves nothing", refusing, nil},
		{"a dashboard that refuses every scheme", "reg/unusual-scheme", "a refusal proves nothing", refusing, nil},
		{"a server that is not an idmock", "reg/private-ipv4", "its dashboard and clock cannot be controlled", stranger, nil},
		{"its secrets", "reg/secret-strength", "its signing secrets cannot be read", stranger, nil},
		{"without DNS", "reg/dns-rebinding", "give --dns", flaw{}, func(t *Target) { t.DNS = nil }},
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

// A provider may call the public address of a host name, but none of the others. An attempt without an address proves nothing.
func TestPublicAmongOthers(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	m := startMocks(t)
	for remote, want := range map[string]conformance.Verdict{"[2001:4:112::1]:80": conformance.Pass, "127.0.0.1:80": conformance.Fail, "[2001:4:112::2]:80": conformance.Fail, "": conformance.Inconclusive} {
		calling := flaw{after: func(e *relayed) {
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
