package fault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/mutate"
	"github.com/idmock/idmock/scenarios"
)

// Secret names the secret that signs a webhook.
type Secret = mutate.Secret

// The secrets that can sign a webhook.
const (
	Own         = mutate.Own
	Wrong       = mutate.Wrong
	Empty       = mutate.Empty
	Missing     = mutate.Missing
	Next        = mutate.Next
	Previous    = mutate.Previous
	OtherTenant = mutate.OtherTenant
)

// Draft is a webhook on its way: first it is said how it is signed, then it has a body.
type Draft struct {
	Event  string
	Body   []byte
	Secret Secret
	Age    time.Duration // how long ago it says it was sent
	// Breaks says which keyword of the event's schema a body breaks, such as required; empty: none. nil: there is no schema.
	Breaks func(body []byte) string
}

// Signing lets the faults say how a draft is signed, before it has a body.
func Signing(faults []scenarios.Fault, d *Draft) {
	for _, f := range faults {
		if do := verbs[f.Name].sign; do != nil {
			do(argsOf(f, scenarios.InDelivery), d)
		}
	}
}

// Composed lets the faults change the body of a draft that is about to be signed.
func Composed(faults []scenarios.Fault, d *Draft, r *rand.Rand) error {
	return each(faults, func(do stages, a args) error {
		if do.body == nil {
			return nil
		}
		return do.body(a, d, r)
	})
}

// Sealed lets the faults change a message that is signed and about to be sent.
func Sealed(faults []scenarios.Fault, m *webhook.Message, r *rand.Rand) error {
	return each(faults, func(do stages, a args) error {
		if do.send == nil {
			return nil
		}
		return do.send(a, m, r)
	})
}

// Unplayed says which faults had nothing to play on, and why.
type Unplayed map[string]string

func (u Unplayed) Error() string {
	var all []error
	for name, reason := range u {
		all = append(all, fmt.Errorf("the fault %s did not play: %s", name, reason))
	}
	return errors.Join(all...).Error()
}

// each calls do with every fault. The error is [Unplayed], or nil.
func each(faults []scenarios.Fault, do func(stages, args) error) error {
	var unplayed Unplayed
	for _, f := range faults {
		if err := do(verbs[f.Name], argsOf(f, scenarios.InDelivery)); err != nil {
			if unplayed == nil {
				unplayed = Unplayed{}
			}
			unplayed[f.Name] = err.Error()
		}
	}
	if unplayed == nil {
		return nil
	}
	return unplayed
}

// Unsigned is the [Unplayed] of those faults that say how a webhook is signed which carries no signature.
func Unsigned(faults []scenarios.Fault) error {
	return each(faults, func(do stages, _ args) error {
		if do.signs {
			return cannot("the webhook carries no signature")
		}
		return nil
	})
}
