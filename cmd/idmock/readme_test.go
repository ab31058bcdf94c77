package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/openapi/catalog"
)

var readmePath = filepath.Join("..", "..", "README.md")

func readme(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(readmePath)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestTables compares the README's tables with the flags and the control API. -update rewrites them.
func TestTables(t *testing.T) {
	text := readme(t)
	for mark, table := range map[string]func(*testing.T) string{"flags": flagTable, "control": controlTable, "providers": providerList} {
		open, end := "<!-- "+mark+" -->\n", "<!-- /"+mark+" -->"
		before, rest, found := strings.Cut(text, open)
		got, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			t.Fatalf("README.md has no %s… %s", open, end)
		}
		want := table(t)
		if diff := cmp.Diff(want, got); diff != "" && !*update {
			t.Errorf("the table of %s in README.md is outdated: update it with go test ./cmd/idmock -run TestTables -update (-want +got):\n%s", mark, diff)
		}
		text = before + open + want + end + after
	}
	if *update {
		if err := os.WriteFile(readmePath, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func providerList(t *testing.T) string {
	all, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, p := range all {
		fmt.Fprintf(&b, "* [%s](openapi/%s/README.md)\n", p.Title, p.Name)
	}
	return b.String()
}

func flagTable(t *testing.T) string {
	parser, err := newParser(&cli{}, streams{io.Discard, io.Discard}, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| command | flag | environment | default | |\n|---|---|---|---|---|\n")
	for _, command := range parser.Model.Leaves(false) {
		row(&b, code(strings.TrimSpace(command.FullPath()+" "+arguments(command))), "", "", "", command.Help)
		for _, f := range command.Flags {
			row(&b, "", code(strings.TrimSpace("--"+f.Name+" "+value(f))), code(strings.Join(f.Envs, ", ")), code(standard(f)), f.Help)
		}
	}
	return b.String()
}

func arguments(command *kong.Node) string {
	var all []string
	for _, p := range command.Positional {
		all = append(all, p.Summary())
	}
	return strings.Join(all, " ")
}

// value returns the placeholder or choices of a flag.
func value(f *kong.Flag) string {
	switch {
	case f.IsBool():
		return ""
	case f.Enum != "":
		return strings.ReplaceAll(f.Enum, ",", `\|`)
	case f.PlaceHolder != "":
		return f.PlaceHolder
	default:
		return "DURATION"
	}
}

// standard returns the default of a flag. It is empty for 0, which the help explains.
func standard(f *kong.Flag) string {
	if f.Default == "0" {
		return ""
	}
	return f.Default
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func row(w io.Writer, cells ...string) {
	fmt.Fprintf(w, "| %s |\n", strings.Join(cells, " | "))
}

func controlTable(t *testing.T) string {
	src, err := os.ReadFile(filepath.Join("..", "..", "mockserver", "control", "httpapi", "openapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var document struct {
		Paths yaml.MapSlice `yaml:"paths"`
	}
	if err := yaml.UnmarshalWithOptions(src, &document, yaml.UseOrderedMap()); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("| call | |\n|---|---|\n")
	for _, path := range document.Paths {
		methods := map[string]string{} // by summary: several methods that do the same are one row
		var summaries []string
		for _, item := range path.Value.(yaml.MapSlice) {
			operation, ok := item.Value.(yaml.MapSlice)
			if !ok { // the parameters of all methods
				continue
			}
			summary := fmt.Sprint(operation.ToMap()["summary"])
			if methods[summary] == "" {
				summaries = append(summaries, summary)
			}
			methods[summary] += " " + strings.ToUpper(fmt.Sprint(item.Key))
		}
		for _, summary := range summaries {
			which := strings.TrimSpace(methods[summary])
			if strings.Count(which, " ") > 1 {
				which = "any method"
			}
			row(&b, code(which+" "+fmt.Sprint(path.Key)), summary)
		}
	}
	return b.String()
}
