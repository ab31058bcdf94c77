package provider

import (
	"fmt"
	"sync/atomic"

	"github.com/idmock/idmock/internal/dnstest"
)

// Names answers, as a DNS server, for names of the checks' own: to see what becomes of a name that leads where no webhook
// may go, the server that is judged has to ask here.
type Names struct {
	server *dnstest.Server
	made   atomic.Int64
}

// ListenNames answers at an address, host and UDP port, until it is closed.
func ListenNames(address string) (*Names, error) {
	server, err := dnstest.Listen(address)
	if err != nil {
		return nil, err
	}
	return &Names{server: server}, nil
}

// Addr is where it answers.
func (n *Names) Addr() string { return n.server.Addr() }

// Close stops answering.
func (n *Names) Close() error { return n.server.Close() }

// name is one that nobody has used before.
func (n *Names) name() string { return fmt.Sprintf("w%d.idmock-check.test", n.made.Add(1)) }
