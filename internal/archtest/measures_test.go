package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
	"testing"
)

// measure is a figure of the module's structure and the limit that keeps it.
type measure struct {
	name    string
	value   float64
	limit   float64
	atLeast bool // the limit is a minimum
	note    string
}

func (m measure) met() bool {
	if m.atLeast {
		return m.value >= m.limit
	}
	return m.value <= m.limit
}

// TestMeasures keeps the structure readable. make measures prints the table.
//
// Definitions. A package's files and lines are those without tests. A cycle of files, methods, function lengths, the files
// that a request visits, tests without a listener: see the functions that compute them. The files that a new signature
// scheme, retry rule or provider touches are those that mention a present one by name, without tests, testdata and golden
// files: the next one has to be added in the same places.
func TestMeasures(t *testing.T) {
	c := source(t)
	files, lines, ofFiles, ofLines := c.widest()
	cycle, ofCycle := c.widestCycle()
	methods, ofMethods := c.mostMethods()
	lengths := c.functionLengths()
	visited := c.visited()
	without, all, needs := c.listenerless()
	scheme, rule, provider := spread(t)
	measures := []measure{
		{"files of the widest package", float64(files), 20, false, ofFiles},
		{"lines of the widest package", float64(lines), 3000, false, ofLines},
		{"files of the largest cycle in a package", float64(len(cycle)), 15, false, ofCycle},
		{"methods on one type", float64(methods), 40, false, ofMethods},
		{"root-package files that a request visits", float64(len(visited)), 8, false, bases(visited)},
		{"function length, median lines", float64(lengths[len(lengths)/2]), 10, false, fmt.Sprintf("%d functions", len(lengths))},
		{"function length, 99th percentile", float64(lengths[len(lengths)*99/100]), 59, false, fmt.Sprintf("longest %d", lengths[len(lengths)-1])},
		{"engine tests without a listener, percent", percent(without, all), 40, true, fmt.Sprintf("%d of %d", without, all)},
		{"files for a new signature scheme", float64(len(scheme)), 6, false, strings.Join(scheme, " ")},
		{"files for a new retry rule", float64(len(rule)), 6, false, strings.Join(rule, " ")},
		{"files for a new provider beside its directory", float64(len(provider)), 1, false, strings.Join(provider, " ")},
	}
	if len(visited) == 0 {
		t.Error("mockserver has no method handler of Server with the route function: adapt visited")
	}
	if all == 0 {
		t.Error("no engine-level test was found")
	}
	for _, test := range needs {
		t.Logf("needs a listener: %s", test)
	}
	for _, m := range measures {
		sign, state := "≤", "ok"
		if m.atLeast {
			sign = "≥"
		}
		if !m.met() {
			state = "FAIL"
			t.Errorf("%s: %.4g, want %s %.4g: %s", m.name, m.value, sign, m.limit, m.note)
		}
		t.Logf("%-46s %8.1f %s %-6.4g %-4s %s", m.name, m.value, sign, m.limit, state, m.note)
	}
}

func bases(files []string) string {
	var names []string
	for _, f := range files {
		names = append(names, path.Base(f))
	}
	return strings.Join(names, " ")
}

// One ordinary member of each table. Its mentions are counted.
const (
	sampleScheme   = "t-v1"
	sampleRule     = "jitter"
	sampleProvider = "peleza"
)

// spread returns the files that mention a sample of each table.
func spread(t *testing.T) (scheme, rule, provider []string) {
	t.Helper()
	texts := map[string]string{}
	for _, file := range tracked(t) {
		texts[file] = strings.ToLower(read(t, file))
	}
	// Generated: make generate rewrites them.
	delete(texts, "scenarios/schema.json")
	delete(texts, "docs/outcomes.md")
	before, rest, _ := strings.Cut(texts["README.md"], "<!-- providers -->")
	_, after, _ := strings.Cut(rest, "<!-- /providers -->")
	texts["README.md"] = before + after
	counts := func(file string) bool {
		return !strings.HasSuffix(file, "_test.go") && !strings.Contains(file, "testdata/") && !strings.HasPrefix(file, "CHANGELOG") &&
			!strings.HasPrefix(file, "docs/adr/") && !strings.HasPrefix(file, "docs/reference/") && !strings.HasPrefix(file, "CONTRIBUTING")
	}
	other := func(file string) bool {
		own := strings.HasPrefix(file, "openapi/"+sampleProvider+"/") || strings.HasPrefix(file, "scenarios/"+sampleProvider+"/")
		// Examples use some provider; a new one needs none of them.
		example := strings.HasPrefix(file, "examples/") || file == "docs/scenarios.md"
		return counts(file) && !own && !example
	}
	return mentions(texts, sampleScheme, counts), mentions(texts, sampleRule, counts), mentions(texts, sampleProvider, other)
}

// largestComponent is correct for examples with obvious results.
func TestLargestComponent(t *testing.T) {
	g := graph{}
	for _, edge := range []string{"ab", "bc", "ca", "cd", "de", "ed", "fa"} {
		g.add(edge[:1], edge[1:])
	}
	if got := largestComponent(g); !slices.Equal(got, []string{"a", "b", "c"}) {
		t.Errorf("component %v, want a, b, c", got)
	}
	if got := largestComponent(graph{"a": {"b": true}}); got != nil {
		t.Errorf("component %v of a graph without a cycle", got)
	}
}

func TestContainsWord(t *testing.T) {
	for text, want := range map[string]bool{"a t-v1 b": true, "t-v1": true, "at-v1": false, "t-v10": false, "x-t-v1": false, "`t-v1`,": true, "t-v10 t-v1": true} {
		if got := containsWord(text, "t-v1"); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
