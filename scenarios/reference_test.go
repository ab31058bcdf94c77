package scenarios_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/scenarios/internal/shape"
)

// TestReferenceIsCurrent compares the reference of keys with the schema, from which -update generates it.
func TestReferenceIsCurrent(t *testing.T) {
	schema, err := shape.Schema()
	if err != nil {
		t.Fatal(err)
	}
	type mapping struct {
		Properties map[string]struct{ Description string }
		Required   []string
		AnyOf      []mapping
	}
	var s struct {
		mapping
		Defs map[string]mapping `json:"$defs"`
	}
	if err := json.Unmarshal(schema, &s); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# Keys of scenario files\n\nGenerated from the JSON Schema that `idmock schema` prints. [Scenarios, step by step](../scenarios.md) shows them in use.\n")
	for _, section := range []struct{ title, def string }{
		{"A file", ""}, {"A rule", "Rule"}, {"`on`", "On"}, {"`reply`", "Reply"}, {"A step of `then`", "Step"}, {"`send`", "Send"}, {"`expect`", "Expect"}, {"`fault`", "Fault"},
	} {
		m := s.mapping
		if section.def != "" {
			m = s.Defs[section.def]
		}
		if len(m.AnyOf) > 0 {
			m = m.AnyOf[len(m.AnyOf)-1]
		}
		if len(m.Properties) == 0 {
			t.Fatalf("the schema has no keys of %s", section.title)
		}
		fmt.Fprintf(&b, "\n## %s\n\n| key | |\n|---|---|\n", section.title)
		for _, key := range slices.Sorted(maps.Keys(m.Properties)) {
			about := strings.ReplaceAll(m.Properties[key].Description, "|", `\|`)
			if slices.Contains(m.Required, key) {
				about = "Required. " + about
			}
			fmt.Fprintf(&b, "| `%s` | %s |\n", key, about)
		}
	}
	current(t, "../docs/reference/scenario-keys.md", []byte(b.String()))
}
