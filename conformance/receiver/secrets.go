package receiver

import (
	"fmt"

	"github.com/idmock/idmock/openapi/signing"
)

// moreSecrets are the secrets that a receiver may know beside the present one, each with what to do where it is not given.
var moreSecrets = map[string]string{
	"next":  "the receiver has one secret, as far as is known: let it have a second one, too, and give that with --next-secret",
	"other": "the receiver has one account, as far as is known: let it know another account of the provider, and give the secret of that with --other-secret",
	"old":   "no secret of the receiver has ended, as far as is known: give one that it took until it was replaced with --old-secret",
}

// secrets are those that the target gives, by what they are. The error is the user's mistake.
func (p *Profile) secrets(t Target) (map[string]string, error) {
	given := map[string]string{}
	for name, secret := range map[string]string{"next": t.NextSecret, "other": t.OtherSecret, "old": t.OldSecret} {
		if secret == "" {
			continue
		}
		if secret == p.secret {
			return nil, fmt.Errorf("--%s-secret is the receiver's present secret: want another", name)
		}
		if !p.signature.Signs() {
			return nil, fmt.Errorf("--%s-secret: %s signs nothing", name, p.Name)
		}
		if _, err := p.signature.Sign([]byte(secret), signing.Message{}); err != nil {
			return nil, fmt.Errorf("--%s-secret: %w", name, err)
		}
		given[name] = secret
	}
	return given, nil
}

// by is the signature with one of the other secrets.
func (s *signedEvent) by(name string) string {
	return s.with(s.signature.KeyOrText(s.more[name]), s.ts(), s.body)
}

// signs reports whether the provider signs like that at all: several signatures need a place for several.
func (p *Profile) signs(how string) bool {
	return p.signature.Versioned() || how != "both" && how != "both-turn"
}
