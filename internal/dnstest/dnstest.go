// Package dnstest is a DNS server for a few names, whose addresses can be changed while it runs: for what has to see
// a name that leads where it should not, or elsewhere than a moment ago.
//
// It answers over UDP, for addresses alone, and has every answer forgotten at once. No other name exists.
package dnstest

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"strings"
	"sync"
)

// Server answers for the names that were set.
type Server struct {
	conn   net.PacketConn
	served sync.WaitGroup

	mu    sync.Mutex
	names map[string][]netip.Addr
}

// Listen answers at an address, host and port, until it is closed. Port 0 picks a free one.
func Listen(address string) (*Server, error) {
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		return nil, err
	}
	s := &Server{conn: conn, names: map[string][]netip.Addr{}}
	s.served.Go(s.serve)
	return s, nil
}

// Addr is where it answers.
func (s *Server) Addr() string { return s.conn.LocalAddr().String() }

// Set says which addresses a name has; none takes the name away.
func (s *Server) Set(name string, addrs ...netip.Addr) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names[strings.ToLower(name)] = addrs
}

// Close stops answering.
func (s *Server) Close() error {
	err := s.conn.Close()
	s.served.Wait()
	return err
}

// Resolver asks the server at an address, host and port, instead of those of the system.
func Resolver(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}}
}

func (s *Server) serve() {
	query := make([]byte, 4096)
	for {
		n, from, err := s.conn.ReadFrom(query)
		if err != nil {
			return // closed
		}
		if answer := s.answer(query[:n]); answer != nil {
			_, _ = s.conn.WriteTo(answer, from) // whoever asks will ask again
		}
	}
}

// What is in a message: RFC 1035, 3.2 and 4.1, and RFC 3596.
const (
	header                = 12
	typeA, typeAAAA       = 1, 28
	classIN               = 1
	response, noSuchName  = 0x8580, 3 // authoritative, and recursion as if it were there
	pointerToTheQuestion  = 0xc00c
	longestLabel, rootEnd = 63, 1
)

// answer returns the answer to a query, or nil to what is none.
func (s *Server) answer(query []byte) []byte {
	if len(query) < header || query[2]&0x80 != 0 || binary.BigEndian.Uint16(query[4:]) != 1 {
		return nil
	}
	var labels []string
	at := header
	for at < len(query) && query[at] != 0 {
		size := int(query[at])
		if size > longestLabel || at+1+size >= len(query) {
			return nil
		}
		labels = append(labels, string(query[at+1:at+1+size]))
		at += 1 + size
	}
	end := at + rootEnd + 4
	if end > len(query) {
		return nil
	}
	kind := binary.BigEndian.Uint16(query[at+rootEnd:])
	s.mu.Lock()
	addrs := s.names[strings.ToLower(strings.Join(labels, "."))]
	s.mu.Unlock()
	flags, count := uint16(response), 0
	if len(addrs) == 0 {
		flags |= noSuchName
	}
	made := append([]byte(nil), query[:end]...)
	for _, addr := range addrs {
		if addr.Is4() && kind != typeA || addr.Is6() && kind != typeAAAA {
			continue
		}
		made = binary.BigEndian.AppendUint16(made, pointerToTheQuestion)
		made = binary.BigEndian.AppendUint16(made, kind)
		made = binary.BigEndian.AppendUint16(made, classIN)
		made = binary.BigEndian.AppendUint32(made, 0) // not to be kept
		made = binary.BigEndian.AppendUint16(made, uint16(addr.BitLen()/8))
		made = append(made, addr.AsSlice()...)
		count++
	}
	binary.BigEndian.PutUint16(made[2:], flags)
	binary.BigEndian.PutUint16(made[6:], uint16(count))
	binary.BigEndian.PutUint32(made[8:], 0)
	return made
}
