package play

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func sample() *Report {
	return &Report{Suites: []SuiteReport{{Name: "directory", Scenarios: []Scenario{
		{File: "directory/a.yaml", Name: "a", Provider: "acme", Verdict: Passed},
		{File: "directory/b.yaml", Name: "b", Provider: "acme", Verdict: Failed, Reason: "the receiver failed", Repeat: "idmock play directory/b.yaml"},
		{File: "directory/c.yaml", Verdict: Errored, Reason: "invalid"},
	}}}}
}

// A terminal gets a bar and the logs of failures only. Reports get every log.
func TestProgressOnATerminal(t *testing.T) {
	r := sample()
	var out bytes.Buffer
	p := NewProgress(&out, r, true, true)
	for i := range r.Suites[0].Scenarios {
		one := &r.Suites[0].Scenarios[i]
		log := p.begin(one)
		if _, err := log.Write([]byte("log of " + one.File + "\n")); err != nil {
			t.Fatal(err)
		}
		p.end(log)
	}
	for _, want := range []string{"[" + strings.Repeat(" ", barWidth) + "] 0/3 acme a", "\x1b[32mpassed \x1b[0m  acme a", "] 1/3 acme b", "\x1b[31mfailed \x1b[0m  acme b", "log of directory/b.yaml"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in %q", want, &out)
		}
	}
	if strings.Contains(out.String(), "log of directory/a.yaml") {
		t.Errorf("the log of a passed scenario is printed: %q", &out)
	}
	if last := r.Suites[0].Scenarios[0].Log; last[len(last)-1] != "log of directory/a.yaml" {
		t.Errorf("the report does not have the log: %q", last)
	}
	p.color = false
	if got := p.paint(Passed); got != "passed " {
		t.Errorf("without color: %q", got)
	}
	if plain := NewProgress(&out, r, false, false); plain.bar || plain.color {
		t.Error("a bar without a terminal")
	}
}

// Scenarios that play side by side print their logs one after the other, and the report keeps each with its scenario.
func TestProgressSideBySide(t *testing.T) {
	r := sample()
	var out bytes.Buffer
	p := NewProgress(&out, r, false, false)
	p.parallel = true
	var logs []*scenarioLog
	for i := range r.Suites[0].Scenarios {
		logs = append(logs, p.begin(&r.Suites[0].Scenarios[i]))
	}
	for _, line := range []string{"first\n", "sec", "ond\n"} {
		for i, log := range logs {
			if _, err := fmt.Fprintf(log, "%d %s", i, line); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, log := range logs {
		p.end(log)
	}
	if want := "0 first\n0 sec0 ond\npassed   acme a\n1 first\n"; !strings.HasPrefix(out.String(), want) {
		t.Errorf("printed %q, want it to begin with %q", &out, want)
	}
	if log := r.Suites[0].Scenarios[1].Log; len(log) != 2 || log[1] != "1 sec1 ond" {
		t.Errorf("log in the report: %q", log)
	}
}
