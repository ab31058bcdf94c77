package receiver

import (
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
)

// The checks against the reference receiver on the same machine, which is no slower than they make it: all of them, and
// the core. The seconds are what somebody waits for; most of them the checks wait, too, to see that nothing comes.
func BenchmarkChecks(b *testing.B) {
	took := map[bool]float64{}
	n := 0
	for b.Loop() {
		for _, core := range []bool{false, true} {
			target := serve(b, profileOf(b, "", ""), reference.Config{API: "yes"}, false)
			target.Core, target.Strict, target.Seed = core, true, uint64(n+1)
			report := run(b, target)
			if report.ExitCode() != 0 || report.Count(conformance.Pass) < 40 {
				b.Fatalf("code %d, %d passed", report.ExitCode(), report.Count(conformance.Pass))
			}
			took[core] += report.Took.Seconds()
		}
		n++
	}
	b.ReportMetric(took[false]/float64(n), "all-s")
	b.ReportMetric(took[true]/float64(n), "core-s")
}
