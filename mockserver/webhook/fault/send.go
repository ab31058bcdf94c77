package fault

import (
	"bytes"
	"compress/gzip"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/idmock/idmock/mockserver/webhook"
)

// setHeader replaces a header where it stands, or adds it.
func setHeader(m *webhook.Message, name, value string) {
	m.Header = slices.Clone(m.Header)
	for i, h := range m.Header {
		if strings.EqualFold(h[0], name) {
			m.Header[i][1] = value
			return
		}
	}
	m.Header = append(m.Header, webhook.Header{name, value})
}

func wrongContentType(a args, m *webhook.Message, _ *rand.Rand) error {
	setHeader(m, "Content-Type", a.text("type"))
	return nil
}

// gzipBefore packs the body where the signature is to be that of what goes over the wire.
func gzipBefore(a args, d *Draft, _ *rand.Rand) (err error) {
	if a.text("signed") == "packed" {
		d.Body, err = pack(d.Body)
	}
	return err
}

func gzipAfter(a args, m *webhook.Message, _ *rand.Rand) (err error) {
	setHeader(m, "Content-Encoding", "gzip")
	if a.text("signed") == "plain" {
		m.Body, err = pack(m.Body)
	}
	return err
}

func pack(b []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return packed.Bytes(), nil
}

// wire returns what a message goes over the wire as, to be changed.
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
	wire(m).Cut = new(share(len(m.Body), a.share("keep")))
	return nil
}

func reset(a args, m *webhook.Message, _ *rand.Rand) error {
	w := wire(m)
	w.Cut, w.Reset = new(share(len(m.Body), a.share("keep"))), true
	return nil
}

func ipv6(_ args, m *webhook.Message, _ *rand.Rand) error {
	wire(m).IPv6 = true
	return nil
}
