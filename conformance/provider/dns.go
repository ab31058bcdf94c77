package provider

import (
	"fmt"
	"net/netip"
	"sync/atomic"

	"github.com/idmock/idmock/internal/dnstest"
)

// DNS is a DNS server for the host names of the checks. Checks of host names that resolve to forbidden addresses need it, and
// a server under test that resolves host names here.
type DNS struct {
	server *dnstest.Server
	names  atomic.Int64
}

// ListenDNS serves at an address (host and UDP port) until the server is closed.
func ListenDNS(address string) (*DNS, error) {
	server, err := dnstest.Listen(address)
	if err != nil {
		return nil, err
	}
	return &DNS{server: server}, nil
}

// Addr returns the server's address, host and port.
func (d *DNS) Addr() string { return d.server.Addr() }

// Close stops the server.
func (d *DNS) Close() error { return d.server.Close() }

// NewName returns an unused host name.
func (d *DNS) NewName() string { return fmt.Sprintf("w%d.idmock-check.test", d.names.Add(1)) }

// Set sets the addresses of a host name.
func (d *DNS) Set(host string, addresses ...netip.Addr) { d.server.Set(host, addresses...) }
