package faults

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

const defaultRate = 0.1

// Random injects faults at random, drawn from each account's seed. A nil Random injects none.
type Random struct {
	rate      float64
	nuisances []fault.Nuisance
}

// NewRandom returns random faults of these names, all of [fault.Nuisances] if there are none. rate is the probability of
// each fault each time, 0 to 1; 0 means 0.1.
func NewRandom(names []string, rate float64) (*Random, error) {
	if err := fault.CheckNuisances(names); err != nil {
		return nil, fmt.Errorf("rough: %w", err)
	}
	if !(rate >= 0 && rate <= 1) {
		return nil, fmt.Errorf("rough: invalid rate %v: use a number from 0 to 1", rate)
	}
	r := &Random{rate: rate}
	if r.rate == 0 {
		r.rate = defaultRate
	}
	for _, n := range fault.Nuisances() {
		if len(names) == 0 || slices.Contains(names, n.Name) {
			r.nuisances = append(r.nuisances, n)
		}
	}
	return r, nil
}

// Names lists the faults.
func (r *Random) Names() []string {
	if r == nil {
		return nil
	}
	var names []string
	for _, n := range r.nuisances {
		names = append(names, n.Name)
	}
	return names
}

// Rate is the probability of each fault each time.
func (r *Random) Rate() float64 {
	if r == nil {
		return 0
	}
	return r.rate
}

// Entry is the journal entry of random faults; nil if there are none.
func (r *Random) Entry(seed uint64) *journal.Rough {
	if r == nil {
		return nil
	}
	return &journal.Rough{Seed: seed, Rate: r.rate, Nuisances: r.Names()}
}

// draw draws the faults of a response or a delivery.
func (r *Random) draw(a *account.Account, on string) []scenarios.Fault {
	if r == nil {
		return nil
	}
	var apply []scenarios.Fault
	for _, n := range r.nuisances {
		if choice := n.On(on); len(choice) > 0 && drawn(a, n.Name, r.rate) {
			apply = append(apply, choice[fake.Seed(a.Seed(), n.Name, a.NextID("f"))%uint64(len(choice))])
		}
	}
	return apply
}

// OddReference gives a reference another form, at random. All forms are safe in a path.
func (f *Injector) OddReference(a *account.Account, reference string) string {
	r := f.random
	if r == nil || !slices.Contains(r.Names(), fault.OddIDs) || !drawn(a, fault.OddIDs, r.rate) {
		return reference
	}
	bare := strings.ReplaceAll(reference, "-", "")
	forms := []string{
		strings.ToUpper(reference),
		bare,
		"VRF_" + bare[:20],
		"id." + reference + "~1",
		fmt.Sprint(fake.Seed(a.Seed(), reference)), // all digits, and too many for a float64
		strings.Repeat(bare, 4),
	}
	return forms[fake.Seed(a.Seed(), "shape", reference)%uint64(len(forms))]
}
