package conformancetest_test

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"regexp"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/conformancetest"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/conformance/receiver/reference"
)

const secret = "whsec_c2VjcmV0IG9mIHRoaXMgdGVzdA=="

// serve starts an application with a flaw, or without one if flaw is empty.
func serve(t *testing.T, flaw reference.FlawID) receiver.Target {
	t.Helper()
	provider, err := receiver.OpenGeneric("standard-webhooks")
	if err != nil {
		t.Fatal(err)
	}
	app := reference.New(reference.Config{Scheme: "standard-webhooks", Secrets: []string{secret}, Flaw: flaw})
	t.Cleanup(app.Close)
	server := httptest.NewServer(app)
	t.Cleanup(server.Close)
	return receiver.Target{
		URL: server.URL + "/hooks", Provider: provider, Credentials: map[string]string{"signing_secret": secret},
		Probe: receiver.Probe{Hook: receiver.Hook{URL: server.URL + "/subjects/{subject}"}},
	}
}

// TestRun shows how an application tests its own receiver.
func TestRun(t *testing.T) {
	target := serve(t, "")
	target.Core = true
	conformancetest.Run(t, target)
}

// inner is the environment variable that selects the case of TestOutcomes to run in the child process.
const inner = "IDMOCK_CONFORMANCETEST"

// Each verdict becomes the matching test outcome; only passed checks pass. Failing tests run in a child process; its output
// is examined.
func TestOutcomes(t *testing.T) {
	if how := os.Getenv(inner); how != "" {
		target := serve(t, reference.GrantsPending)
		target.Only = []string{"kyc/pending-grants-nothing", "kyc/rejected-grants-nothing", "kyc/state-disagrees", "order/webhook-before-response", "http/tls-chain"}
		target.Strict = how == "strict"
		switch how {
		case "waived":
			conformancetest.Run(t, target, conformance.Waiver{ID: "kyc/pending*", Verdict: conformance.Fail, Reason: "soon"})
		case "stale":
			conformancetest.Run(t, target, conformance.Waiver{ID: "kyc/*", Verdict: conformance.Fail, Reason: "soon"}, conformance.Waiver{ID: "kyc/rejected*", Verdict: conformance.Fail, Reason: "fixed"})
		case "unknown":
			target.Only, target.Probe = []string{"kyc/rejected-grants-nothing"}, receiver.Probe{}
			conformancetest.Run(t, target)
		default:
			conformancetest.Run(t, target)
		}
		return
	}
	for how, wants := range map[string][]string{
		"plain": {`--- FAIL: TestOutcomes `, `--- FAIL: TestOutcomes/kyc/pending-grants-nothing `, `--- PASS: TestOutcomes/kyc/rejected-grants-nothing `,
			`--- SKIP: TestOutcomes/order/webhook-before-response `, `inconclusive: no hook makes the application start`, `--- SKIP: TestOutcomes/http/tls-chain `,
			`not-applicable: the receiver.s URL is not https`, `likely cause: it treats pending as approved`, `repeat: idmock check receiver .* --run kyc/pending-grants-nothing --seed \d+`},
		"strict":  {`--- FAIL: TestOutcomes/order/webhook-before-response `, `--- SKIP: TestOutcomes/http/tls-chain `},
		"waived":  {`--- PASS: TestOutcomes `, `--- SKIP: TestOutcomes/kyc/pending-grants-nothing `, `waived: soon \(expected the application to grant nothing, got state "approved"\)`},
		"stale":   {`--- FAIL: TestOutcomes `, `--- SKIP: TestOutcomes/kyc/pending-grants-nothing `, `the waiver of kyc/rejected\* \(fixed\) is stale`},
		"unknown": {`--- FAIL: TestOutcomes `, `--- SKIP: TestOutcomes/kyc/rejected-grants-nothing `, `the receiver could not be tested`},
	} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestOutcomes$", "-test.v")
			cmd.Env = append(os.Environ(), inner+"="+how)
			out, err := cmd.CombinedOutput()
			if cmd.ProcessState == nil {
				t.Fatal(err)
			}
			for _, want := range wants {
				if !regexp.MustCompile(want).Match(out) {
					t.Errorf("nothing like %q in\n%s", want, out)
				}
			}
		})
	}
}
