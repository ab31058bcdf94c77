package webhook

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"sync"
)

// ParseSource reads the address of this machine that attempts are to come from, such as 127.0.0.2.
func ParseSource(text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil || addr.IsUnspecified() || addr.IsMulticast() || addr.Zone() != "" {
		return netip.Addr{}, fmt.Errorf("%q is no address to call from: want one of this machine's, such as 127.0.0.2", text)
	}
	return addr.Unmap(), nil
}

// sources are the transports that call from an address of somebody's choice, one for each address, made at its first use.
// The zero value has none.
type sources struct {
	mu         sync.Mutex
	transports map[netip.Addr]*http.Transport
}

// from returns the transport that calls from an address.
func (s *Sender) from(addr netip.Addr) *http.Transport {
	s.sources.mu.Lock()
	defer s.sources.mu.Unlock()
	made := s.sources.transports[addr]
	if made == nil {
		made = s.transporting(&net.TCPAddr{IP: addr.AsSlice()})
		if config := s.transport.TLSClientConfig; config != nil {
			made.TLSClientConfig = config.Clone()
		}
		if s.sources.transports == nil {
			s.sources.transports = map[netip.Addr]*http.Transport{}
		}
		s.sources.transports[addr] = made
	}
	return made
}

func (s *sources) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.transports {
		t.CloseIdleConnections()
	}
}
