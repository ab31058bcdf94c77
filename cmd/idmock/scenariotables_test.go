package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/catalog"
)

// moments are the scenarios that every provider has under the same name. If a provider cannot have one, its README gives
// the reason.
var moments = []string{"default", "pending-then-confirmed", "not-found", "face-match", "face-mismatch", "aml-update", "manual-review", "provider-down",
	"slow-reply", "timeout", "retry-then-succeed", "retries-exhausted", "duplicate", "out-of-order", "forged-signature", "webhook-before-reply",
	"reversal-after-approval"}

// TestScenarioTables compares the list of scenarios in each provider's README with the built-in ones, and requires a
// reason for every missing moment. -update rewrites the lists.
func TestScenarioTables(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	all, err := library.Catalogue(providers)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		path := filepath.Join("..", "..", "openapi", p.Name, "README.md")
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		const open, end = "<!-- scenarios -->\n", "<!-- /scenarios -->"
		before, rest, found := strings.Cut(string(src), open)
		got, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Errorf("%s has no %s… %s", path, open, end)
			continue
		}
		want, ships := scenarioTable(all, p.Name)
		want += outcomeTable(p)
		if diff := cmp.Diff(want, got); diff != "" && !*update {
			t.Errorf("the scenarios in %s are outdated: update them with go test ./cmd/idmock -run TestScenarioTables -update (-want +got):\n%s", path, diff)
		}
		for _, name := range moments {
			reason := strings.Contains(after, "\n| `"+name+"` | ")
			switch {
			case !slices.Contains(ships, name) && !reason:
				t.Errorf("%s gives no reason for the missing scenario %s: add a row | `%s` | REASON |", path, name, name)
			case slices.Contains(ships, name) && reason:
				t.Errorf("%s gives a reason for a missing scenario %s, which exists", path, name)
			}
		}
		if *update {
			if err := os.WriteFile(path, []byte(before+open+want+end+after), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// outcomeTable lists the outcomes of a provider.
func outcomeTable(p *openapi.Provider) string {
	var b strings.Builder
	b.WriteString("\n| outcome | verdict | |\n|---|---|---|\n")
	for _, o := range p.Outcomes().All() {
		row(&b, code(o.Name), string(o.Verdict), o.About)
	}
	return b.String()
}

func scenarioTable(all []control.Scenario, provider string) (table string, names []string) {
	var b strings.Builder
	b.WriteString("| scenario | chosen by | |\n|---|---|---|\n")
	for _, s := range all {
		if s.Provider != provider {
			continue
		}
		selected := "its name"
		if s.Name == "default" {
			selected = "what nothing else is chosen for"
		}
		if s.Select != "" {
			selected = code(strings.ReplaceAll(s.Select, "|", `\|`))
		}
		row(&b, code(s.Name), selected, s.Description)
		names = append(names, s.Name)
	}
	return b.String(), names
}
