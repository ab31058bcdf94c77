package scenarios_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/scenarios"
)

var update = flag.Bool("update", false, "write what the files of testdata say now")

// Each file holds a scenario and all its problems.
func TestProblems(t *testing.T) {
	files, err := filepath.Glob("testdata/lint/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 {
				t.Fatalf("%d files, want the scenario and its problems", len(archive.Files))
			}
			src := archive.Files[0].Data
			if strings.Contains(archive.Files[0].Name, "crlf") { // git and editors would convert line endings
				src = bytes.ReplaceAll(src, []byte("\n"), []byte("\r\n"))
			}
			_, err = scenarios.Parse(archive.Files[0].Name, src, acme{})
			got := "none\n"
			if err != nil {
				got = err.Error() + "\n"
			}
			if *update {
				archive.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got); diff != "" {
				t.Errorf("problems (-want +got), update with -update:\n%s", diff)
			}
		})
	}
}

// Files that txtar cannot represent.
func TestUnusualFiles(t *testing.T) {
	for name, c := range map[string]struct {
		src  string
		want string // error; empty: valid
	}{
		"empty":             {"", "file is empty"},
		"comments only":     {"# nothing yet\n", "file is empty"},
		"not UTF-8":         {"scenario: x\nprovider: \xff\xfe\n", "f.yaml:2:1: invalid UTF-8"},
		"too large":         {strings.Repeat("# filler\n", scenarios.MaxFile/9+1), "file exceeds"},
		"nested deeply":     {"vars: " + strings.Repeat("{a: [", 80000), "f.yaml:1:256: nested more than 100 levels deep"},
		"lists of lists":    {"vars:\n  a: " + strings.Repeat("\n   ", 3) + strings.Repeat("- ", 300000), "nested more than 100 levels deep"},
		"indented deeply":   {stairs(400), "nested more than 100 levels deep"},
		"a byte order mark": {"\ufeff" + string(source("x", "  - on: verifyPerson\n")), ""},
		"no last newline":   {strings.TrimSpace(string(source("x", "  - on: verifyPerson\n"))), ""},
		"a name of 2 lines": {"scenario: \"x\\r\\nX-A: b\"\nprovider: acme\nrules: [{on: verifyPerson}]\n", "f.yaml:1:11: scenario has a line break"},
		"a long name":       {"scenario: " + strings.Repeat("x", 201) + "\nprovider: acme\nrules: [{on: verifyPerson}]\n", "f.yaml:1:11: scenario is longer than 200 bytes"},
		"carriage returns":  {strings.ReplaceAll(string(source("x", "  - on: verifyPerson\n    when: |\n      true\n")), "\n", "\r\n"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := scenarios.Parse("f.yaml", []byte(c.src), acme{})
			if c.want == "" {
				if err != nil || s.Name != "x" {
					t.Errorf("scenario %+v, error %v", s, err)
				}
				return
			}
			var problems diag.List
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if len(err.Error()) > 1000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
		})
	}
}

// stairs returns n nested mappings.
func stairs(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

func TestParse(t *testing.T) {
	s, err := scenarios.Parse("all.yaml", []byte(`
scenario: all
provider: acme
description: >
  Two lines
  of text
select: subject == "1" # a comment
vars: {limit: 3, name: "${account.name}"}
rules:
  - on: [verify*, "accounts/[id]"]
    when: body.n > 2
    reply:
      - {example: pending, status: 202, headers: {X-Rate: 3}, delay: 250ms}
      - {status: "503", body: {a: [1, null, 2.5, "${vars.limit}"]}}
      - hang: true
    set: {status: PENDING}
    then:
      - after: "1d12h"
        set: {status: DONE}
        send: check.done
        data: {code: "00"}
        expect: {status: [2xx, 404], within: 6s}
      - after: 0s
        send: check.failed
        expect: {status: 200}
  - on: start
    then: {send: check.done}
  - on: accounts/list
`), acme{})
	if err != nil {
		t.Fatal(err)
	}
	r := s.Rules[0]
	if s.Description != "Two lines of text" || s.Select == nil || s.Vars == nil || len(s.Rules) != 3 || len(r.On) != 2 || len(r.Reply) != 3 || len(r.Then) != 2 {
		t.Fatalf("scenario %+v", s)
	}
	if r.Line != 10 || r.Then[1].Line != 23 {
		t.Errorf("rule at line %d, second step at line %d", r.Line, r.Then[1].Line)
	}
	if r.Reply[1].Status != 503 || !r.Reply[2].Hang || r.Then[0].After.Hours() != 36 {
		t.Errorf("replies %+v, steps %+v", r.Reply, r.Then[0])
	}
	if got, want := r.Then[0].Expect.String(), "status 2xx or 404, within 6s"; got != want {
		t.Errorf("expectation %q, want %q", got, want)
	}
	for on, want := range map[string]bool{"verifyFace": true, "accounts/[id]": true, "accounts/i": false, "accounts/list": false, "start": false} {
		if r.Matches(on) != want {
			t.Errorf("matches %s: %v", on, !want)
		}
	}
}

func TestProblemsAreSortedByPosition(t *testing.T) {
	err := diag.List{{File: "b", Line: 1, Message: "4"}, {File: "a", Line: 2, Column: 1, Message: "3"}, {File: "a", Line: 1, Column: 9, Message: "2"}, {File: "a", Message: "1"}}.Err()
	if got, want := err.Error(), "a: 1\na:1:9: 2\na:2:1: 3\nb:1:0: 4"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if (diag.List{}).Err() != nil {
		t.Error("an empty list is an error")
	}
}
