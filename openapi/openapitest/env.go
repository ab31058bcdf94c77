package openapitest

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/internal/template"
)

// env judges the variables that point an application at the mock: each renders for every account, and the base URL and
// the key are among them.
func (s *suite) env(t *testing.T) {
	const base = "http://127.0.0.1:8080/base"
	for _, name := range []string{account, "it's $mine"} {
		credentials, err := s.p.Credentials(name, 1)
		if err != nil {
			t.Fatal(err)
		}
		credentials["name"], credentials["seed"] = name, uint64(1)
		all, err := s.p.Env(&template.Scope{Account: credentials, Base: base})
		if err != nil {
			t.Fatal(err)
		}
		hasBase, hasKey, seen := false, false, map[string]bool{}
		for _, one := range all {
			if one[1] == "" || one[1] == "<nil>" || seen[one[0]] {
				t.Errorf("%s=%q is empty or duplicate", one[0], one[1])
			}
			seen[one[0]] = true
			hasBase = hasBase || strings.HasPrefix(one[1], base)
			hasKey = hasKey || strings.Contains(one[1], name)
		}
		if !hasBase || !hasKey {
			t.Errorf("no variable holds the base URL, or none the key of account %q: %q", name, all)
		}
	}
}
