package receiver

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// What the events of each provider mean is told of events that are true to the provider's document, but for those of
// which no document knows.
func TestRoles(t *testing.T) {
	for _, folder := range catalog.Folders() {
		p, err := openapi.Open(folder.Name, folder.FS)
		if err != nil {
			t.Fatal(err)
		}
		profile, err := NewProfile(p, Target{URL: "http://127.0.0.1:1/hooks"}, 1, "n")
		if err != nil {
			t.Fatal(err)
		}
		wire, err := newWireTarget("http://127.0.0.1:1/hooks", "")
		if err != nil {
			t.Fatal(err)
		}
		// Each place that the folder names is in the events of an endpoint that chose nothing.
		named, found := p.Conformance(), profile.conf
		if found.ID != named.ID || found.Happened != named.Happened || found.Text != named.Text || found.Required != named.Required || len(found.Optional) != len(named.Optional) {
			t.Errorf("%s: of the places %q %q %q %q %q there are %q %q %q %q %q", folder.Name, named.ID, named.Happened, named.Text, named.Required, named.Optional,
				found.ID, found.Happened, found.Text, found.Required, found.Optional)
		}
		for role, said := range profile.conf.Roles {
			s, err := profile.newSubject(role)
			if err != nil {
				t.Fatal(err)
			}
			r, err := profile.build((&Shot{Role: words{role}}).variants()[0], s, "msg_1", wire)
			if err != nil {
				t.Errorf("%s: %s: %v", folder.Name, role, err)
				continue
			}
			// Peleza's events name nobody where nothing was found; only a signature brings the token with it.
			if folder.Name != "peleza" && !strings.Contains(string(r.body), s.name) && !strings.Contains(string(r.body), s.reference) && !carries(r, s) {
				t.Errorf("%s: %s does not say whom it is about: %s", folder.Name, role, r.body)
			}
			if err := p.CheckEvent(said.Event, r.body); err != nil && !strings.HasPrefix(role, "unknown-") {
				t.Errorf("%s: %s: %v\n%s", folder.Name, role, err, r.body)
			}
		}
	}
}

func carries(r *request, s *subject) bool {
	for _, h := range r.header {
		if strings.Contains(h[1], s.reference) {
			return true
		}
	}
	return false
}

// The samples of each provider do nothing wrong, and show what they did.
func TestSamples(t *testing.T) {
	const secret, next, other, old = "sandbox_pk_0123456789abcdef", "sandbox_pk_fedcba9876543210", "sandbox_pk_another_account", "sandbox_pk_of_last_year"
	for name, c := range map[string]struct {
		env         []string
		credentials map[string]string
		switches    map[string]string
		headers     [][2]string
	}{
		"identitypass": {env: []string{"IDENTITYPASS_PUBLIC_KEY=" + secret, "IDENTITYPASS_PUBLIC_KEY_NEXT=" + next}, credentials: map[string]string{"public_key": secret}},
		"prembly":      {env: []string{"PREMBLY_PUBLIC_KEY=" + secret, "PREMBLY_PUBLIC_KEY_NEXT=" + next}, credentials: map[string]string{"public_key": secret}},
		"peleza": {env: []string{"PELEZA_PUBLIC_KEY=" + secret, "PELEZA_PUBLIC_KEY_NEXT=" + next, "PELEZA_SIGNATURE=hmac-sha256"}, credentials: map[string]string{"public_key": secret},
			switches: map[string]string{"signature": "hmac-sha256"}},
		"faceio": {env: []string{"FACEIO_WEBHOOK_TOKEN=" + secret, "FACEIO_WEBHOOK_TOKEN_NEXT=" + next}, credentials: map[string]string{"webhook_token": secret}},
		"idwise": {env: []string{"IDWISE_AUTHORIZATION=Bearer " + secret, "IDWISE_AUTHORIZATION_NEXT=Bearer " + next}, headers: [][2]string{{"Authorization", "Bearer " + secret}}},
	} {
		for language, command := range map[string][]string{
			"node": {"node", filepath.Join(receivers, "node", name+".mjs")}, "python": {"python3", filepath.Join(receivers, "python", name+".py")},
		} {
			t.Run(name+" in "+language, func(t *testing.T) {
				t.Parallel()
				i := indexOf(t, name)
				p, err := openapi.Open(name, catalog.Folders()[i].FS)
				if err != nil {
					t.Fatal(err)
				}
				api := free(t)
				url, restart := lasting(t, append(c.env, "API=http://"+api+p.Prefix), command[0], command[1:]...)
				target := Target{Provider: p, URL: url + "/hooks", Credentials: c.credentials, Switches: c.switches, Headers: c.headers, NextSecret: next, OtherSecret: other, OldSecret: old, APIAddr: api,
					Probe: Probe{Hook: Hook{URL: url + "/subjects/{reference}"}, Text: "$.name"}, Restart: restart, Strict: true}
				if p.Conformance().Start.Operation != "" {
					target.Start = Hook{URL: url + "/start/{subject}"}
				}
				report := run(t, target)
				for _, r := range report.Results {
					switch r.Verdict {
					case conformance.Pass, conformance.NotApplicable:
					default:
						t.Errorf("%s: %s: %s%s", r.ID, r.Verdict, r.Reason, tail(r))
					}
				}
				t.Logf("%v: %d passed, %d do not apply", report.Took, report.Count(conformance.Pass), report.Count(conformance.NotApplicable))
			})
		}
	}
}

// An endpoint that chose another shape has other members: what is not there is not asked for.
func TestOtherShape(t *testing.T) {
	p, err := openapi.Open("prembly", catalog.Folders()[indexOf(t, "prembly")].FS)
	if err != nil {
		t.Fatal(err)
	}
	profile, err := NewProfile(p, Target{URL: "http://127.0.0.1:1/hooks", Switches: map[string]string{"shape": "2026"}}, 1, "n")
	if err != nil {
		t.Fatal(err)
	}
	if profile.conf.Required != "" || profile.conf.Text != "/data/firstname" {
		t.Errorf("required %q and text %q: the events of 2026 have no response_code, and the name in the same place", profile.conf.Required, profile.conf.Text)
	}
	if p.Conformance().Required != "/response_code" {
		t.Error("the provider itself has changed")
	}
}

func indexOf(t *testing.T, name string) int {
	t.Helper()
	for i, f := range catalog.Folders() {
		if f.Name == name {
			return i
		}
	}
	t.Fatalf("no provider is called %s", name)
	return -1
}
