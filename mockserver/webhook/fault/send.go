package fault

import (
	"math/rand/v2"

	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/mutate"
)

func wrongContentType(a args, m *webhook.Message, _ *rand.Rand) error {
	m.Header = mutate.Set(m.Header, "Content-Type", a.text("type"))
	return nil
}

// gzipBefore compresses the body before signing, if the signature covers the compressed bytes.
func gzipBefore(a args, d *Draft, _ *rand.Rand) error {
	if a.text("signed") == "packed" {
		return d.apply(mutate.Gzip, mutate.Args{})
	}
	return nil
}

func gzipAfter(a args, m *webhook.Message, _ *rand.Rand) (err error) {
	m.Header = mutate.Set(m.Header, "Content-Encoding", "gzip")
	if a.text("signed") == "plain" {
		m.Body, err = mutate.Gzip.Apply(m.Body, mutate.Args{})
	}
	return err
}

// wire returns the Wire of a message, creating it if necessary.
func wire(m *webhook.Message) *webhook.Wire {
	if m.Wire == nil {
		m.Wire = &webhook.Wire{}
	}
	return m.Wire
}

func chunked(a args, m *webhook.Message, _ *rand.Rand) error {
	wire(m).Chunk = max(1, a.number("size"))
	return nil
}

func slowDrip(a args, m *webhook.Message, _ *rand.Rand) error {
	w := wire(m)
	w.Over, w.Pieces = a.duration("over"), max(1, a.number("pieces"))
	return nil
}

func cutOff(a args, m *webhook.Message, _ *rand.Rand) error {
	wire(m).Cut = new(mutate.Share(len(m.Body), a.share("keep")))
	return nil
}

func reset(a args, m *webhook.Message, _ *rand.Rand) error {
	w := wire(m)
	w.Cut, w.Reset = new(mutate.Share(len(m.Body), a.share("keep"))), true
	return nil
}

func ipv6(_ args, m *webhook.Message, _ *rand.Rand) error {
	wire(m).IPv6 = true
	return nil
}
