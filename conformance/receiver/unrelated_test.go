package receiver

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// A flaw causes few failures that neither name it nor follow from a failure that does: none in the median, three at most. A
// brief run takes a few flaws; `make flaws` takes all.
func TestUnrelatedFailures(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	skip := slices.Clone(slowest)
	all, err := Checks()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if c.Slow || c.Last {
			skip = append(skip, c.ID)
		}
	}
	var mu sync.Mutex
	var counts []int
	t.Run("flaws", func(t *testing.T) {
		for n, flaw := range reference.Flaws() {
			if slices.Contains(skip, flaw.Check) || !whole() && n%130 != 7 {
				continue
			}
			t.Run(flaw.Check+" "+string(flaw.ID), func(t *testing.T) {
				t.Parallel()
				target := flawed(t, flaw)
				target.Skip = skip
				report := run(t, target)
				var others []string
				for _, r := range report.Results {
					failed := r.Verdict == conformance.Fail || r.Verdict == conformance.Warn
					known := !flaw.API && (r.ID == "evo/thin-payload" || r.ID == "kyc/state-disagrees") // it does not query the API
					if failed && !known && r.ID != flaw.Check && r.Follows == "" && !strings.Contains(r.Cause, flaw.ID.Text()) {
						others = append(others, r.ID)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				counts = append(counts, len(others))
				if len(others) > 3 {
					t.Errorf("%d unrelated failures: %s", len(others), strings.Join(others, ", "))
				}
			})
		}
	})
	slices.Sort(counts)
	if len(counts) == 0 {
		t.Fatal("no flaws")
	}
	if median := counts[len(counts)/2]; median > 0 {
		t.Errorf("median %d", median)
	}
	t.Logf("%d flaws: median %d, worst %d unrelated failures", len(counts), counts[len(counts)/2], counts[len(counts)-1])
}
