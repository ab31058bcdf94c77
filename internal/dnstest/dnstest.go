// Package dnstest serves DNS for a few host names with addresses that can change at run time, to test clients that must
// notice host names that resolve to forbidden or changed addresses.
//
// It serves A and AAAA records over UDP with a time to live of zero. Other names do not exist (NXDOMAIN). Zones, other
// record types, TCP and recursion do not belong here.
package dnstest

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Server is a DNS server for the names that were set.
type Server struct {
	conn   net.PacketConn
	served sync.WaitGroup

	mu    sync.Mutex
	hosts map[string][]netip.Addr // by lower-case name without the final dot
}

// Listen serves at an address (host and port) until the server is closed. Port 0 picks a free port.
func Listen(address string) (*Server, error) {
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{conn: conn, hosts: map[string][]netip.Addr{}}
	s.served.Go(s.serve)
	return s, nil
}

// Addr returns the server's address, host and port.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Set sets the addresses of a name; without addresses, it removes the name.
func (s *Server) Set(name string, addrs ...netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hosts[strings.ToLower(name)] = addrs
}

// Close stops the server.
func (s *Server) Close() error {
	err := s.conn.Close()
	s.served.Wait()
	return err
}

// Resolver returns a resolver that asks the server at an address (host and port) instead of the system's servers.
func Resolver(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
}

func (s *Server) serve() {
	buffer := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFrom(buffer)
		if err != nil {
			return // closed
		}
		if response := s.respond(buffer[:n]); response != nil {
			_, _ = s.conn.WriteTo(response, from) // UDP clients repeat lost queries
		}
	}
}

// respond returns the response to a query of one question, or nil for any other message.
func (s *Server) respond(query []byte) []byte {
	var parser dnsmessage.Parser
	header, err := parser.Start(query)
	if err != nil || header.Response {
		return nil
	}
	questions, err := parser.AllQuestions()
	if err != nil || len(questions) != 1 {
		return nil
	}
	question := questions[0]
	s.mu.Lock()
	addrs := s.hosts[strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))]
	s.mu.Unlock()
	message := dnsmessage.Message{
		Header: dnsmessage.Header{ID: header.ID, Response: true, OpCode: header.OpCode, Authoritative: true,
			RecursionDesired: header.RecursionDesired, RecursionAvailable: true}, // clients without it look elsewhere
		Questions: questions,
	}
	if len(addrs) == 0 {
		message.RCode = dnsmessage.RCodeNameError
	}
	for _, addr := range addrs {
		if body := record(question.Type, addr); body != nil {
			message.Answers = append(message.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Class: dnsmessage.ClassINET}, Body: body})
		}
	}
	response, err := message.Pack()
	if err != nil {
		return nil
	}
	return response
}

// record returns the record of a type for an address, or nil if the address is of the other family.
func record(kind dnsmessage.Type, addr netip.Addr) dnsmessage.ResourceBody {
	switch {
	case kind == dnsmessage.TypeA && addr.Is4():
		return &dnsmessage.AResource{A: addr.As4()}
	case kind == dnsmessage.TypeAAAA && addr.Is6():
		return &dnsmessage.AAAAResource{AAAA: addr.As16()}
	}
	return nil
}
