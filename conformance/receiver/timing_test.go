package receiver

import (
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// Random response times do not look like a timing side channel.
func TestTimingOfANoisyReceiver(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	app := reference.New(reference.Config{Scheme: "standard-webhooks", Secrets: secrets})
	defer app.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-time.After(time.Duration(rand.ExpFloat64() * float64(3*time.Millisecond)))
		app.ServeHTTP(w, r)
	}))
	defer server.Close()
	target := Target{Provider: profileOf(t, "", ""), URL: server.URL + "/hooks", Credentials: map[string]string{"signing_secret": secrets[0]}, Only: []string{"auth/compare-timing"}}
	if r := run(t, target).Results[0]; r.Verdict != conformance.Pass {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}

// Late replays are inconclusive for a receiver with another tolerance.
func TestLateReplayWithAnotherTolerance(t *testing.T) {
	for _, flaw := range []reference.FlawID{reference.AcceptsOldEvents, reference.ToleratesNoSkew} {
		t.Run(string(flaw), func(t *testing.T) {
			t.Parallel()
			target := serve(t, profileOf(t, "", ""), reference.Config{Flaw: flaw}, false)
			target.Only = []string{"auth/replay-exact-late"}
			if r := run(t, target).Results[0]; r.Verdict != conformance.Inconclusive {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
		})
	}
}

// The reference accepts the secret of the other account at that account's URL, so its refusal at the first URL is meaningful.
// Checks without their secret are inconclusive.
func TestOtherSecrets(t *testing.T) {
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	other := target
	other.URL = target.URL[:len(target.URL)-len("/hooks")] + "/other/hooks"
	other.Credentials, other.OtherSecret = map[string]string{"signing_secret": otherSecret}, secrets[0]
	other.Only = []string{"auth/valid-accepted", "auth/other-tenant-secret"}
	for _, r := range run(t, other).Results {
		if r.Verdict != conformance.Pass {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	target.NextSecret, target.OtherSecret, target.OldSecret = "", "", ""
	target.Only = []string{"rotate/*", "auth/other-tenant-secret"}
	for _, r := range run(t, target).Results {
		if r.Verdict != conformance.Inconclusive || r.Reason == "" {
			t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
		}
	}
	for name, wrong := range map[string]string{"the current secret": secrets[0], "not a secret of the scheme": "hush"} {
		target.OtherSecret = wrong
		if _, err := Run(t.Context(), target, nil); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// The check of mixed-up subjects is inconclusive for a receiver that does not query the API.
func TestMismatchWithoutAPI(t *testing.T) {
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Only = []string{"kyc/subject-mismatch"}
	if r := run(t, target).Results[0]; r.Verdict != conformance.Inconclusive {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
