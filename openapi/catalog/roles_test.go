package catalog_test

import (
	"testing"

	"github.com/idmock/idmock/openapi/catalog"
)

// Every event of the providers has a meaning for a receiver, or says why not.
func TestEventsHaveRoles(t *testing.T) {
	t.Parallel()
	all, err := catalog.Open()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range all {
		c := p.Conformance()
		has := map[string]bool{}
		for _, role := range c.Roles { // with the contradictions and the signals
			has[role.Event] = true
		}
		for _, event := range p.Events() {
			if has[event.Name] == (c.Unused[event.Name] != "") {
				t.Errorf("%s: %s needs a role, or a reason under conformance.unused, and not both", p.Name, event.Name)
			}
		}
	}
}
