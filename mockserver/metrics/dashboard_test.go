package metrics_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/idmock/idmock/mockserver/metrics"
	"github.com/idmock/idmock/mockserver/store"
)

// The metrics that the dashboard and the page for operators name exist.
func TestDashboard(t *testing.T) {
	memory := store.NewMemory(store.Retention{})
	defer memory.Close()
	var names []string
	quoted := regexp.MustCompile(`fqName: "([^"]+)"`)
	for _, d := range metrics.New(database{memory}, "v1").Describe() {
		names = append(names, quoted.FindStringSubmatch(d)[1])
	}
	const file = "../../examples/kubernetes/dashboard.json"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(text, &dashboard); err != nil || len(dashboard.Panels) < 8 {
		t.Fatalf("%s: %d panels, %v", file, len(dashboard.Panels), err)
	}
	used := regexp.MustCompile(`\bidmock_[a-z_]+`)
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			found := used.FindAllString(target.Expr, -1)
			if len(found) == 0 {
				t.Errorf("%s: panel %q has a query without a metric: %s", file, panel.Title, target.Expr)
			}
			for _, name := range found {
				if !slices.Contains(names, strings.TrimSuffix(name, "_bucket")) {
					t.Errorf("%s: panel %q: there is no metric %s", file, panel.Title, name)
				}
			}
		}
	}
	page, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range used.FindAllString(string(page), -1) {
		if name != "idmock_" && !slices.Contains(names, name) {
			t.Errorf("docs/operations.md: there is no metric %s", name)
		}
	}
}
