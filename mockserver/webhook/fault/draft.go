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

// Secrets that can sign a webhook.
const (
	Own         = mutate.Own
	Wrong       = mutate.Wrong
	Empty       = mutate.Empty
	Missing     = mutate.Missing
	Next        = mutate.Next
	Previous    = mutate.Previous
	OtherTenant = mutate.OtherTenant
)

// Draft is a webhook before signing.
type Draft struct {
	Event  string
	Body   []byte
	Secret Secret
	Age    time.Duration // age of its timestamp
	// Breaks returns the keyword of the event's schema that a body violates, such as required, or "". nil without a schema.
	Breaks func(body []byte) string
}

// Signing applies the faults that select the secret and timestamp of a draft.
func Signing(faults []scenarios.Fault, d *Draft) {
	for _, f := range faults {
		if apply := implementations[f.Name].sign; apply != nil {
			apply(argsOf(f, scenarios.InDelivery), d)
		}
	}
}

// Composed applies the faults that change the body of a draft before signing.
func Composed(faults []scenarios.Fault, d *Draft, r *rand.Rand) error {
	return each(faults, func(s stages, a args) error {
		if s.body == nil {
			return nil
		}
		return s.body(a, d, r)
	})
}

// Sealed applies the faults that change a signed message.
func Sealed(faults []scenarios.Fault, m *webhook.Message, r *rand.Rand) error {
	return each(faults, func(s stages, a args) error {
		if s.send == nil {
			return nil
		}
		return s.send(a, m, r)
	})
}

// Unplayed holds the reasons of faults that did not apply, by name.
type Unplayed map[string]string

func (u Unplayed) Error() string {
	var errs []error
	for name, reason := range u {
		errs = append(errs, fmt.Errorf("fault %s not applied: %s", name, reason))
	}
	return errors.Join(errs...).Error()
}

// each calls apply for every fault and collects errors as [Unplayed].
func each(faults []scenarios.Fault, apply func(stages, args) error) error {
	var unplayed Unplayed
	for _, f := range faults {
		if err := apply(implementations[f.Name], argsOf(f, scenarios.InDelivery)); err != nil {
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

// Unsigned returns the [Unplayed] of the faults on signatures, for a webhook without one.
func Unsigned(faults []scenarios.Fault) error {
	return each(faults, func(s stages, _ args) error {
		if s.signs {
			return cannot("the webhook is not signed")
		}
		return nil
	})
}
