package mutate

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance/receiver/profile"
	"github.com/idmock/idmock/conformance/receiver/wire"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

func builder(t *testing.T, p *openapi.Provider) *Builder {
	t.Helper()
	prof, err := profile.New(p, profile.Options{URL: "http://127.0.0.1:1/hooks", Seed: 1, Nonce: "n"})
	if err != nil {
		t.Fatal(err)
	}
	target, err := wire.New("http://127.0.0.1:1/hooks", "")
	if err != nil {
		t.Fatal(err)
	}
	return &Builder{Profile: prof, Target: target, KeysURL: "http://127.0.0.1:1/keys"}
}

// The events of each role match the provider's document, except unknown ones, and name their subject.
func TestRoles(t *testing.T) {
	for _, folder := range catalog.Folders() {
		p, err := openapi.Open(folder.Name, folder.FS)
		if err != nil {
			t.Fatal(err)
		}
		b := builder(t, p)
		// Each pointer in provider.yaml exists in the events of an endpoint without switches.
		named, found := p.Conformance(), b.Profile.Events
		if found.ID != named.ID || found.Happened != named.Happened || found.Text != named.Text || found.Required != named.Required || len(found.Optional) != len(named.Optional) {
			t.Errorf("%s: pointers %q %q %q %q %q, found %q %q %q %q %q", folder.Name, named.ID, named.Happened, named.Text, named.Required, named.Optional,
				found.ID, found.Happened, found.Text, found.Required, found.Optional)
		}
		for role, r := range found.Roles {
			s, err := b.Profile.NewSubject(role)
			if err != nil {
				t.Fatal(err)
			}
			req, err := b.Build(Event{Role: role, ID: "msg_1"}, s)
			if err != nil {
				t.Errorf("%s: %s: %v", folder.Name, role, err)
				continue
			}
			// Peleza's events of a failed search name no subject, except in the token of a signed one.
			if folder.Name != "peleza" && !strings.Contains(string(req.Body), s.Name) && !strings.Contains(string(req.Body), s.Reference) && !inHeader(req, s) {
				t.Errorf("%s: %s does not name its subject: %s", folder.Name, role, req.Body)
			}
			if err := p.Webhooks().Validate(r.Event, req.Body); err != nil && !strings.HasPrefix(role, "unknown-") && !strings.HasPrefix(role, openapi.Contradiction) && role != "signal viewed" {
				t.Errorf("%s: %s: %v\n%s", folder.Name, role, err, req.Body)
			}
		}
	}
}

func inHeader(r *wire.Request, s *profile.Subject) bool {
	for _, h := range r.Header {
		if strings.Contains(h[1], s.Reference) {
			return true
		}
	}
	return false
}

// Every mutation applies to the events of every generic profile and changes the request.
func TestWords(t *testing.T) {
	for _, name := range profile.Generic() {
		p, err := profile.OpenGeneric(name)
		if err != nil {
			t.Fatal(err)
		}
		b := builder(t, p)
		s, err := b.Profile.NewSubject("a")
		if err != nil {
			t.Fatal(err)
		}
		events := map[string]Event{}
		for word := range bodies {
			events["body "+word] = Event{Body: word}
		}
		for word := range signs {
			if CanSign(b.Profile, word) && (word != legacy || b.Profile.Weaker != nil) {
				events["sign "+word] = Event{Sign: word}
			}
		}
		for word := range postSign {
			events["post-sign "+word] = Event{PostSign: word}
		}
		for word := range headers {
			events["headers "+word] = Event{Headers: word}
		}
		for word, e := range events {
			e.Role, e.ID = "approved", "msg_1"
			r, err := b.Build(e, s)
			if err != nil || r.Header[0][0] != "Host" && e.Headers == "" {
				t.Errorf("%s: %s: %v", name, word, err)
			}
		}
	}
}

// Honest reports events that the provider itself would send: unchanged, or validly signed.
func TestHonest(t *testing.T) {
	for _, c := range []struct {
		event Event
		want  bool
	}{
		{Event{}, true}, {Event{Sign: "both"}, true}, {Event{Body: "pretty"}, true},
		{Event{Sign: "forged"}, false}, {Event{Body: "not-json"}, false}, {Event{PostSign: "value"}, false}, {Event{Happened: -1}, false},
	} {
		if got := c.event.Honest(); got != c.want {
			t.Errorf("%+v: %v", c.event, got)
		}
	}
}
