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

// Drafted lets the faults change a draft and returns those of them that did something.
func Drafted(faults []scenarios.Fault, d *Draft, r *rand.Rand) error {
	for _, f := range faults {
		a := argsOf(f, scenarios.InDelivery)
		if do := verbs[f.Name].body; do != nil {
			if err := do(a, d, r); err != nil {
				return err
			}
		}
		if do := verbs[f.Name].sign; do != nil {
			do(a, d, r)
		}
	}
	return nil
}

// Sent lets the faults change a message that is signed and about to be sent.
func Sent(faults []scenarios.Fault, m *webhook.Message, r *rand.Rand) error {
	for _, f := range faults {
		if do := verbs[f.Name].send; do != nil {
			if err := do(argsOf(f, scenarios.InDelivery), m, r); err != nil {
				return err
			}
		}
	}
	return nil
}
