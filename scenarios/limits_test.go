package scenarios_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/scenarios"
)

// Files that are far too large are refused before they are parsed, and the answer to a file stays short.
func TestSecurityFilesAreBounded(t *testing.T) {
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	head := "scenario: x\nprovider: acme\n"
	for name, test := range map[string]struct{ src, want string }{
		"keys":      {head + many(90_000, "k%d: 1\n"), "more than 10000"},
		"rules":     {head + "rules:\n" + many(40_000, "  - on: no%d\n"), "more than 10000"},
		"flow":      {"{" + many(90_000, "k%d: 1,") + "}", "more than 10000"},
		"documents": {many(20_000, "---\nscenario: x%d\n"), "more than 10000"},
		"problems":  {head + many(1_000, "k%d: 1\n"), "more than 100 problems"},
		"line":      {"scenario: \"" + strings.Repeat("x", 900_000) + "\"\n", "missing key"},
	} {
		_, err := scenarios.Parse("x.yaml", []byte(test.src), acme{})
		var list diag.List
		if !errors.As(err, &list) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %.300v, want %q", name, err, test.want)
			continue
		}
		size := 0
		for _, d := range list {
			size += len(d.Message) + len(d.Source)
		}
		if len(list) > 101 || size > 32<<10 {
			t.Errorf("%s: %d problems of %d bytes", name, len(list), size)
		}
	}
}
