package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// An application that accepts every request is tested by one check.
func Example() {
	app := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer app.Close()
	acme, err := receiver.OpenGeneric("standard-webhooks") // or openapi.Open, for a provider with a folder
	if err != nil {
		panic(err)
	}
	report, err := receiver.Run(context.Background(), receiver.Target{URL: app.URL, Provider: acme, Only: []string{"auth/wrong-secret"}}, nil)
	if err != nil {
		panic(err)
	}
	for _, r := range report.Results {
		fmt.Printf("%s %s %s\nwhy: %s\nexpected: %s\ngot: %s\nlikely: %s\n", r.Verdict, r.Level, r.ID, r.Why, r.Expected, r.Got, r.Cause)
	}
	fmt.Println(report.Headline)
	fmt.Println("exit code", report.ExitCode())
	// Output:
	// fail MUST auth/wrong-secret
	// why: Every customer of the provider can sign well-formed events with their own secret.
	// expected: a refusal (4xx)
	// got: status 200
	// likely: it checks only the form of a signature
	// The receiver accepts forged events: one was answered with 200.
	// exit code 1
}

// A server without the operations of a provider fails.
func Example_provider() {
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	folder := catalog.Folders()[0]
	claimed, err := openapi.Open(folder.Name, folder.FS)
	if err != nil {
		panic(err)
	}
	report, err := provider.Run(context.Background(), provider.Target{URL: server.URL, Provider: claimed, Only: []string{"call/served"}}, nil)
	if err != nil {
		panic(err)
	}
	for _, r := range report.Results {
		fmt.Println(r.Verdict, r.ID, "expected", r.Expected)
	}
	// Output:
	// fail call/served expected a response of the operation
}

// A known failure is accepted for now. Checks that no longer fail must not stay waived.
func ExampleReport_Waive() {
	report := &conformance.Report{Kind: "receiver", Complete: true, Results: []conformance.Result{
		{Check: conformance.Check{ID: "auth/timestamp-old"}, Verdict: conformance.Pass},
		{Check: conformance.Check{ID: "http/chunked"}, Verdict: conformance.Fail, Reason: "expected acceptance (2xx), got status 401"},
	}}
	fmt.Print("to accept: ", report.WaiverTemplate())
	waivers, err := conformance.ReadWaivers([]byte(`
- {id: http/chunked, verdict: fail, reason: the gateway is being replaced}
- {id: auth/timestamp-*, verdict: fail, reason: clocks}
`))
	if err != nil {
		panic(err)
	}
	report.Waive(waivers)
	for _, r := range report.Results {
		fmt.Printf("%s is %s: %q\n", r.ID, r.Verdict, r.Reason)
	}
	for _, w := range report.Stale {
		fmt.Println("stale:", w.ID)
	}
	fmt.Println("exit code", report.ExitCode())
	// Output:
	// to accept: - {id: http/chunked, verdict: fail, reason: ""}
	// auth/timestamp-old is pass: ""
	// http/chunked is waived: "the gateway is being replaced (expected acceptance (2xx), got status 401)"
	// stale: auth/timestamp-*
	// exit code 1
}
