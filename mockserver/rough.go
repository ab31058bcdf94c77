package mockserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/scenarios"
)

// Rough makes a server go wrong now and then, with everything, so that who gets on with it gets on with a bad day of the
// real one. What goes wrong is drawn from each account's seed.
type Rough struct {
	Nuisances []string // of those of [fault.Nuisances]; none means all
	Rate      float64  // how likely each of them is, each time, up to 1; 0 means 0.1
}

const defaultRate = 0.1

// rough is a Rough that was judged.
type rough struct {
	rate      float64
	nuisances []fault.Nuisance
}

// newRough returns nil for nil.
func newRough(want *Rough) (*rough, error) {
	if want == nil {
		return nil, nil
	}
	if err := fault.CheckNuisances(want.Nuisances); err != nil {
		return nil, fmt.Errorf("rough: %w", err)
	}
	if !(want.Rate >= 0 && want.Rate <= 1) {
		return nil, fmt.Errorf("rough: the rate is %v, want a number from 0 to 1", want.Rate)
	}
	made := &rough{rate: want.Rate}
	if made.rate == 0 {
		made.rate = defaultRate
	}
	for _, n := range fault.Nuisances() {
		if len(want.Nuisances) == 0 || slices.Contains(want.Nuisances, n.Name) {
			made.nuisances = append(made.nuisances, n)
		}
	}
	return made, nil
}

// names lists the nuisances, for people.
func (r *rough) names() []string {
	var names []string
	for _, n := range r.nuisances {
		names = append(names, n.Name)
	}
	return names
}

// nuisances draws what goes wrong with an answer or a delivery by itself.
func (s *step) nuisances(on string) []scenarios.Fault {
	if s.engine.rough == nil {
		return nil
	}
	var play []scenarios.Fault
	for _, n := range s.engine.rough.nuisances {
		if choice := n.On(on); len(choice) > 0 && s.drawn(n.Name, s.engine.rough.rate) {
			play = append(play, choice[fake.Seed(s.account.seed, n.Name, s.account.name36("f"))%uint64(len(choice))])
		}
	}
	return play
}

// odd gives a reference another shape, now and then. All of them are safe in a path.
func (s *step) odd(reference string) string {
	r := s.engine.rough
	if r == nil || !slices.Contains(r.names(), fault.OddIDs) || !s.drawn(fault.OddIDs, r.rate) {
		return reference
	}
	bare := strings.ReplaceAll(reference, "-", "")
	shapes := []string{
		strings.ToUpper(reference),
		bare,
		"VRF_" + bare[:20],
		"id." + reference + "~1",
		fmt.Sprint(fake.Seed(s.account.seed, reference)), // all digits, and too many for a float64
		strings.Repeat(bare, 4),
	}
	return shapes[fake.Seed(s.account.seed, "shape", reference)%uint64(len(shapes))]
}

// tell is what the journal says of it.
func (r *rough) tell(seed uint64) *journal.Rough {
	if r == nil {
		return nil
	}
	return &journal.Rough{Seed: seed, Rate: r.rate, Nuisances: r.names()}
}

// Rough says what goes wrong by itself, and how likely each of it is each time; no names if nothing does.
func (e *Engine) Rough() (nuisances []string, rate float64) {
	if e.rough == nil {
		return nil, 0
	}
	return e.rough.names(), e.rough.rate
}
