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

// A receiver whose answers take now this long and now that, whatever they say, gives nothing away.
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

// A receiver whose tolerance is its own is not accused of taking late replays.
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

// The reference does know the other account, so that refusing its secret means something; and what is not given is not
// known.
func TestSecretsOfOthers(t *testing.T) {
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	elsewhere := target
	elsewhere.URL = target.URL[:len(target.URL)-len("/hooks")] + "/other/hooks"
	elsewhere.Credentials, elsewhere.OtherSecret = map[string]string{"signing_secret": otherSecret}, secrets[0]
	elsewhere.Only = []string{"auth/valid-accepted", "auth/other-tenant-secret"}
	for _, r := range run(t, elsewhere).Results {
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
	for name, wrong := range map[string]string{"the present one": secrets[0], "no secret of the scheme": "hush"} {
		target.OtherSecret = wrong
		if _, err := Run(t.Context(), target, nil); err == nil {
			t.Errorf("%s is taken for another", name)
		}
	}
}

// Somebody who does not ask the API is not accused of what only the API can tell.
func TestMixedUpWithoutTheAPI(t *testing.T) {
	target := serve(t, profileOf(t, "", ""), reference.Config{}, false)
	target.Only = []string{"kyc/subject-mismatch"}
	if r := run(t, target).Results[0]; r.Verdict != conformance.Inconclusive {
		t.Errorf("%s: %s", r.Verdict, r.Reason)
	}
}
