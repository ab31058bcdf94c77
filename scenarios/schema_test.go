package scenarios_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/openapi/catalog"
	"github.com/idmock/idmock/scenarios"
	"github.com/idmock/idmock/scenarios/internal/shape"
)

// The generated files are current. To update them: go test ./scenarios -run TestSchemaIsCurrent -update, twice after a change
// of the shape, which is embedded in the package.
func TestSchemaIsCurrent(t *testing.T) {
	plain, err := shape.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, plain, "", " "); err != nil {
		t.Fatal(err)
	}
	pretty.WriteByte('\n')
	current(t, "shape.json", pretty.Bytes())
	v, names := shipped(t)
	schema, err := scenarios.Schema(v, names)
	if err != nil {
		t.Fatal(err)
	}
	current(t, "schema.json", schema)
	if len(schema) > 100<<10 {
		t.Errorf("schema.json has %d bytes, which editors load for every file", len(schema))
	}
}

// Schema and parser have the same keys.
func TestSchemaHasTheParsersKeys(t *testing.T) {
	plain, err := shape.Schema()
	if err != nil {
		t.Fatal(err)
	}
	type mapping struct {
		Properties map[string]any
		AnyOf      []mapping
	}
	var s struct {
		mapping
		Defs map[string]mapping `json:"$defs"`
	}
	if err := json.Unmarshal(plain, &s); err != nil {
		t.Fatal(err)
	}
	keys := scenarios.Keys(source("x", `
  - on: {simulate: aml-hit}
    reply: {}
    then: {send: {event: check.done}, expect: {}}
`), acme{})
	for kind, m := range map[string]mapping{"a scenario": s.mapping, "a rule": s.Defs["Rule"], "on": s.Defs["On"].AnyOf[1],
		"reply": s.Defs["Reply"], "a step of then": s.Defs["Step"], "send": s.Defs["Send"].AnyOf[1], "expect": s.Defs["Expect"]} {
		if diff := cmp.Diff(keys[kind], slices.Sorted(maps.Keys(m.Properties))); diff != "" {
			t.Errorf("%s (-parser +schema):\n%s", kind, diff)
		}
	}
}

func current(t *testing.T, file string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) { // git shows the difference
		t.Errorf("%s is not current: go test ./scenarios -run TestSchemaIsCurrent -update", file)
	}
}

// shipped returns the vocabulary and the names of the built-in providers.
func shipped(t testing.TB) (v scenarios.Vocabulary, names []string) {
	t.Helper()
	providers, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range providers {
		names = append(names, p.Name)
	}
	return library.Vocabulary(providers), names
}
