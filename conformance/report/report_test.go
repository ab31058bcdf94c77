package report_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/report"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

// sample returns a report with a result of each verdict.
func sample() *conformance.Report {
	check := func(id string, level conformance.Level) conformance.Check {
		return conformance.Check{ID: id, Level: level, Title: "The requirement.", Why: "The reason.", Ref: "a standard", Core: true}
	}
	r := &conformance.Report{Tool: "idmock test", Kind: "receiver", Target: "http://app.example/hooks", Profile: "acme", Seed: 7,
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: 1500 * time.Millisecond, Complete: true, Evidence: []string{"probe"},
		Results: []conformance.Result{
			{Check: check("kyc/pending-grants-nothing", conformance.Must), Verdict: conformance.Inconclusive, Reason: "no evidence"},
			{Check: check("auth/forged-signature", conformance.Must), Verdict: conformance.Fail, Reason: "expected a refusal (4xx), got status 200",
				Expected: "a refusal (4xx)", Got: "status 200", Cause: "it does not compare signatures", Repeat: "idmock check receiver …", Took: 3 * time.Millisecond,
				Exchanges: []conformance.Exchange{{Note: "forged", Request: "POST /hooks HTTP/1.1\n\n{\"a\":\"<b>\"}", Curl: "curl -X POST", Response: "HTTP/1.1 200 OK\r\n\r\n",
					Status: 200, Took: 2 * time.Millisecond, Expected: "a refusal (4xx)"}}},
			{Check: check("auth/valid-accepted", conformance.Must), Verdict: conformance.Pass},
			{Check: check("auth/timestamp-old", conformance.Must), Verdict: conformance.NotApplicable, Reason: "this provider does not sign timestamps"},
			{Check: check("ack/fast", conformance.Should), Verdict: conformance.Warn, Reason: "expected 1s, got 2s", Expected: "1s", Got: "2s", Cause: "it works before it responds"},
			{Check: check("idem/duplicate-sequential", conformance.Must), Verdict: conformance.Error, Reason: "the probe failed"},
			{Check: check("http/response-size", conformance.Info), Verdict: conformance.Noted, Reason: "30000 bytes"},
			{Check: check("http/chunked", conformance.Must), Verdict: conformance.Fail, Reason: "expected acceptance (2xx), got status 401", Expected: "acceptance (2xx)", Got: "status 401"},
		}}
	r.Waive(conformance.Waivers{{ID: "http/c*", Verdict: conformance.Fail, Reason: "the gateway is being replaced"}})
	r.Finish()
	return r
}

// Each format of the sample equals its golden file.
func TestFormats(t *testing.T) {
	for name, write := range map[string]func(*conformance.Report, *bytes.Buffer) error{
		"report.txt": func(r *conformance.Report, b *bytes.Buffer) error {
			c := report.Console{W: b, Total: len(r.Results)}
			for _, result := range r.Results {
				c.Result(result)
			}
			c.Finish(r)
			return nil
		},
		"report.json": func(r *conformance.Report, b *bytes.Buffer) error { return report.WriteJSON(b, r) },
		"report.xml":  func(r *conformance.Report, b *bytes.Buffer) error { return report.WriteJUnit(b, r) },
		"report.html": func(r *conformance.Report, b *bytes.Buffer) error { return report.WriteHTML(b, r) },
	} {
		t.Run(name, func(t *testing.T) {
			var b bytes.Buffer
			if err := write(sample(), &b); err != nil {
				t.Fatal(err)
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, b.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), b.String()); diff != "" {
				t.Errorf("(-want +got; -update rewrites it)\n%s", diff)
			}
		})
	}
}

// The JSON report is valid by its schema, and the schema rejects other documents.
func TestSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("report.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("report.json")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.WriteJSON(&b, sample()); err != nil {
		t.Fatal(err)
	}
	written, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(written); err != nil {
		t.Error(err)
	}
	broken := json.RawMessage(`{"format":1}`)
	if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(broken)); err != nil || schema.Validate(v) == nil {
		t.Error("the schema accepts an empty report")
	}
}
