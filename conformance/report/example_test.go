package report_test

import (
	"os"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/report"
)

// The console writes each failure as it happens, and the report at the end.
func ExampleConsole() {
	run := &conformance.Report{Kind: "receiver", Complete: true, Seed: 7, Results: []conformance.Result{
		{Check: conformance.Check{ID: "auth/forged-signature", Level: conformance.Must, Title: "The receiver refuses forged events.", Why: "Anyone can send one.", Ref: "a standard"},
			Verdict: conformance.Fail, Reason: "expected a refusal (4xx), got status 200", Expected: "a refusal (4xx)", Got: "status 200", Cause: "it does not compare signatures",
			Repeat: conformance.Repeat("idmock check receiver http://127.0.0.1:3000", "auth/forged-signature", 7)},
	}}
	run.Finish()
	console := report.Console{W: os.Stdout, Total: len(run.Results)}
	for _, r := range run.Results {
		console.Result(r)
	}
	console.Finish(run)
	// Output:
	// fail   auth/forged-signature: expected a refusal (4xx), got status 200
	//
	// FAIL  auth/forged-signature  MUST
	//   required  The receiver refuses forged events.
	//   why       Anyone can send one.
	//   got       status 200
	//   expected  a refusal (4xx)
	//   likely    it does not compare signatures
	//   source    a standard
	//   repeat    idmock check receiver http://127.0.0.1:3000 --run auth/forged-signature --seed 7
	//
	//           pass  fail
	// auth         ·     1
	// total        ·     1
	//
	// To accept these failures for now, add them to a --waivers file, each with a reason:
	// - {id: auth/forged-signature, verdict: fail, reason: ""}
	//
	// 0 of 1 checks passed in 0.0 s, seed 7. The receiver failed.
}
