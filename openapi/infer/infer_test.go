package infer_test

import (
	"os"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi/infer"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/spec"
)

func directory(t *testing.T, o infer.Options) (settings.Settings, map[string][]byte) {
	t.Helper()
	src, err := os.ReadFile("../../testdata/documents/kyc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := spec.Read(src, spec.Options{Prefix: "/-"})
	if err != nil {
		t.Fatal(err)
	}
	files := infer.Directory("kyc", d, o)
	set, err := settings.Read(files["provider.yaml"])
	if err != nil {
		t.Fatalf("%v\n%s", err, files["provider.yaml"])
	}
	return set, files
}

func TestCredential(t *testing.T) {
	set, files := directory(t, infer.Options{})
	if c := set.Credential; c.Header != "X-Api-Key" || len(c.Also) != 1 || c.Also[0].Scheme != "Bearer" {
		t.Errorf("credential %+v: want the key, and a bearer token as an alternative", c)
	}
	if c := set.Credential.For("getReport"); c.Cookie != "session" {
		t.Errorf("getReport: %+v: want the cookie", c)
	}
	for id, public := range map[string]bool{"getHealth": true, "getStatus": true, "createVerification": false} {
		if set.Credential.Public.Match(id) != public {
			t.Errorf("%s: public is %t", id, !public)
		}
	}
	if more := string(files["more.yaml"]); !strings.Contains(more, "/oauth/token:") {
		t.Errorf("more.yaml has no token endpoint below the base path:\n%s", more)
	}
}

// Clients use either scheme of a header.
func TestSchemesOfOneHeader(t *testing.T) {
	d, err := spec.Read([]byte(`{openapi: 3.0.3, security: [{basic: []}, {bearer: []}], paths: {/a: {get: {responses: {"200": {description: a}}}}},
  components: {securitySchemes: {basic: {type: http, scheme: basic}, bearer: {type: http, scheme: bearer}}}}`), spec.Options{Prefix: "/-"})
	if err != nil {
		t.Fatal(err)
	}
	set, err := settings.Read(infer.Directory("either", d, infer.Options{})["provider.yaml"])
	if err != nil {
		t.Fatal(err)
	}
	if c := set.Credential; c.Scheme != "Basic" || len(c.Also) != 1 || c.Also[0].Scheme != "Bearer" {
		t.Errorf("credential %+v: want Basic, and Bearer as an alternative", c)
	}
}

func TestServers(t *testing.T) {
	set, _ := directory(t, infer.Options{})
	if len(set.BasePaths) != 1 || set.BasePaths[0] != "/v1" || len(set.Hosts) != 2 || set.Hosts[0] != "eu.veritas-kyc.com" || set.Hosts[1] != "auth.veritas-kyc.com" {
		t.Errorf("base paths %v, hosts %v", set.BasePaths, set.Hosts)
	}
}

func TestRuns(t *testing.T) {
	set, _ := directory(t, infer.Options{})
	changes := map[string]string{}
	for _, r := range set.Runs {
		id := r.On[0]
		switch changes[id] = r.Change; {
		case len(r.List) > 0:
			changes[id] = "list"
		case len(r.Find) == 0:
			changes[id] = "start"
		case r.Change == "":
			changes[id] = "find"
		}
		if id != "deleteVerification" && r.ID != "id" {
			t.Errorf("%s: id %q", id, r.ID)
		}
	}
	want := map[string]string{"createVerification": "start", "listVerifications": "list", "getVerification": "find", "patchVerification": "merge", "deleteVerification": "remove", "cancelVerification": "find"}
	for id, what := range want {
		if changes[id] != what {
			t.Errorf("%s: %q, want %q", id, changes[id], what)
		}
	}
	if len(changes) != len(want) {
		t.Errorf("runs %v", changes)
	}
	if set, _ := directory(t, infer.Options{Stateless: true}); len(set.Runs) != 0 {
		t.Errorf("stateless: %v", set.Runs)
	}
}

func TestErrors(t *testing.T) {
	set, files := directory(t, infer.Options{})
	if e := set.Errors["invalid"]; e.Status != 422 || e.ContentType != "" {
		t.Errorf("invalid: %+v", e)
	}
	if e := set.Errors["internal"]; e.Status != 500 || e.ContentType != "application/problem+json" {
		t.Errorf("internal: %+v: want RFC 9457, as none is documented", e)
	}
	if text := string(files["provider.yaml"]); !strings.Contains(text, `"message":"${error.message}"`) {
		t.Errorf("no error has the message:\n%s", text)
	}
}

// A code without an example is that of the status, and not words that mean nothing.
func TestErrorCodes(t *testing.T) {
	const document = `openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /a: {get: {responses: {"200": {description: ok}, "404": {description: none, content: {application/json: {schema: {type: object, required: [code, message], properties: {code: {type: string}, message: {type: string}}}}}}}}}
`
	d, err := spec.Read([]byte(document), spec.Options{Prefix: "/-"})
	if err != nil {
		t.Fatal(err)
	}
	const want = `not-found: {status: 404, body: {"code":"not_found","message":"${error.message}"}}`
	if text := string(infer.Directory("t", d, infer.Options{})["provider.yaml"]); !strings.Contains(text, want) {
		t.Errorf("no %s in\n%s", want, text)
	}
}

func TestOutcomesAndEvents(t *testing.T) {
	set, files := directory(t, infer.Options{})
	verdicts := map[string]string{}
	for _, o := range set.Outcomes {
		verdicts[o.Name] = string(o.Verdict)
	}
	for name, want := range map[string]string{"pending": "pending", "verified": "granted", "rejected": "not-granted"} {
		if verdicts[name] != want {
			t.Errorf("%s: %q, want %q", name, verdicts[name], want)
		}
	}
	done := set.Events["verification.verified"]
	if done.ID != "data.id" || len(done.Reports) != 1 || done.Reports[0] != "verified" {
		t.Errorf("verification.verified: %+v", done)
	}
	if to := set.Events["onDone"].To; to.Expression == nil || to.String() != "body.callback_url" {
		t.Errorf("onDone: %+v: want the callback's address", to)
	}
	for _, want := range []string{"outcome: pending", "outcome: verified", "send: onDone", "send: verification.verified"} {
		if !strings.Contains(string(files["scenarios/default.yaml"]), want) {
			t.Errorf("no %q in\n%s", want, files["scenarios/default.yaml"])
		}
	}
}

func TestName(t *testing.T) {
	for title, want := range map[string]string{"Veritas KYC API": "veritas-kyc", "The Stripe API v1": "stripe", "日本": "", "openapi": ""} {
		if got := infer.Name(title); got != want {
			t.Errorf("%s: %q, want %q", title, got, want)
		}
	}
}
