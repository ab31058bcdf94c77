package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"maps"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/idmock/idmock/openapi/catalog"
)

const module = "github.com/idmock/idmock/"

// pack describes a package's code without its tests, as go list prints it.
type pack struct {
	Dir, ImportPath string
	GoFiles         []string
	Imports, Deps   []string
}

// name returns the package's path in the module.
func (p pack) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func packagesOf(t *testing.T) []pack {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports,Deps", module+"...")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		var exit *exec.ExitError
		errors.As(err, &exit)
		t.Fatalf("go list: %v\n%s", err, exit.Stderr)
	}
	var all []pack
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pack
		if err := d.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found %d packages", len(all))
	}
	return all
}

// matches reports whether a package is in a list of paths in the module. A path that ends in /... includes all below it.
func matches(name string, list []string) bool {
	return slices.ContainsFunc(list, func(m string) bool {
		below, all := strings.CutSuffix(m, "/...")
		return name == below || all && strings.HasPrefix(name, below+"/")
	})
}

// layers are the module's packages from top to bottom. A package may import from its own layer and below. The contracts
// control and widget are low because the engine implements them; the handlers that consume them are high.
var layers = [][]string{
	{"cmd/..."},
	{"conformance/..."},
	{"mockserver", "mockserver/mockservertest", "mockserver/files", "mockserver/play"},
	{"mockserver/control/...", "mockserver/viewer/...", "mockserver/metrics", "mockserver/help"},
	{"mockserver/scheduler/..."},
	{"mockserver/engine/...", "mockserver/record/..."},
	{"mockserver/delivery/..."},
	{"mockserver/faults/...", "mockserver/library/...", "mockserver/run/...", "mockserver/wallet"},
	{"mockserver/account/..."},
	{"mockserver/tx/..."},
	{"mockserver/control", "mockserver/widget/..."},
	{"mockserver/journal/...", "mockserver/store/...", "mockserver/clock/...", "mockserver/webhook/...", "scenarios/...", "openapi/..."},
	{"internal/..."},
	{"docs"},
}

// aboveLayers are packages of tests and tools that use the layers from outside.
var aboveLayers = []string{"mockserver/benchmarks/...", "internal/archtest/...", "internal/notices", "internal/typecheck"}

// layer returns the index of a package's layer, -1 if it has none. A package's own path goes before a pattern.
func layer(name string) int {
	if own := slices.IndexFunc(layers, func(l []string) bool { return slices.Contains(l, name) }); own >= 0 {
		return own
	}
	return slices.IndexFunc(layers, func(l []string) bool { return matches(name, l) })
}

func TestLayers(t *testing.T) {
	for _, p := range packagesOf(t) {
		from := layer(p.name())
		if matches(p.name(), aboveLayers) || len(p.GoFiles) == 0 {
			continue
		}
		if from < 0 {
			t.Errorf("%s is in no layer: add it to one", p.name())
			continue
		}
		for _, dep := range p.Deps {
			name, ours := strings.CutPrefix(dep, module)
			if to := layer(name); ours && to >= 0 && to < from {
				t.Errorf("%s imports %s, directly or indirectly: imports point down, from %v to %v", p.name(), name, layers[to], layers[from])
			}
		}
	}
}

func TestImports(t *testing.T) {
	server := []string{"cmd/...", "mockserver", "mockserver/control/...", "mockserver/viewer/...", "mockserver/widget/...", "mockserver/mockservertest",
		"mockserver/engine/...", "mockserver/delivery/...", "mockserver/scheduler/...", "mockserver/library/...", "mockserver/account/...", "mockserver/tx/..."}
	everything := []string{"cmd/...", "conformance/...", "mockserver/...", "scenarios/...", "openapi/...", "internal/..."}
	rules := []struct {
		of, except, never []string
		why               string
	}{
		{[]string{"scenarios"}, nil, []string{"openapi/...", "mockserver/..."},
			"a scenario's step is a pure function: the engine translates a matched request into its input"},
		{[]string{"openapi", "openapi/catalog"}, nil, []string{"scenarios", "mockserver/..."},
			"a provider's responses do not depend on the scenario"},
		{[]string{"openapi/..."}, []string{"openapi/openapitest"}, []string{"mockserver/..."}, "openapi works without a server: for lint and for checks of a provider"},
		{[]string{"openapi/openapitest"}, nil, server, "the suite checks the scenarios of a directory, which name faults: it needs the table of faults, not a server"},
		{[]string{"mockserver/webhook/fault"}, nil, append(slices.Clone(server), "mockserver/store", "mockserver/journal"), "a fault is a pure function: the delivery decides when it applies"},
		{[]string{"mockserver/control/...", "mockserver/viewer", "mockserver/widget"}, []string{"mockserver/control/client"}, []string{"mockserver", "mockserver/engine", "mockserver/delivery", "mockserver/scheduler", "openapi/...", "scenarios"},
			"they declare the small interfaces that they consume, so that their tests need no engine"},
		{[]string{"mockserver/store", "mockserver/clock", "mockserver/webhook", "mockserver/journal"}, nil, append(slices.Clone(server), "scenarios", "openapi/..."),
			"state, time, one attempt and history are independent of their users"},
		{[]string{"mockserver/store", "mockserver/clock"}, nil, []string{"mockserver/journal", "mockserver/webhook", "internal/..."},
			"another store driver needs nothing else of this module"},
		{[]string{"mockserver/delivery/..."}, nil, []string{"mockserver/engine/..."}, "a delivery calls the engine through an interface that it declares"},
		{[]string{"conformance"}, nil, []string{"conformance/...", "mockserver/...", "openapi/...", "scenarios"},
			"verdicts and reports are the same for receivers and providers"},
		{[]string{"conformance/receiver/reference"}, nil, everything[:5],
			"the reference represents an application: code that it shared with the checks would not be tested"},
		{[]string{"conformance/..."}, nil, []string{"openapi/catalog"}, "the checks are a library, and a provider is its directory"},
		{[]string{"mockserver/...", "scenarios", "openapi"}, []string{"mockserver/mockservertest", "mockserver/benchmarks"}, []string{"openapi/catalog"},
			"the caller chooses the providers that a server has"},
		{folders(), nil, everything, "a provider's directory is data: adding one is adding files"},
	}
	for _, p := range packagesOf(t) {
		for _, rule := range rules {
			if !matches(p.name(), rule.of) || matches(p.name(), rule.except) {
				continue
			}
			for _, dep := range p.Deps {
				if name, ours := strings.CutPrefix(dep, module); ours && name != p.name() && matches(name, rule.never) {
					t.Errorf("%s must not import %s, directly or indirectly: %s", p.name(), name, rule.why)
				}
			}
		}
	}
}

// ownership names the packages that may import a library. A library without one is imported by one package, any.
type ownership struct {
	library string
	owners  []string // nil: all
	why     string
}

var owners = []ownership{
	{"github.com/getkin/kin-openapi", []string{"openapi/spec"}, "it changes often: one package follows it"},
	{"github.com/brianvoe/gofakeit", []string{"internal/fake"}, "its globals would make people that no seed reproduces"},
	{"github.com/gorilla/websocket", []string{"mockserver/viewer"}, "one package keeps the rules of a single writer and of deadlines"},
	{"github.com/expr-lang/expr", []string{"internal/template"}, "an expression means the same everywhere"},
	{"github.com/fsnotify/fsnotify", []string{"internal/filewatch"}, "one package knows how systems and editors change files"},
	{"github.com/alecthomas/kong", []string{"cmd/idmock"}, "flags belong to the command"},
	{"testing", []string{"openapi/openapitest", "mockserver/store/storetest", "mockserver/mockservertest", "mockserver/viewer/viewertest", "conformance/conformancetest", "internal/testenv"},
		"the binary must not carry the flags and the weight of tests"},
	{"github.com/goccy/go-yaml", nil, "files of every kind are YAML"},
	{"github.com/go-json-experiment/json", nil, "one JSON library in every package that needs more than encoding/json"},
}

func TestLibrariesHaveOneOwner(t *testing.T) {
	importers := map[string]map[string]bool{} // by library
	for _, p := range packagesOf(t) {
		for _, imported := range p.Imports {
			if library := libraryOf(imported); library != "" {
				if importers[library] == nil {
					importers[library] = map[string]bool{}
				}
				importers[library][p.name()] = true
			}
		}
	}
	for _, library := range slices.Sorted(maps.Keys(importers)) {
		by := slices.Sorted(maps.Keys(importers[library]))
		i := slices.IndexFunc(owners, func(o ownership) bool { return o.library == library })
		if i < 0 {
			if len(by) > 1 {
				t.Errorf("%s import %s: one package should wrap a library", strings.Join(by, ", "), library)
			}
			continue
		}
		for _, p := range by {
			if rule := owners[i]; rule.owners != nil && !slices.Contains(rule.owners, p) {
				t.Errorf("%s imports %s, which only %s may: %s", p, library, strings.Join(rule.owners, ", "), rule.why)
			}
		}
	}
	for _, rule := range owners {
		if importers[rule.library] == nil {
			t.Errorf("no package imports %s: remove the rule", rule.library)
		}
	}
}

// libraryOf returns the third-party library of an import path without a major version, or testing, or nothing.
func libraryOf(imported string) string {
	if imported == "testing" {
		return imported
	}
	parts := strings.Split(imported, "/")
	if !strings.Contains(parts[0], ".") || strings.HasPrefix(imported, module) {
		return ""
	}
	return strings.Join(parts[:min(len(parts), 3)], "/")
}

// folders returns the packages of the built-in providers.
func folders() []string {
	var all []string
	for _, f := range catalog.Folders() {
		all = append(all, path.Join("openapi", f.Name))
	}
	return all
}

// A provider is its directory. Go code that names one would have to change with every new one.
func TestProvidersAreNotNamedInCode(t *testing.T) {
	allowed := append(folders(), "openapi/catalog")
	for _, p := range packagesOf(t) {
		if slices.Contains(allowed, p.name()) {
			continue
		}
		for _, file := range p.GoFiles {
			for _, found := range named(t, filepath.Join(p.Dir, file)) {
				t.Errorf("%s\nOnly %s may name a provider: its own directory holds the differences", found, strings.Join(allowed, ", "))
			}
		}
	}
}

// named finds the string literals in a file that name a provider.
func named(t *testing.T, file string) []string {
	t.Helper()
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	ast.Inspect(tree, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if _, isImport := n.(*ast.ImportSpec); isImport || !ok || literal.Kind != token.STRING {
			return !isImport
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range catalog.Folders() {
			if strings.Contains(strings.ToLower(text), f.Name) {
				found = append(found, set.Position(literal.Pos()).String()+" names "+f.Name+": "+literal.Value)
			}
		}
		return true
	})
	return found
}
