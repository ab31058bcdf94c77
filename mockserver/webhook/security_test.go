package webhook

import (
	"bytes"
	"io"
	"net/netip"
	"strings"
	"testing"
)

// Special-purpose ranges cannot be targets of strict deliveries, and embedded addresses count as the ones that packets reach.
func TestSecurityTargets(t *testing.T) {
	for _, text := range []string{
		"::ffff:0:127.0.0.1", "::ffff:0:169.254.169.254", "5f00::1", "2001:2::1", "2001:10::1", "2001:20::1", "192.88.99.1", "198.18.0.1", "100:0:0:1::1",
		"64:ff9b::10.0.0.1", "2002:7f00:1::", "::127.0.0.1",
	} {
		if (Policy{Strict: true}).Check(netip.MustParseAddr(text)) == nil {
			t.Errorf("%s is allowed", text)
		}
	}
	if (Policy{}).Check(netip.MustParseAddr("::ffff:0:169.254.169.254")) == nil {
		t.Error("a metadata service is allowed by another spelling")
	}
}

// A header that HTTP cannot carry, or that would not be sent, is refused when it is set.
func TestSecurityHeaders(t *testing.T) {
	for _, h := range []Header{{"X-A", "a\r\nX-B: b"}, {"X-A", "a\nb"}, {"X-A", "a\x00"}, {"X A", "a"}, {"", "a"}, {"X-A:", "a"}, {"content-length", "5"}, {"Transfer-Encoding", "chunked"}} {
		if CheckHeaders([]Header{h}) == nil {
			t.Errorf("%q is accepted", h)
		}
	}
	if err := CheckHeaders([]Header{{"Authorization", "Bearer é\tx"}}); err != nil {
		t.Error(err)
	}
}

// A padded message is small in memory and whole on the wire.
func TestSecurityPadding(t *testing.T) {
	body := []byte(`{"a":"` + strings.Repeat("x", 1<<20) + `","b":1}`)
	m := Message{Body: body}
	m.Compact()
	if m.Padding == nil || len(m.Body) > 100 || m.Size() != len(body) {
		t.Fatalf("%d bytes in memory, size %d", len(m.Body), m.Size())
	}
	if sent, err := io.ReadAll(m.open()); err != nil || !bytes.Equal(sent, body) {
		t.Errorf("%d bytes sent, %v", len(sent), err)
	}
	if head := m.head(); !bytes.HasPrefix(body, head) || len(head) != keepRequest {
		t.Errorf("a head of %d bytes", len(head))
	}
}
