// Package access decides who may use the control API and the page: [Guard] checks Host and Origin, [Token] a shared secret.
//
// It serves no resource. The server puts it in front of the handlers that need it.
package access

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"github.com/idmock/idmock/internal/problem"
)

// Guard protects a server on a developer's machine from web pages of other sites (DNS rebinding and cross-origin requests). A
// page cannot forge the Host and Origin that its browser sends. The zero value allows IP addresses and names that only a local
// network resolves.
type Guard struct {
	// AllowedHosts are additional names: "ci.example.com", or "*.example.com" for all subdomains.
	AllowedHosts []string
}

// Wrap returns h behind the guard. Forbidden requests get 403 and a problem with the reason.
func (g Guard) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.Allowed(r); err != nil {
			_ = problem.New(http.StatusForbidden, "%v", err).Write(w) // text without members always encodes
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Allowed returns nil for an allowed request, or an error with the reason and the flag that would allow it.
func (g Guard) Allowed(r *http.Request) error {
	host := hostname(r.Host)
	if host == "" {
		return errors.New("missing Host header: use localhost, an IP address, or a host allowed with --allowed-hosts")
	}
	if !g.local(host) {
		return fmt.Errorf("host %q is not allowed: start the server with --allowed-hosts %s", r.Host, host)
	}
	for _, origin := range r.Header.Values("Origin") {
		if err := g.allowedOrigin(origin, host); err != nil {
			return err
		}
	}
	return nil
}

func (g Guard) allowedOrigin(origin, host string) error {
	if origin == "null" { // sandboxed frames and local files of any site
		return errors.New("requests from pages without an origin are not allowed: serve the page from localhost, or from a host allowed with --allowed-hosts")
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("origin %q is not a web origin: serve the page from localhost, or from a host allowed with --allowed-hosts", origin)
	}
	from := hostname(u.Host)
	// Any site can be served from an IP address: only local addresses and the server's own are trusted.
	if ip, err := netip.ParseAddr(from); err == nil && from != host && !private(ip) && !g.listed(from) || !g.local(from) {
		return fmt.Errorf("requests from %s are not allowed: start the server with --allowed-hosts %s", origin, from)
	}
	return nil
}

// local reports whether no public DNS name can produce this Host, or whether it is listed.
func (g Guard) local(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil { // after DNS rebinding, the Host would be a name
		return true
	}
	if strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") {
		return true
	}
	dotless := host != "" && !strings.ContainsFunc(host, func(c rune) bool { // localhost, or a Compose service
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
	return dotless || g.listed(host)
}

func (g Guard) listed(host string) bool {
	for _, allowed := range g.AllowedHosts {
		allowed = hostname(allowed)
		if domain, ok := strings.CutPrefix(allowed, "*"); ok && strings.HasPrefix(domain, ".") && strings.HasSuffix(host, domain) || allowed == host {
			return true
		}
	}
	return false
}

func private(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

// hostname strips port, brackets and the trailing dot, and converts to lower case.
func hostname(hostport string) string {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
