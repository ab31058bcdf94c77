package junit_test

import (
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/internal/junit"
)

func TestWrite(t *testing.T) {
	report := junit.Report{Name: "idmock", Suites: []junit.Suite{{
		Name:       "auth",
		Began:      time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Properties: []junit.Property{{Name: "seed", Value: "7"}},
		Cases: []junit.Case{
			{Name: "good", Took: 1500 * time.Millisecond, Out: "output <this>"},
			{Class: "auth.forged", Name: "bad", Failure: &junit.Problem{Kind: "fail", Message: "took 200", Text: "line\nline"}},
			{Name: "unknown", Error: &junit.Problem{Kind: "error", Message: "connection refused"}},
			{Name: "other", Skipped: junit.Skip("no signature")},
		},
	}}}
	var out strings.Builder
	if err := junit.Write(&out, report); err != nil {
		t.Fatal(err)
	}
	want := `<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="idmock" tests="4" failures="1" errors="1" time="1.500">
  <testsuite name="auth" tests="4" failures="1" errors="1" skipped="1" time="1.500" timestamp="2026-01-02T03:04:05">
    <properties>
      <property name="seed" value="7"></property>
    </properties>
    <testcase classname="auth" name="good" time="1.500">
      <system-out>output &lt;this&gt;</system-out>
    </testcase>
    <testcase classname="auth.forged" name="bad" time="0.000">
      <failure type="fail" message="took 200">line&#xA;line</failure>
    </testcase>
    <testcase classname="auth" name="unknown" time="0.000">
      <error type="error" message="connection refused"></error>
    </testcase>
    <testcase classname="auth" name="other" time="0.000">
      <skipped>no signature</skipped>
    </testcase>
  </testsuite>
</testsuites>
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestHostile writes bytes that XML does not allow, as receivers may send them: the file stays well-formed.
func TestHostile(t *testing.T) {
	hostile := "\x00\x1b[31m\xff\ufffe]]><a/>&\U0001F600"
	var out strings.Builder
	err := junit.Write(&out, junit.Report{Suites: []junit.Suite{{Name: hostile, Cases: []junit.Case{
		{Name: hostile, Out: hostile, Failure: &junit.Problem{Message: hostile, Text: hostile}}}}}})
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		Suite struct {
			Case struct {
				Out string `xml:"system-out"`
			} `xml:"testcase"`
		} `xml:"testsuite"`
	}
	if err := xml.Unmarshal([]byte(out.String()), &back); err != nil {
		t.Fatalf("not XML: %v\n%s", err, out.String())
	}
	if want := "\ufffd\ufffd[31m\ufffd\ufffd]]><a/>&\U0001F600"; back.Suite.Case.Out != want {
		t.Errorf("system-out = %q, want %q", back.Suite.Case.Out, want)
	}
	if strings.Contains(out.String(), "properties") {
		t.Errorf("an empty list of properties is written, which schemas do not allow:\n%s", &out)
	}
}
