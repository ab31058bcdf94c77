package mockserver

import (
	"crypto/tls"
	"fmt"
	"net"
	"slices"
	"strings"
)

// Hosts lists the real host names of the providers that are served, and localhost.
func (s *Server) Hosts() []string {
	all := []string{"localhost"}
	for _, p := range s.core.library.Openapi() {
		all = append(all, p.Hosts...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// HostsAddr is the address on which the real hosts are served over TLS; nil if they are not.
func (s *Server) HostsAddr() net.Addr {
	if s.hosts == nil {
		return nil
	}
	return s.hosts.Addr()
}

// tlsConfig serves each host with its own certificate. Clients that name none, because they connect to an address, get
// that of localhost.
func (s *Server) tlsConfig() *tls.Config {
	c := s.core.config
	if c.HostsAddr == "" {
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
				return nil, fmt.Errorf("unknown host %q", host)
			}
			certificate, err := c.Certificate(host)
			if err != nil {
				c.Logger.Warn("no certificate", "host", host, "error", err)
			}
			return certificate, err
		},
	}
}
