// Package archtest holds the tests that keep the shape of the whole module: who may import whom, and where a provider's
// name may stand. Each failure says the rule and why it is one.
package archtest

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
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

// pack is what `go list` says of a package: its code without its tests.
type pack struct {
	Dir, ImportPath string
	GoFiles         []string
	Imports, Deps   []string
}

// name is the package's path in the module.
func (p pack) name() string { return strings.TrimPrefix(p.ImportPath, module) }

func packages(t *testing.T) []pack {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=Dir,ImportPath,GoFiles,Imports,Deps", module+"...")
	cmd.Dir = filepath.Join("..", "..")
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

// matches reports whether a package is one of those meant: a path in the module, or all below one that ends in /...
func matches(name string, meant []string) bool {
	return slices.ContainsFunc(meant, func(m string) bool {
		below, all := strings.CutSuffix(m, "/...")
		return name == below || all && strings.HasPrefix(name, below+"/")
	})
}

func TestImportsPointDown(t *testing.T) {
	engine := []string{"cmd/...", "mockserver", "mockserver/control/...", "mockserver/viewer", "mockserver/widget", "mockserver/mockservertest"}
	everything := []string{"cmd/...", "conformance/...", "mockserver/...", "scenarios/...", "openapi/...", "internal/..."}
	rules := []struct {
		of, except, never []string
		why               string
	}{
		{[]string{"scenarios"}, nil, []string{"openapi/...", "mockserver/...", "cmd/..."},
			"what happens is decided without knowing a provider: the engine turns a matched call into a scenario's input"},
		{[]string{"openapi", "openapi/catalog"}, nil, []string{"scenarios", "mockserver/...", "cmd/..."},
			"what a provider may say does not depend on what is played"},
		{[]string{"openapi/..."}, []string{"openapi/openapitest"}, []string{"mockserver/...", "cmd/..."}, "openapi is used without a server: to lint, to judge a provider"},
		{[]string{"openapi/openapitest"}, nil, engine, "the suite judges the scenarios in a folder, which name faults; it needs their table, not a server"},
		{[]string{"mockserver/webhook/fault"}, nil, append(engine, "mockserver/store", "mockserver/journal"), "what a fault does is a function of its arguments; when it plays is the engine's to say"},
		{[]string{"mockserver/webhook/mutate"}, nil, everything, "faults and conformance checks share the table of mutations, so it depends on neither"},
		{[]string{"mockserver/control/...", "mockserver/viewer", "mockserver/widget"}, nil, []string{"mockserver", "openapi/...", "scenarios", "cmd/..."},
			"they declare the small interfaces that they need, so that each can be tested without the engine"},
		{[]string{"mockserver/store", "mockserver/clock", "mockserver/webhook", "mockserver/journal"}, nil, append(engine, "scenarios", "openapi/..."),
			"these are the floor: what lasts, when, one attempt, and what is told know nothing of who uses them"},
		{[]string{"mockserver/store", "mockserver/clock"}, nil, []string{"mockserver/journal", "mockserver/webhook", "internal/..."},
			"another driver of the store must need nothing else of this module"},
		{[]string{"internal/..."}, nil, []string{"cmd/...", "mockserver/...", "scenarios/...", "openapi/..."}, "internal is below everything"},
		{[]string{"conformance"}, nil, []string{"conformance/...", "mockserver/...", "openapi/...", "scenarios", "cmd/..."},
			"verdicts and reports are the same whatever was judged"},
		{[]string{"conformance/receiver/reference"}, nil, everything[:5],
			"the reference stands for somebody's application: what it shared with the checks would not be judged"},
		{[]string{"conformance/..."}, nil, []string{"cmd/...", "openapi/catalog"}, "the checks are a library, too, and a provider is its folder"},
		{[]string{"mockserver/...", "scenarios", "openapi/...", "internal/..."}, nil, []string{"conformance/..."},
			"what is judged does not know who judges"},
		{[]string{"mockserver/..."}, nil, []string{"cmd/..."}, "the server is a library, too"},
		{[]string{"mockserver/...", "scenarios", "openapi"}, []string{"mockserver/mockservertest", "mockserver/benchmarks"}, []string{"openapi/catalog"},
			"which providers there are is said by whoever starts the server"},
		{folders(), nil, everything, "a provider's folder is data: adding one is adding files"},
	}
	for _, p := range packages(t) {
		for _, rule := range rules {
			if !matches(p.name(), rule.of) || matches(p.name(), rule.except) {
				continue
			}
			for _, dep := range p.Deps {
				if name, ours := strings.CutPrefix(dep, module); ours && name != p.name() && matches(name, rule.never) {
					t.Errorf("%s imports %s, if only by way of others. It must not: %s", p.name(), name, rule.why)
				}
			}
		}
	}
}

// One package knows each of the libraries that change often or that are hard to use right.
func TestLibrariesHaveOneOwner(t *testing.T) {
	for _, rule := range []struct {
		library string
		owners  []string
		why     string
	}{
		{"github.com/getkin/kin-openapi", []string{"openapi"}, "it changes often, so one package follows it"},
		{"github.com/brianvoe/gofakeit", []string{"internal/fake"}, "its globals would make people that no seed gives again"},
		{"github.com/gorilla/websocket", []string{"mockserver/viewer"}, "the rules of one writer and of deadlines are kept in one place"},
		{"github.com/expr-lang/expr", []string{"internal/template"}, "an expression means the same wherever it stands"},
		{"github.com/fsnotify/fsnotify", []string{"internal/filewatch"}, "what systems and editors do to files is known in one place"},
		{"github.com/alecthomas/kong", []string{"cmd/idmock"}, "flags are the command's"},
		{"testing", []string{"openapi/openapitest", "mockserver/store/storetest", "mockserver/mockservertest", "mockserver/viewer/viewertest", "conformance/conformancetest"}, "the binary must not carry the flags and the weight of tests"},
	} {
		owned := false
		for _, p := range packages(t) {
			if !slices.ContainsFunc(p.Imports, func(i string) bool { return i == rule.library || strings.HasPrefix(i, rule.library+"/") }) {
				continue
			}
			if owned = true; !slices.Contains(rule.owners, p.name()) {
				t.Errorf("%s imports %s, which only %s may: %s", p.name(), rule.library, strings.Join(rule.owners, ", "), rule.why)
			}
		}
		if !owned {
			t.Errorf("nobody imports %s any more: take the rule away", rule.library)
		}
	}
}

// folders are the packages of the providers that ship.
func folders() []string {
	var all []string
	for _, f := range catalog.Folders() {
		all = append(all, path.Join("openapi", f.Name))
	}
	return all
}

// A provider is its folder. Go code that asks for one by name would have to be found and changed for every new one.
func TestProvidersAreNotNamedInCode(t *testing.T) {
	allowed := append(folders(), "openapi/catalog")
	for _, p := range packages(t) {
		if slices.Contains(allowed, p.name()) {
			continue
		}
		for _, file := range p.GoFiles {
			for _, found := range named(t, filepath.Join(p.Dir, file)) {
				t.Errorf("%s\nOnly %s may name a provider: what is special about one stands in its folder", found, strings.Join(allowed, ", "))
			}
		}
	}
}

// named finds the texts in a file that name a provider.
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
