package fault

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/scenarios"
)

var update = flag.Bool("update", false, "update the tables of the reference page")

// page is the reference of faults.
var page = filepath.Join("..", "..", "..", "docs", "reference", "faults.md")

// The tables of the reference match faults.yaml. To update them: go test ./mockserver/webhook/fault -run TestReadme -update.
func TestReadme(t *testing.T) {
	src, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for mark, table := range map[string]string{"delivery": verbTable(scenarios.InDelivery), "reply": verbTable(scenarios.InReply), "rough": roughTable()} {
		before, rest, found := strings.Cut(text, "<!-- "+mark+" -->\n")
		_, after, closed := strings.Cut(rest, "<!-- /"+mark+" -->")
		if !found || !closed {
			t.Fatalf("%s has no <!-- %s -->", page, mark)
		}
		text = before + "<!-- " + mark + " -->\n" + table + "<!-- /" + mark + " -->" + after
	}
	if *update {
		if err := os.WriteFile(page, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(text, string(src)); diff != "" {
		t.Errorf("docs/reference/faults.md is outdated, run go test ./mockserver/webhook/fault -run TestReadme -update (-want +got):\n%s", diff)
	}
}

func verbTable(where string) string {
	var b strings.Builder
	b.WriteString("| fault | what happens | arguments |\n|---|---|---|\n")
	for _, v := range Verbs() {
		if !slices.Contains(v.Where, where) {
			continue
		}
		var args []string
		for _, a := range v.Args {
			if slices.ContainsFunc(table().Common[where], func(c Arg) bool { return c.Name == a.Name }) || a.Where != "" && a.Where != where {
				continue
			}
			text := "`" + a.Name + "`"
			if a.Default != "" {
				text += " = " + a.Default
			}
			if len(a.Of) > 0 {
				text += " of " + strings.Join(a.Of, ", ")
			}
			args = append(args, text+": "+a.About)
		}
		b.WriteString("| `" + v.Name + "` | " + v.About + " | " + strings.Join(args, " ") + " |\n")
	}
	b.WriteString("\nEach also takes")
	for i, a := range table().Common[where] {
		if i > 0 {
			b.WriteString(";")
		}
		b.WriteString(" `" + a.Name + "` (default " + a.Default + "): " + strings.TrimSuffix(a.About, "."))
	}
	b.WriteString(".\n")
	return b.String()
}

func roughTable() string {
	var b strings.Builder
	b.WriteString("| nuisance | |\n|---|---|\n")
	for _, n := range Nuisances() {
		b.WriteString("| `" + n.Name + "` | " + n.About + " |\n")
	}
	return b.String()
}
