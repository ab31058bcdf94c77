package fault

import (
	"math/rand/v2"
	"time"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// Secret says whose secret signs a webhook.
type Secret string

// The secrets that a webhook can be signed with.
const (
	Own     Secret = ""      // the account's, as it should be
	Nobodys Secret = "wrong" // one that belongs to nobody
)

// Draft is a webhook that is not signed yet.
type Draft struct {
	Event  string
	Body   []byte
	Secret Secret
	Age    time.Duration // how long ago it says it was sent
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
	for _, f := range faults {
		if do := verbs[f.Name].body; do != nil {
			if err := do(argsOf(f, scenarios.InDelivery), d, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// Sealed lets the faults change a message that is signed and about to be sent.
func Sealed(faults []scenarios.Fault, m *webhook.Message, r *rand.Rand) error {
	for _, f := range faults {
		if do := verbs[f.Name].send; do != nil {
			if err := do(argsOf(f, scenarios.InDelivery), m, r); err != nil {
				return err
			}
		}
	}
	return nil
}
