package receiver

import (
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// BenchmarkChecks measures how long a user waits for all checks and for the core, with the reference receiver on the same
// machine. Most of that time the checks wait for effects that must not occur.
func BenchmarkChecks(b *testing.B) {
	seconds := map[bool]float64{}
	n := 0
	for b.Loop() {
		for _, core := range []bool{false, true} {
			if testenv.Brief() && !core {
				continue
			}
			target := serve(b, profileOf(b, "", ""), reference.Config{API: "yes"}, false)
			target.Core, target.Strict, target.Seed = core, true, uint64(n+1)
			report := run(b, target)
			if report.ExitCode() != 0 || report.Count(conformance.Pass) < 40 {
				b.Fatalf("code %d, %d passed", report.ExitCode(), report.Count(conformance.Pass))
			}
			seconds[core] += report.Took.Seconds()
		}
		n++
	}
	b.ReportMetric(seconds[false]/float64(n), "all-s")
	b.ReportMetric(seconds[true]/float64(n), "core-s")
}
