package receiver

import (
	"strings"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// Without a working restart hook, checks across a restart are inconclusive.
func TestNotRestarted(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	p := profileOf(t, "", "")
	for name, c := range map[string]struct {
		hook   Hook
		reason string
	}{
		"no hook":      {Hook{}, "set --restart"},
		"failing hook": {Hook{Command: "echo no such service >&2; exit 5"}, "no such service"},
	} {
		t.Run(name, func(t *testing.T) {
			target := serve(t, p, reference.Config{}, false)
			target.Restart, target.Only = c.hook, []string{"idem/duplicate-after-restart"}
			r := run(t, target).Results[0]
			if r.Verdict != conformance.Inconclusive || !strings.Contains(r.Reason, c.reason) {
				t.Errorf("%s: %s", r.Verdict, r.Reason)
			}
			if len(r.Exchanges) != 1 {
				t.Errorf("%d events sent, expected the one before the restart", len(r.Exchanges))
			}
		})
	}
}
