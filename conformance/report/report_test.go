package conformance_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/idmock/idmock/conformance"
)

var update = flag.Bool("update", false, "rewrite the golden reports")

// sample is a report with a result of every kind.
func sample() *conformance.Report {
	check := func(id string, level conformance.Level) conformance.Check {
		return conformance.Check{ID: id, Level: level, Title: "It is so.", Why: "Else it is not.", Ref: "a standard", Core: true}
	}
	r := &conformance.Report{Tool: "idmock test", Kind: "receiver", Target: "http://app.example/hooks", Profile: "acme", Seed: 7,
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Took: 1500 * time.Millisecond, Complete: true, Evidence: []string{"probe"},
		Results: []conformance.Result{
			{Check: check("kyc/pending-grants-nothing", conformance.Must), Verdict: conformance.Inconclusive, Reason: "nothing shows it"},
			{Check: check("auth/forged-signature", conformance.Must), Verdict: conformance.Fail, Reason: "wanted a refusal (4xx), got status 200",
				Wanted: "a refusal (4xx)", Got: "status 200", Cause: "it compares nothing", Repeat: "idmock check receiver …", Took: 3 * time.Millisecond,
				Exchanges: []conformance.Exchange{{Note: "forged", Request: "POST /hooks HTTP/1.1\n\n{\"a\":\"<b>\"}", Curl: "curl -X POST", Response: "HTTP/1.1 200 OK\r\n\r\n",
					Status: 200, Took: 2 * time.Millisecond, Wanted: "a refusal (4xx)"}}},
			{Check: check("auth/valid-accepted", conformance.Must), Verdict: conformance.Pass},
			{Check: check("auth/timestamp-old", conformance.Must), Verdict: conformance.NotApplicable, Reason: "this provider signs no time"},
			{Check: check("ack/fast", conformance.Should), Verdict: conformance.Warn, Reason: "wanted 1s, got 2s", Wanted: "1s", Got: "2s", Cause: "it takes its time"},
			{Check: check("idem/duplicate-sequential", conformance.Must), Verdict: conformance.Error, Reason: "the probe failed"},
			{Check: check("http/response-size", conformance.Info), Verdict: conformance.Noted, Reason: "30000 bytes"},
			{Check: check("http/chunked", conformance.Must), Verdict: conformance.Fail, Reason: "wanted acceptance (2xx), got status 401", Wanted: "acceptance (2xx)", Got: "status 401"},
		}}
	r.Waive(conformance.Waivers{{ID: "http/c*", Verdict: conformance.Fail, Reason: "the gateway is being replaced"}})
	r.Finish()
	return r
}

// Each format tells the sample as the golden file does.
func TestFormats(t *testing.T) {
	for name, write := range map[string]func(*conformance.Report, *bytes.Buffer) error{
		"report.txt": func(r *conformance.Report, b *bytes.Buffer) error {
			c := conformance.Console{W: b, Total: len(r.Results)}
			for _, result := range r.Results {
				c.Tell(result)
			}
			c.End(r)
			return nil
		},
		"report.json": func(r *conformance.Report, b *bytes.Buffer) error { return r.WriteJSON(b) },
		"report.xml":  func(r *conformance.Report, b *bytes.Buffer) error { return r.WriteJUnit(b) },
		"report.html": func(r *conformance.Report, b *bytes.Buffer) error { return r.WriteHTML(b) },
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

// The JSON report is what its schema says, and the schema is one.
func TestSchema(t *testing.T) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(conformance.Schema))
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
	if err := sample().WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	report, err := jsonschema.UnmarshalJSON(&b)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(report); err != nil {
		t.Error(err)
	}
	broken := json.RawMessage(`{"format":1}`)
	if v, err := jsonschema.UnmarshalJSON(bytes.NewReader(broken)); err != nil || schema.Validate(v) == nil {
		t.Error("the schema takes a report with nothing in it")
	}
}

// The exit code says whether it is right, wrong, or not known.
func TestCode(t *testing.T) {
	of := func(results ...conformance.Result) *conformance.Report {
		return &conformance.Report{Complete: true, Results: results}
	}
	pass, fail := conformance.Result{Verdict: conformance.Pass}, conformance.Result{Verdict: conformance.Fail}
	warn, unknown := conformance.Result{Verdict: conformance.Warn}, conformance.Result{Verdict: conformance.Inconclusive}
	strict := of(pass, warn)
	strict.Strict = true
	strictly := of(pass, unknown)
	strictly.Strict = true
	cut := of(pass)
	cut.Complete = false
	stale := of(pass)
	stale.Stale = []conformance.Waiver{{}}
	for name, c := range map[string]struct {
		report *conformance.Report
		want   int
	}{
		"all right": {of(pass, pass), 0}, "one failed": {of(pass, fail), 1}, "a warning": {of(pass, warn), 0}, "strictly": {strict, 1},
		"nothing known": {of(unknown), 2}, "one unknown": {of(pass, unknown), 0}, "strictly unknown": {strictly, 1},
		"an error": {of(pass, conformance.Result{Verdict: conformance.Error}), 2}, "cut short": {cut, 2}, "a stale waiver": {stale, 1},
		"not reached": {&conformance.Report{Complete: true, Untested: true}, 2}, "nothing applies": {of(conformance.Result{Verdict: conformance.NotApplicable}), 2},
	} {
		if got := c.report.Code(); got != c.want {
			t.Errorf("%s: code %d, want %d", name, got, c.want)
		}
	}
}

// A waiver needs an expectation and a reason, and is stale when what it speaks of does not fail.
func TestWaivers(t *testing.T) {
	for src, want := range map[string]string{
		"- {id: auth/*, verdict: fail, reason: soon}": "",
		"": "",
		"- {id: auth/*, verdict: pass, reason: soon}":   `verdict "pass" cannot be waived`,
		"- {id: auth/*, verdict: fail}":                 "no reason",
		"- {verdict: fail, reason: soon}":               "no id",
		"- {id: a, verdict: fail, reason: b, until: c}": "unknown field",
	} {
		_, err := conformance.ReadWaivers([]byte(src))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", src, err, want)
		}
	}
	r := &conformance.Report{Complete: true, Results: []conformance.Result{
		{Check: conformance.Check{ID: "auth/a"}, Verdict: conformance.Fail}, {Check: conformance.Check{ID: "auth/b"}, Verdict: conformance.Pass},
		{Check: conformance.Check{ID: "http/c"}, Verdict: conformance.Pass}, {Check: conformance.Check{ID: "http/d"}, Verdict: conformance.NotApplicable}}}
	r.Waive(conformance.Waivers{{ID: "auth/*", Verdict: conformance.Fail}, {ID: "http/c", Verdict: conformance.Fail}, {ID: "http/d", Verdict: conformance.Fail}, {ID: "auth/b", Verdict: conformance.Warn}})
	if len(r.Stale) != 2 || r.Stale[0].ID != "http/c" || r.Stale[1].ID != "auth/b" || len(r.Unused) != 1 || r.Results[0].Verdict != conformance.Waived || r.Code() != 1 {
		t.Errorf("stale %v, unused %v, %v, code %d", r.Stale, r.Unused, r.Results[0].Verdict, r.Code())
	}
}
