package mockserver_test

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

const (
	readProfile   = "getMerchantProfile"
	updateProfile = "updateMerchantProfile"
	testWebhook   = "testMerchantWebhook"
)

func webhookURL(url string) map[string]string { return map[string]string{"webhook_url": url} }

// The webhook is read, set, tested, changed and removed as in the provider's dashboard.
func TestDashboard(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := s.Account("merchant"), s.NewReceiver()

	if got := a.Call(provider, readProfile, nil); got.Status != 200 || string(got.Body) != `{"webhook_url":null}` {
		t.Errorf("before anything is set: %d %s", got.Status, got.Body)
	}
	if got := a.Call(provider, testWebhook, nil); got.Status != 400 || !strings.Contains(got.At("message"), "set one") {
		t.Errorf("a test without a webhook: %d %s", got.Status, got.Body)
	}
	for _, path := range []string{"/first", "/second"} {
		if got := a.Call(provider, updateProfile, webhookURL(r.URL+path)); got.Status != 200 || got.At("webhook_url") != r.URL+path {
			t.Errorf("update: %d %s", got.Status, got.Body)
		}
		if got := a.Call(provider, readProfile, nil); got.At("webhook_url") != r.URL+path {
			t.Errorf("read after the update: %s", got.Body)
		}
		if got := a.Call(provider, testWebhook, nil); got.Status != 200 {
			t.Errorf("test: %d %s", got.Status, got.Body)
		}
		if got := r.Next(); got.Path != path || got.Header.Get("Token") == "" {
			t.Errorf("the test event: %v, want it at %s", got, path)
		}
	}
	if got := s.Account("another").Call(provider, readProfile, nil); got.At("webhook_url") != "" {
		t.Errorf("another account's webhook is this one's: %s", got.Body)
	}
	if got := a.Call(provider, updateProfile, webhookURL("")); got.Status != 200 || got.At("webhook_url") != "" {
		t.Errorf("clearing: %d %s", got.Status, got.Body)
	}
	a.Idle()
	if got := a.Call(provider, testWebhook, nil); got.Status != 400 {
		t.Errorf("a test after the webhook was taken away: %d %s", got.Status, got.Body)
	}
	endpoints := mockservertest.Entries[journal.Endpoint](a)
	if len(endpoints) != 3 || endpoints[0].ID != endpoints[1].ID || endpoints[0].Source != "dashboard" || !endpoints[2].Removed {
		t.Errorf("endpoints in the journal: %+v, want one that is set, changed and removed", endpoints)
	}
	if len(r.Got()) != 2 {
		t.Errorf("%d deliveries, want the two test events: %v", len(r.Got()), r.Got())
	}
}

// An invalid URL is refused in the provider's own format, with the name of the field.
func TestDashboardRefuses(t *testing.T) {
	t.Parallel()
	a := begin(t).Account("merchant")
	for _, url := range []string{"ftp://example.com/hook", "http://", "http:///path", "https://exa mple.com", "nonsense"} {
		got := a.Call(provider, updateProfile, webhookURL(url))
		if got.Status != 400 || got.At("status") != "false" || !strings.Contains(got.At("message"), "webhook_url") {
			t.Errorf("%q: %d %s, want 400 with a message that names webhook_url", url, got.Status, got.Body)
		}
		calls := mockservertest.Entries[journal.Call](a)
		if e := calls[len(calls)-1].Error; e == nil || e.Kind != "invalid" || e.Field != "webhook_url" {
			t.Errorf("%q: the journal has the error %+v", url, e)
		}
	}
	if got := a.Call(provider, readProfile, nil); got.At("webhook_url") != "" {
		t.Errorf("a URL that was refused is set: %s", got.Body)
	}
}

// A URL that is registered in the dashboard and by the control API is one endpoint.
func TestDashboardAndControl(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a, r := with(t, s, "merchant")
	a.Call(provider, updateProfile, webhookURL(r.URL+"/dashboard"))
	a.Call(provider, updateProfile, webhookURL(r.URL)) // where the control API's leads
	a.Call(provider, bvn, number(found))
	a.Advance(1e9)
	if got := r.Got(); len(got) != 1 {
		t.Errorf("delivered %d times, want once: %v", len(got), got)
	}
}
