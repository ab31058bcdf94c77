package provider

import (
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/internal/testenv"
)

// The mock passes all applicable checks, as every provider that ships and as the sample providers. A mock that calls local
// addresses runs all checks, of which those of forbidden addresses do not apply; a strict one runs those of webhooks.
func TestMock(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	m := startMocks(t)
	type run struct {
		name   string
		target Target
		report *conformance.Report
		err    error
	}
	var all []*run
	for i, p := range m.providers {
		local, strict := m.target(m.local.URL(), p, uint64(i+1)), m.target(m.strict.URL(), p, uint64(i+1))
		local.ListenURL = ""
		strict.Only, strict.Skip = []string{"reg/*", "send/*"}, []string{"send/timeout"}
		if p.Webhooks().Registration().HTTPS { // the listener does not support TLS
			strict.Only = []string{"reg/*"}
			strict.Skip = []string{"reg/duplicate-url", "reg/disable-delete-stops-delivery", "reg/tenant-isolation", "reg/redirect-to-private"}
		} else {
			all = append(all, &run{name: p.Name, target: local})
		}
		all = append(all, &run{name: p.Name + " strict", target: strict})
	}
	// Not parallel tests, which are limited to one for each processor: the runs wait for time limits. All at once, they would
	// make each other miss these.
	work := make(chan *run)
	var running sync.WaitGroup
	for range 4 {
		running.Go(func() {
			for j := range work {
				j.report, j.err = Run(t.Context(), j.target, nil)
			}
		})
	}
	for _, j := range all {
		work <- j
	}
	close(work)
	running.Wait()
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
