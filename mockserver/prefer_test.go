package mockserver_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// A request that prefers a documented response gets it without further effects.
func TestPrefer(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "prefers")
	prefer := func(operation string, body any, headers ...string) mockservertest.Answer {
		t.Helper()
		request := a.Request(provider, operation, body)
		request.Header["Prefer"] = headers
		return s.Do(request)
	}
	a.Control("POST", "/arm", map[string]any{"provider": provider, "scenario": "not-found", "calls": 1})
	for _, c := range []struct {
		headers []string
		want    int
		code    string // response_code of the answer
		applied string
	}{
		{[]string{"code=503"}, 503, "", "code=503"},
		{[]string{"example=pending"}, 200, "02", "example=pending"},
		{[]string{`code=200, example="not-found"`}, 200, "01", "code=200, example=not-found"},
		{[]string{"respond-async; x=1, CODE = 403 ; foo", "example=forbidden"}, 403, "", "code=403, example=forbidden"},
		{[]string{"example=pending, example=success"}, 200, "02", "example=pending"}, // the first counts
	} {
		got := prefer(bvn, number(found), c.headers...)
		if got.Status != c.want || got.At("response_code") != c.code || got.Header.Get("Preference-Applied") != c.applied {
			t.Errorf("Prefer: %q: %d %s with Preference-Applied: %s, want %d, code %s and %s", c.headers, got.Status, got.Body, got.Header.Get("Preference-Applied"), c.want, c.code, c.applied)
		}
	}
	for header, want := range map[string]string{
		"example=unknown": "code=200, example=pending; ", "code=418": "example=forbidden", "code=403, example=pending": "use code=200, example=success",
		"code=two": `invalid HTTP status`, `code="`: "invalid HTTP status",
	} {
		if got := prefer(bvn, number(found), header); got.Status != 400 || !strings.Contains(got.At("message"), want) || got.Header.Get("Preference-Applied") != "" {
			t.Errorf("Prefer: %s: %d %s, want 400 with %q", header, got.Status, got.Body, want)
		}
	}
	if got := prefer(bvn, `{}`, "code=503"); got.Status != 400 || strings.Contains(got.At("message"), "Prefer") {
		t.Errorf("a call that is wrong: %d %s, want it refused for that", got.Status, got.Body)
	}
	if runs := mockservertest.Entries[journal.Run](a); len(runs) != 0 {
		t.Errorf("runs began: %+v", runs)
	}
	if reported := mockservertest.Entries[journal.Call](a)[0]; reported.Rule != "prefer code=503" || reported.Scenario != "" {
		t.Errorf("the journal has %+v", reported)
	}

	// Unknown preferences are skipped, and pending scenarios stay pending.
	got := prefer(bvn, number(found), "return=minimal, wait=10")
	if got.At("response_code") != "01" || got.Header.Get("Preference-Applied") != "" {
		t.Errorf("armed before: %d %s", got.Status, got.Body)
	}
	ref := got.At("verification.reference")
	if got := prefer(status, map[string]string{"reference": ref}, "code=500"); got.Status != 500 {
		t.Errorf("a call about a run: %d %s", got.Status, got.Body)
	}
	if got := prefer("getMerchantProfile", nil, "code=200"); got.Status != http.StatusOK {
		t.Errorf("a screen of the dashboard: %d %s", got.Status, got.Body)
	}
	a.Advance(1)
	if len(r.Got()) > 1 {
		t.Errorf("webhooks were sent: %v", r.Got())
	}
}
