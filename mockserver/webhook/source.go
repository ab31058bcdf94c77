package webhook

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// ParseSource parses a local address for attempts, such as 127.0.0.2.
func ParseSource(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() || addr.IsMulticast() || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("invalid source address %q: use one of this machine, such as 127.0.0.2", text)
	}
	return addr.Unmap(), nil
}

// sources are the transports with a local address, one per address, created at first use. The zero value is empty.
type sources struct {
	mu         sync.Mutex
	transports map[netip.Addr]*http.Transport
}

// from returns the transport with a local address.
func (s *Sender) from(addr netip.Addr) *http.Transport {
	s.sources.mu.Lock()
	defer s.sources.mu.Unlock()
	transport := s.sources.transports[addr]
	if transport == nil {
		transport = s.newTransport(&net.TCPAddr{IP: addr.AsSlice()})
		if config := s.transport.TLSClientConfig; config != nil {
			transport.TLSClientConfig = config.Clone()
		}
		if s.sources.transports == nil {
			s.sources.transports = map[netip.Addr]*http.Transport{}
		}
		s.sources.transports[addr] = transport
	}
	return transport
}

func (s *sources) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.transports {
		t.CloseIdleConnections()
	}
}
