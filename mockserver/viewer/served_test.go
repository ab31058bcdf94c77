package viewer_test

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/mockservertest"
	"github.com/idmock/idmock/mockserver/viewer/viewertest"
)

// TestServed drives the page of a real server in Chromium, each test with its own server and profile.
func TestServed(t *testing.T) {
	b := viewertest.Start(t)
	for _, test := range []struct {
		name string
		run  func(*testing.T, *viewertest.Browser)
	}{
		{"trace", testTrace},
		{"find", testFind},
		{"pause", testPause},
		{"edit and resend", testEditAndResend},
		{"call from a form", testCallFromAForm},
		{"play from a form", testPlayFromAForm},
		{"connect", testConnect},
		{"not served", testNotServed},
		{"settings", testSettings},
		{"keys", testKeys},
		{"wizard", testWizard},
		{"faults", testFaults},
		{"hold", testHold},
		{"hold of all accounts", testHoldOfAllAccounts},
		{"simulate", testSimulate},
		{"take away", testTakeAway},
		{"source", testSource},
		{"accessible", testAccessible},
		{"login", testLogin},
		{"loss", testLoss},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.run(t, b)
		})
	}
}

// These tests use a real server: the page must report the server's own requests, signatures and deliveries.

const key = "key-of-the-page"

// began is the time of the frozen clocks in these tests.
var began = time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC)

// shown is a server with its page open.
type shown struct {
	*viewertest.Page
	browser  *viewertest.Browser
	server   *mockservertest.Server
	account  *mockservertest.Account
	receiver *mockservertest.Receiver
}

func config() mockserver.Config {
	return mockserver.Config{Start: began, Frozen: true, Version: "v0.2.0"}
}

// show starts a server and opens its page with a query.
func show(t *testing.T, b *viewertest.Browser, query string) *shown {
	t.Helper()
	s := &shown{browser: b, server: mockservertest.Start(t, config()), receiver: mockservertest.NewReceiver(t)}
	s.account = s.server.Account(key)
	s.Page = s.browser.Open(t, s.server.URL()+"/"+query)
	return s
}

// verify plays a check that stays pending for 30 s; its webhook is sent to the receiver.
func (s *shown) verify(provider string) {
	ep := s.account.Webhook(provider, s.receiver.URL+"/hooks/"+provider)
	if provider == "prembly" { // whose own table sends a result once
		ep.Switches = map[string]string{"policy": "quick"}
		if _, err := s.server.Control().Endpoints.SetEndpoint(context.Background(), ep); err != nil {
			panic(err)
		}
	}
	s.account.Call(provider, "verifyBVN", map[string]any{"number": "22222222222"})
}

// shell runs a command as pasted into a terminal.
func shell(t *testing.T, command string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", command).CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v\n%s", command, err, out)
	}
	return string(out)
}
