package mockserver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
)

// ErrHosts says that the address for the real hosts cannot be listened on.
var ErrHosts = errors.New("listen for the real hosts")

// Hosts lists the real host names of the providers that are served, and localhost.
func (s *Server) Hosts() []string {
	all := []string{"localhost"}
	for _, name := range s.engine.names {
		all = append(all, s.engine.providers.of(name).Hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// HostsAddr is the address on which the real hosts are served over TLS, nil where they are not.
func (s *Server) HostsAddr() net.Addr {
	if s.hosts == nil {
		return nil
	}
	return s.hosts.Addr()
}

// listenTLS binds the address for the real hosts.
func (s *Server) listenTLS() (net.Listener, error) {
	if s.config.HostsAddr == "" {
		return nil, nil
	}
	if s.config.Certificate == nil {
		return nil, errors.New("real hosts are served over TLS, and there is nothing to make certificates with")
	}
	l, err := net.Listen("tcp", s.config.HostsAddr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrHosts, err)
	}
	return l, nil
}

// tls answers each host by its own certificate. Clients that name none, because they ask for an address, get that of
// localhost.
func (s *Server) tls() *tls.Config {
	if s.config.HostsAddr == "" {
		return nil
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, // as the real services
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			host := strings.ToLower(strings.TrimSuffix(hello.ServerName, "."))
			if host == "" {
				host = "localhost"
			}
			if !slices.Contains(s.Hosts(), host) {
				return nil, fmt.Errorf("no provider has the host %q", host)
			}
			made, err := s.config.Certificate(host)
			if err != nil {
				s.config.Logger.Warn("no certificate", "host", host, "error", err)
			}
			return made, err
		},
	}
}
