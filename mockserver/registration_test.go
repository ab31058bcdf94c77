package mockserver_test

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/mockservertest"
)

// refusable are URLs that a dashboard refuses, with its message. always marks those that every policy refuses.
var refusable = []struct {
	url, says string
	always    bool
}{
	{"http://127.0.0.1:3000/hooks", "loopback", false},
	{"http://localhost:3000", "loopback", false},
	{"http://127.1", "loopback", false},
	{"http://[::ffff:7f00:1]/", "loopback", false},
	{"http://10.1.2.3", "private", false},
	{"https://me:secret@hooks.example.com/", "user or a password", false},
	{"http://hooks.example.com:22/", "port 22", false},
	{"https://hooks.example.com/" + strings.Repeat("a", 2048), "2048", true}, // the document says so
	{"http://169.254.169.254/latest/meta-data", "metadata", true},
	{"http://[fd00:ec2::254]/", "metadata", true},
	{"http://[fe80::1]/", "link-local", true},
}

// With strict targets, the dashboard accepts only URLs that a provider on the internet accepts, and its errors, in the
// provider's format, repeat no password. Without, it accepts any deliverable URL.
func TestStrictRegistration(t *testing.T) {
	t.Parallel()
	for _, strict := range []bool{true, false} {
		s := new(mockservertest.Network).Start(t, mockserver.Config{Providers: providers(t), StrictTargets: strict})
		a := s.Account("merchant")
		if want := map[bool]string{true: "strict", false: "local"}[strict]; s.DefaultAccount().Control("GET", "/health", nil).At("targets") != want {
			t.Errorf("health does not say %s", want)
		}
		for _, c := range refusable {
			got := a.Call(provider, updateProfile, webhookURL(c.url))
			refused := got.Status == 400 && strings.Contains(got.At("message"), "webhook_url") && strings.Contains(got.At("message"), c.says)
			if refused != (strict || c.always) {
				t.Errorf("strict %v, %.60s: %d %.200s", strict, c.url, got.Status, got.Body)
			}
			if strict && strings.Contains(string(got.Body), "secret") {
				t.Errorf("the password is repeated: %s", got.Body)
			}
		}
		for _, url := range []string{"https://hooks.example.com/", "http://hooks.example.com:8080/a?b=c", "https://8.8.8.8/"} {
			if got := a.Call(provider, updateProfile, webhookURL(url)); got.Status != 200 || got.At("webhook_url") != url {
				t.Errorf("strict %v, %s: %d %s", strict, url, got.Status, got.Body)
			}
		}
	}
}

// A URL that is registered twice is one webhook, unless the provider keeps both.
func TestDuplicateRegistration(t *testing.T) {
	t.Parallel()
	a := beginNimbus(t, mockserver.Config{}).Account("twice")
	for range 2 {
		if got := a.Call(nimbus, "createHook", map[string]any{"url": "https://hooks.example.com/", "events": []string{"lookup.found"}}); got.Status != 201 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	b := begin(t).Account("twice")
	for range 2 {
		if got := b.Call("idwise", "createWebhook", map[string]any{"environment": "Sandbox", "types": []string{"Finished Journey"}, "url": "https://hooks.example.com/"}); got.Status != 200 {
			t.Fatalf("%d %s", got.Status, got.Body)
		}
	}
	for _, c := range []struct {
		account *mockservertest.Account
		want    int
	}{{a, 1}, {b, 2}} {
		ids := map[string]bool{}
		for _, ep := range mockservertest.Entries[journal.Endpoint](c.account) {
			ids[ep.ID] = true
		}
		if len(ids) != c.want {
			t.Errorf("%d webhooks, want %d", len(ids), c.want)
		}
	}
}

// The overview of a vendor spells a type of webhook otherwise than its payload does: both are registered, on either way, and the
// payload's is sent.
func TestSpellingOfEvents(t *testing.T) {
	t.Parallel()
	s := begin(t)
	a := s.Account("spelling").Freeze()
	receiver := s.NewReceiver()
	if got := a.Control("POST", "/endpoints", map[string]any{"provider": "idwise", "url": receiver.URL, "events": []string{"Finished spot Check"}}); got.Status != 200 ||
		!strings.Contains(string(got.Body), `"Finished Spot Check"`) {
		t.Errorf("control API: %d %s", got.Status, got.Body)
	}
	if got := a.Call("idwise", "createWebhook", map[string]any{"environment": "Sandbox", "types": []string{"Finished spot Check"}, "url": receiver.URL + "/portal"}); got.Status != 200 {
		t.Errorf("portal: %d %s", got.Status, got.Body)
	}
	a.Send("idwise", "Finished Spot Check", nil)
	a.Idle()
	for range 2 {
		if got := receiver.Next(); !strings.Contains(string(got.Body), `"event":"Finished Spot Check"`) {
			t.Errorf("%s", got.Body)
		}
	}
	if got := a.Control("POST", "/endpoints", map[string]any{"provider": "idwise", "url": receiver.URL, "events": []string{"Finished Spot Chek"}}); got.Status != 422 ||
		!strings.Contains(string(got.Body), `did you mean \"Finished Spot Check\"?`) {
		t.Errorf("unknown event: %d %s", got.Status, got.Body)
	}
}
