package dnstest

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"testing"
)

// The resolver of the standard library understands the responses and notices changes at once.
func TestServer(t *testing.T) {
	s, err := Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	v4, v6 := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::1")
	resolver := Resolver(s.Addr())
	for _, addrs := range [][]netip.Addr{{v4}, {v6}, {v4, v6}, {netip.MustParseAddr("192.0.2.7")}} {
		s.Set("A.name.test", addrs...)
		got, err := resolver.LookupNetIP(t.Context(), "ip", "a.NAME.test.")
		slices.SortFunc(got, netip.Addr.Compare)
		if err != nil || !slices.Equal(got, addrs) {
			t.Errorf("%v, %v, want %v", got, err, addrs)
		}
	}
	s.Set("a.name.test")
	var missing *net.DNSError
	if got, err := resolver.LookupNetIP(t.Context(), "ip", "a.name.test."); !errors.As(err, &missing) || !missing.IsNotFound {
		t.Errorf("a removed name: %v, %v", got, err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func FuzzRespond(f *testing.F) {
	f.Add([]byte("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01a\x00\x00\x01\x00\x01"))
	f.Add([]byte("\x00\x01\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x3fa"))
	const header = 12 // bytes
	s := &Server{hosts: map[string][]netip.Addr{"a": {netip.MustParseAddr("127.0.0.1")}}}
	f.Fuzz(func(t *testing.T, query []byte) {
		if got := s.respond(query); got != nil && (len(got) < header || got[0] != query[0] || got[1] != query[1] || got[2]&0x80 == 0) {
			t.Errorf("%x for %x", got, query)
		}
	})
}
