package fault

import (
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/mutate"
)

// signedWith returns the fault that signs with the secret of a mutation.
func signedWith(mutation string) func(args, *Draft) {
	secret, _ := mutate.SecretOf(mutation)
	return func(_ args, d *Draft) { d.Secret = secret }
}

func rotatedSecret(a args, d *Draft) { d.Secret, _ = mutate.SecretOf(a.text("to") + "-secret") }

func stale(a args, d *Draft) { d.Age = a.duration("age") }

// tampered changes a letter or a digit inside a value, so that the body still parses.
func tampered(_ args, m *webhook.Message, r *rand.Rand) (err error) {
	body, err := mutate.AlterValue.Apply(m.Body, mutate.Args{Pick: r.IntN})
	if err == nil {
		m.Body = body
	}
	return err
}
