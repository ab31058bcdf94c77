package receiver

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// Two requests that differ in one character of the signature are sent pair by pair, in an order that is drawn anew for
// each pair. Where the answer does not depend on which character it is, either of the two is as likely to be the slower
// one, however the machine and the network waver: that it is the same one in 50 of 64 pairs happens once in some 200000
// runs, and twice in a row practically never.
const (
	pairs    = 64
	oneSided = 50
)

// timing looks whether a comparison gives away how far a forged signature is right.
func (p *play) timing(who *person) outcome {
	random := rand.New(rand.NewPCG(p.Profile.seed, 2))
	var both [2]*request
	var variants [2]*variant
	for i, how := range []string{"wrong-early", "wrong-late"} {
		variants[i] = (&Shot{Sign: words{how}, Conn: "timing"}).variants()[0]
		variants[i].note = how
		var err error
		if both[i], err = p.build(variants[i], who.subject, p.id("timing", 0), p.wire); err != nil {
			return outcome{err: err}
		}
	}
	var median time.Duration
	for range 2 {
		var took [2][]time.Duration
		for range pairs {
			first := random.IntN(2)
			for _, i := range []int{first, 1 - first} {
				got := p.exchange(both[i], variants[i])
				if o := p.status(words{"4xx"}, got); o != fine {
					return outcome{missing: fmt.Sprintf("how long a refusal takes is not known, as it was none (%s)", describe(got))}
				}
				took[i] = append(took[i], got.took)
			}
		}
		var slower int
		if slower, median = compare(took[0], took[1]); slower < oneSided {
			return fine
		}
	}
	return wrong("a refusal that takes as long wherever the signature is wrong",
		"one that takes %v longer when it is wrong at its end", median.Round(time.Microsecond))
}

// compare counts the pairs of which the second took longer, and says by how much in the median.
func compare(early, late []time.Duration) (slower int, median time.Duration) {
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

// differ changes one character of a text to another that may stand in a digest, in hex or in base64.
func differ(text string, at int) string {
	b := []byte(text)
	at = max(at, 0)
	if b[at] == 'a' {
		b[at] = 'b'
	} else {
		b[at] = 'a'
	}
	return string(b)
}
