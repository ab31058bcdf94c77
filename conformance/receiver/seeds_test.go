package receiver

import (
	"fmt"
	"maps"
	"sync"
	"testing"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/receiver/reference"
	"github.com/idmock/idmock/internal/testenv"
)

// Verdicts do not depend on the seed, for flawed receivers either. A brief run compares two seeds of a flawed receiver;
// `make flaws` compares twenty of ten.
func TestVerdictsOfSeeds(t *testing.T) {
	testenv.Long(t)
	t.Parallel()
	every, seeds := len(reference.Flaws()), uint64(2)
	if whole() {
		every, seeds = len(reference.Flaws())/10, 20
	}
	for n, flaw := range reference.Flaws() {
		if n%every != every/2 {
			continue
		}
		t.Run(flaw.Check+" "+string(flaw.ID), func(t *testing.T) {
			t.Parallel()
			verdicts := make([]map[string]conformance.Verdict, seeds)
			var running sync.WaitGroup
			slots := make(chan struct{}, 2)
			for i := range verdicts {
				target := flawed(t, flaw)
				target.Core, target.Seed = true, uint64(i+1)
				running.Go(func() {
					slots <- struct{}{}
					defer func() { <-slots }()
					verdicts[i] = map[string]conformance.Verdict{}
					for _, r := range run(t, target).Results {
						verdicts[i][r.ID] = r.Verdict
					}
				})
			}
			running.Wait()
			for i, other := range verdicts {
				if len(other) == 0 || !maps.Equal(verdicts[0], other) {
					t.Errorf("seed %d: %v", i+1, different(verdicts[0], other))
				}
			}
		})
	}
}

// different lists the verdicts that differ.
func different(a, b map[string]conformance.Verdict) (all []string) {
	for id, v := range a {
		if b[id] != v {
			all = append(all, fmt.Sprintf("%s: %s and %s", id, v, b[id]))
		}
	}
	return all
}
