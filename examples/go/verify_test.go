// Package verify shows a test in Go. The server runs in the test's own process and stops with it.
package verify

import (
	"net/http"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A check is pending, is confirmed thirty seconds later, and the webhook arrives after one failure.
func TestVerification(t *testing.T) {
	idmock := mockservertest.Start(t, mockserver.Config{Frozen: true})
	app := mockservertest.NewReceiver(t) // or your app's handler, on a port of its own
	app.Answer(mockservertest.Response{Status: http.StatusServiceUnavailable}, mockservertest.Response{Status: http.StatusOK})

	account := idmock.Account(t.Name())
	account.Webhook("identitypass", app.URL+"/webhooks")
	check := account.Call("identitypass", "verifyBVN", map[string]string{"number": "22222222222"})
	if code := check.At("response_code"); code != "02" {
		t.Fatalf("response code %v, want 02: pending", code)
	}

	account.Advance(time.Hour) // returns once every due webhook was delivered or has failed
	received := app.Got()
	if len(received) != 2 {
		t.Fatalf("%d webhooks, want one and its retry", len(received))
	}
	if token := received[1].Header.Get("Token"); token != check.At("verification.reference") {
		t.Errorf("token %s, want the reference of the check", token)
	}
	if attempts := mockservertest.Entries[journal.Attempt](account); !attempts[1].Accepted {
		t.Errorf("the retry was not accepted: %+v", attempts[1])
	}
}
