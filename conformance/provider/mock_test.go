package provider

import (
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
)

// The mock passes whatever applies, as every provider that ships and as those that are made up: as one that calls local
// addresses, where what is about these does not apply, and as one on the internet does what has to do with where webhooks go.
func TestMock(t *testing.T) {
	t.Parallel()
	m := startMocks(t)
	type judged struct {
		name   string
		target Target
		report *conformance.Report
		err    error
	}
	var all []*judged
	for i, p := range m.providers {
		local, strict := m.target(m.local.URL(), p, uint64(i+1)), m.target(m.strict.URL(), p, uint64(i+1))
		local.ListenURL = ""
		strict.Only, strict.Skip = []string{"reg/*", "send/*"}, []string{"send/timeout"}
		if p.Registration().HTTPS { // nothing here is received over TLS
			strict.Only = []string{"reg/*"}
			strict.Skip = []string{"reg/duplicate-url", "reg/disable-delete-stops-delivery", "reg/tenant-isolation", "reg/redirect-to-private"}
		} else {
			all = append(all, &judged{name: p.Name, target: local})
		}
		all = append(all, &judged{name: p.Name + " strict", target: strict})
	}
	var side sync.WaitGroup // rather than parallel tests, of which there are no more than processors: most of it is waiting
	for _, j := range all {
		side.Go(func() { j.report, j.err = Run(t.Context(), j.target, nil) })
	}
	side.Wait()
	for _, j := range all {
		t.Run(j.name, func(t *testing.T) {
			if j.err != nil {
				t.Fatal(j.err)
			}
			for _, r := range j.report.Results {
				switch r.Verdict {
				case conformance.Pass:
				case conformance.NotApplicable:
					t.Logf("%s: %s", r.ID, r.Reason)
				default:
					t.Errorf("%s: %s: %s", r.ID, r.Verdict, r.Reason)
				}
			}
			if j.report.ExitCode() != 0 {
				t.Errorf("code %d", j.report.ExitCode())
			}
			t.Logf("%v, %q", j.report.Took, j.report.Evidence)
		})
	}
}
