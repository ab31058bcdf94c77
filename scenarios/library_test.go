package scenarios_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
)

const rules = "  - on: verifyPerson\n"

func files(name string, src ...[]byte) fstest.MapFS {
	fsys := fstest.MapFS{}
	for i, data := range src {
		fsys[name+"/"+string(rune('a'+i))+".yaml"] = &fstest.MapFile{Data: data}
	}
	return fsys
}

func TestLibrary(t *testing.T) {
	magic := func(name, when string) []byte { return append(source(name, rules), "select: "+when+"\n"...) }
	shipped, err := scenarios.ParseDir(files("acme", source("default", rules), magic("b-magic", `body.n == "2"`), magic("a-magic", `body.n + 1 > 1 or body.n == "2"`)), "acme", acme{})
	if err != nil {
		t.Fatal(err)
	}
	own, err := scenarios.ParseDir(files("mine", source("default", rules+"    set: {mine: true}\n"), source("extra", "  - on: getStatus\n")), "mine", acme{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := scenarios.NewLibrary(append(shipped, own...))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range l.All() {
		names = append(names, s.Name)
	}
	if got := strings.Join(names, " "); got != "a-magic b-magic default extra" {
		t.Errorf("scenarios %s", got)
	}
	m, err := l.Machine("extra")
	if err != nil {
		t.Fatal(err)
	}
	if state, _, err := m.Step(scenarios.State{}, scenarios.Input{On: "verifyPerson", Scope: scope(nil, nil)}); err != nil || state.Set["mine"] != true {
		t.Errorf("the user's default is not the base: state %v, error %v", state, err)
	}
	if _, err := l.Machine("a-majic"); err == nil || !strings.Contains(err.Error(), `did you mean "a-magic"`) {
		t.Errorf("unknown name: %v", err)
	}
	for n, want := range map[any]string{1: "a-magic", "2": "b-magic", -1: "", nil: ""} { // a select that fails does not match
		got := ""
		if m := l.Magic(scope(map[string]any{"n": n}, nil)); m != nil {
			got = m.Scenario.Name
		}
		if got != want {
			t.Errorf("n = %v selects %q, want %q", n, got, want)
		}
	}
}

func TestDefaultIsRequired(t *testing.T) {
	all, err := scenarios.ParseDir(files("acme", source("other", rules)), "acme", acme{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := scenarios.NewLibrary(all); err == nil || !strings.Contains(err.Error(), scenarios.Default) {
		t.Errorf("error %v", err)
	}
}

func TestParseDir(t *testing.T) {
	if all, err := scenarios.ParseDir(fstest.MapFS{}, "nowhere", acme{}); err != nil || all != nil {
		t.Errorf("missing directory: %v, %v", all, err)
	}
	fsys := files("acme", source("x", "  - on: verifyPersn\n"), source("y", "  - on: getStatus\n    wen: x\n"))
	fsys["acme/deeper/z.yaml"] = &fstest.MapFile{Data: []byte("nonsense")}
	fsys["acme/notes.txt"] = &fstest.MapFile{Data: []byte("nonsense")}
	_, err := scenarios.ParseDir(fsys, "acme", acme{})
	var problems diag.List
	if !errors.As(err, &problems) || len(problems) != 2 || problems[0].File != "acme/a.yaml" || problems[1].File != "acme/b.yaml" {
		t.Errorf("problems %v", err)
	}
}

func TestBuiltInScenarios(t *testing.T) {
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	v := library.Vocabulary(providers)
	for _, folder := range catalog.Folders() {
		t.Run(folder.Name, func(t *testing.T) {
			all, err := scenarios.ParseDir(folder.FS, "scenarios", v)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) == 0 {
				t.Fatal("no scenarios")
			}
			if _, err := scenarios.NewLibrary(all); err != nil {
				t.Error(err)
			}
			for _, s := range all {
				if want := "scenarios/" + s.Name + ".yaml"; s.File != want || s.Provider != folder.Name {
					t.Errorf("%s has scenario %s of %s", s.File, s.Name, s.Provider)
				}
				if s.Description == "" {
					t.Errorf("%s: no description for the catalogue", s.File)
				}
			}
		})
	}
}
