package mockserver

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
)

// ErrHosts is the error for an address of real hosts that cannot be listened on.
var ErrHosts = errors.New("listen for the real hosts")

// ErrControl is the error for an address of the control API that cannot be listened on.
var ErrControl = errors.New("listen for the control API")

// ErrProviderAddr is the error for an address of a provider that cannot be listened on.
var ErrProviderAddr = errors.New("listen for a provider")

// listeners are the addresses that a server is reached at.
type listeners struct {
	main      net.Listener
	hosts     net.Listener // over TLS; nil where the real hosts are not served
	control   net.Listener // nil where control API and page have no address of their own
	providers []providerListener
}

// providerListener is the address of a single provider.
type providerListener struct {
	provider string
	net.Listener
}

// listen binds all addresses, or none.
func (c Config) listen() (bound listeners, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, bound.Close())
		}
	}()
	if bound.main, err = listenTCP(c.Addr, errors.New("listen")); err != nil {
		return bound, err
	}
	if c.HostsAddr != "" {
		if c.Certificate == nil {
			return bound, errors.New("HostsAddr requires Certificate: real hosts are served over TLS")
		}
		if bound.hosts, err = listenTCP(c.HostsAddr, ErrHosts); err != nil {
			return bound, err
		}
	}
	if c.ControlAddr != "" {
		if bound.control, err = listenTCP(c.ControlAddr, ErrControl); err != nil {
			return bound, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.ProviderAddrs)) {
		l, err := listenTCP(c.ProviderAddrs[name], ErrProviderAddr)
		if err != nil {
			return bound, err
		}
		bound.providers = append(bound.providers, providerListener{name, l})
	}
	return bound, nil
}

// listenTCP returns a nil interface with its error, so that Close finds it unbound.
func listenTCP(addr string, reason error) (net.Listener, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", reason, err)
	}
	return l, nil
}

// Close closes those that are bound. Servers that ended have closed theirs.
func (b listeners) Close() (err error) {
	all := []net.Listener{b.main, b.hosts, b.control}
	for _, l := range b.providers {
		all = append(all, l.Listener)
	}
	for _, l := range all {
		if l == nil {
			continue
		}
		if closeErr := l.Close(); !errors.Is(closeErr, net.ErrClosed) {
			err = errors.Join(err, closeErr)
		}
	}
	return err
}

// ProviderURLs are the base URLs of the providers that have an address of their own, without their prefix.
func (s *Server) ProviderURLs() map[string]string {
	all := map[string]string{}
	for _, l := range s.providers {
		all[l.provider] = urlOf(l.Listener)
	}
	return all
}

// urlFor is the base URL of a provider's own address, empty if it has none. If that listens on all interfaces, the host is the one
// by which the client of the request reaches the server.
func (b listeners) urlFor(provider string, r *http.Request) string {
	for _, l := range b.providers {
		if l.provider != provider {
			continue
		}
		at, err := url.Parse(requestRoot(r))
		if addr, ok := l.Addr().(*net.TCPAddr); ok && addr.IP.IsUnspecified() && err == nil && at.Host != "" {
			return "http://" + net.JoinHostPort(at.Hostname(), strconv.Itoa(addr.Port))
		}
		return urlOf(l.Listener)
	}
	return ""
}
