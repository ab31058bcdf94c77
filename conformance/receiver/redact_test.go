package receiver

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// Reports contain no secrets, also in other encodings.
func TestReportsHideSecrets(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	target := serve(t, profileOf(t, "cloudevents", ""), reference.Config{}, false)
	target.Only = []string{"auth/query-token", "auth/other-tenant-secret", "rotate/*"}
	report := run(t, target)
	if len(report.Results) != 5 {
		t.Fatalf("%d results", len(report.Results))
	}
	texts := ""
	for _, r := range report.Results {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		texts += string(text)
	}
	for _, secret := range []string{secrets[0], secrets[1], otherSecret, oldSecret} {
		for _, form := range []string{secret, url.QueryEscape(secret)} {
			if strings.Contains(texts, form) {
				t.Errorf("the report contains %s", form)
			}
		}
	}
	if !strings.Contains(texts, "access_token=\\u003csigning_secret\\u003e") {
		t.Error("the token in the query is not replaced by the name of its credential")
	}
}
