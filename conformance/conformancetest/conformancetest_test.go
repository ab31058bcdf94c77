package conformancetest_test

import (
	"net/http/httptest"
	"testing"

	"github.com/idmock/idmock/conformance/conformancetest"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/reference"
)

// TestRun is how an application tests its own receiver.
func TestRun(t *testing.T) {
	provider, err := receiver.OpenGeneric("standard-webhooks")
	if err != nil {
		t.Fatal(err)
	}
	const secret = "whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA=="
	app := reference.New(reference.Config{Scheme: "standard-webhooks", Secrets: []string{secret}})
	defer app.Close()
	server := httptest.NewServer(app)
	defer server.Close()
	conformancetest.Run(t, receiver.Target{
		URL: server.URL + "/hooks", Provider: provider, Credentials: map[string]string{"signing_secret": secret},
		Probe: receiver.Probe{Hook: receiver.Hook{URL: server.URL + "/subjects/{subject}"}}, Core: true,
	})
}
