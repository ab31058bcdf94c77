package receiver

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// Whoever cannot be restarted is not judged by what comes after.
func TestNotRestarted(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	p := profileOf(t, "", "")
	for name, c := range map[string]struct {
		hook   Hook
		reason string
	}{
		"no way to":     {Hook{}, "set --restart"},
		"the way fails": {Hook{Command: "echo no such service >&2; exit 5"}, "no such service"},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, p, reference.Config{}, false)
			target.Restart, target.Only = c.hook, []string{"idem/duplicate-after-restart"}
			r := run(t, target).Results[0]
			if r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, c.reason) {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
			if len(r.Exchanges) != 1 {
				t.Errorf("%d events were sent, want the one before", len(r.Exchanges))
			}
		})
	}
}
