package receiver

import (
	"context"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/idmock/idmock/conformance/receiver/evidence"
	"github.com/idmock/idmock/conformance/receiver/outcome"
	"github.com/idmock/idmock/conformance/receiver/suite"
	"github.com/idmock/idmock/conformance/receiver/wire"
)

// Two requests that differ in one character of the signature are sent in pairs, in an order that is drawn for each pair.
// If the response time does not depend on the character, either is equally likely to be the slower one, whatever the noise
// of machine and network: the same one in 50 of 64 pairs occurs once in about 200,000 runs, and twice in a row practically
// never.
const (
	pairs    = 64
	oneSided = 50
)

// timing checks that a comparison does not reveal how far a forged signature is right.
func (s *session) timing(ctx context.Context, who *evidence.Person) outcome.Outcome {
	random := rand.New(rand.NewPCG(s.profile.Options.Seed, 2))
	var requests [2]*wire.Request
	var variants [2]*suite.Variant
	for i, sign := range []string{"wrong-early", "wrong-late"} {
		variants[i] = (&suite.Shot{Sign: suite.Words{sign}, Conn: "timing"}).Variants()[0]
		variants[i].Note, variants[i].Event.ID = sign, s.ids.of("timing", 0)
		var err error
		if requests[i], err = s.builder.Build(variants[i].Event, s.api.SubjectOf(who)); err != nil {
			return outcome.Failed(err)
		}
	}
	var median time.Duration
	for range 2 {
		var took [2][]time.Duration
		for range pairs {
			first := random.IntN(2)
			for _, i := range []int{first, 1 - first} {
				got := s.exchange(ctx, requests[i], variants[i])
				if o := s.compareStatus(suite.Words{"4xx"}, got); o != outcome.Fine {
					return outcome.Untestable("the response time of a refusal is unknown because the event was not refused (%s)", got)
				}
				took[i] = append(took[i], got.Took)
			}
		}
		var slower int
		if slower, median = compareTimes(took[0], took[1]); slower < oneSided {
			return outcome.Fine
		}
	}
	return outcome.Wrong("the same response time wherever the signature is wrong",
		"%v more if it is wrong at its end", median.Round(time.Microsecond))
}

// compareTimes counts the pairs in which the second took longer, and returns the median difference.
func compareTimes(early, late []time.Duration) (slower int, median time.Duration) {
	var more []time.Duration
	for i := range early {
		more = append(more, late[i]-early[i])
		if late[i] > early[i] {
			slower++
		}
	}
	slices.Sort(more)
	return slower, more[len(more)/2]
}
