package receiver

import (
	"path/filepath"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// The sample receivers of each provider pass all applicable checks. A brief run divides some of them among the samples.
func TestSamples(t *testing.T) {
	t.Parallel()
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
		for n, command := range [][]string{
			{"node", filepath.Join(receivers, "node", name+".mjs")}, {"python3", filepath.Join(receivers, "python", name+".py")},
		} {
			n += indexOf(t, name)
			t.Run(name+" in "+command[0], func(t *testing.T) {
				t.Parallel()
				i := indexOf(t, name)
				p, err := openapi.Open(name, catalog.Folders()[i].FS)
				if err != nil {
					t.Fatal(err)
				}
				api := free(t)
				url, restart := startPersistent(t, append(c.env, "API=http://"+api+p.Prefix), command[0], command[1:]...)
				target := Target{Provider: p, URL: url + "/hooks", Credentials: c.credentials, Switches: c.switches, Headers: c.headers, NextSecret: next, OtherSecret: other, OldSecret: old, APIAddr: api,
					Probe: Probe{Hook: Hook{URL: url + "/subjects/{reference}"}, Text: "$.name"}, Restart: restart, Strict: true}
				if p.Conformance().Start.Operation != "" {
					target.Start = Hook{URL: url + "/start/{subject}"}
				}
				apportion(t, &target, 1+n)
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

func indexOf(t *testing.T, name string) int {
	t.Helper()
	for i, f := range catalog.Folders() {
		if f.Name == name {
			return i
		}
	}
	t.Fatalf("unknown provider %s", name)
	return -1
}
