// Package access decides who may use the server's doors: [Guard] checks Host and Origin, [Token] a shared secret.
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
// page cannot forge the Host and Origin that its browser sends. Position in a network proves nothing: a page of a private
// address is foreign as well. The zero value allows names that no public DNS can resolve to this server.
type Guard struct {
	// AllowedHosts are additional names: "ci.example.com", or "*.example.com" for all subdomains.
	AllowedHosts []string
	// ProviderHost reports whether a name is one of a provider's real hosts, which browsers may use. nil: none is.
	ProviderHost func(host string) bool
}

// Wrap returns the control API or the page, h, behind the guard. Forbidden requests get 403 and a problem with the reason.
func (g Guard) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.Allowed(r); err != nil {
			Forbid(w, err)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Forbid responds with 403 and a problem with the reason.
func Forbid(w http.ResponseWriter, reason error) {
	_ = problem.New(http.StatusForbidden, "%v", reason).Write(w) // text without members always encodes
}

// Door checks a request of any kind, also to providers: browsers must use a host that DNS rebinding cannot produce. Other
// clients may use any name. The error has the flag that would allow the request.
func (g Guard) Door(r *http.Request) error {
	if !FromBrowser(r) {
		return nil
	}
	host := hostname(r.Host)
	if isIP(host) || loopbackName(host) || dotless(host) || g.listed(host) || g.ProviderHost != nil && g.ProviderHost(host) {
		return nil
	}
	return fmt.Errorf("browsers may not use host %q: start the server with --allowed-hosts %s", r.Host, host)
}

// FromBrowser reports whether a browser sent a request. Over plain HTTP to a name, browsers omit Sec-Fetch-Site, and Origin
// in requests of the same origin; then User-Agent gives them away. Sec-Fetch-Mode proves nothing: Node's fetch sends it.
func FromBrowser(r *http.Request) bool {
	h := r.Header
	return h["Origin"] != nil || h["Sec-Fetch-Site"] != nil || h["Sec-Fetch-Dest"] != nil || strings.HasPrefix(h.Get("User-Agent"), "Mozilla/")
}

// Allowed checks a request to the control API or the page: its host, and that no page of another site sent it. The error has
// the flag that would allow it.
func (g Guard) Allowed(r *http.Request) error {
	host := hostname(r.Host)
	if host == "" {
		return errors.New("missing Host header: use localhost, an IP address, or a host allowed with --allowed-hosts")
	}
	if !g.local(host) {
		return fmt.Errorf("host %q is not allowed: start the server with --allowed-hosts %s", r.Host, host)
	}
	if err := g.Door(r); err != nil {
		return err
	}
	return g.Origin(r)
}

// Origin checks that no page of another site sent a request: its origin must be that of the request itself, on this machine,
// or listed. Requests of programs have none.
func (g Guard) Origin(r *http.Request) error {
	for _, origin := range r.Header.Values("Origin") {
		if err := g.allowedOrigin(origin, r.Host); err != nil {
			return err
		}
	}
	// A page of another site can load a script or an image without an Origin; following a link is harmless.
	following := r.Header.Get("Sec-Fetch-Mode") == "navigate" && (r.Method == http.MethodGet || r.Method == http.MethodHead)
	if r.Header["Origin"] == nil && r.Header.Get("Sec-Fetch-Site") == "cross-site" && !following {
		return errors.New("requests from pages of another site are not allowed: serve the page from localhost, or from a host allowed with --allowed-hosts")
	}
	return nil
}

// Helper is Origin for what serves the providers' browser scripts: pages without an origin, such as files, may use it where
// AllowedHosts has "null".
func (g Guard) Helper(r *http.Request) error {
	if origins := r.Header.Values("Origin"); len(origins) == 1 && origins[0] == "null" {
		if g.listed("null") {
			return nil
		}
		return errors.New("requests from pages without an origin are not allowed: serve the page from localhost, or start the server with --allowed-hosts null")
	}
	return g.Origin(r)
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
	if loopbackName(from) || loopbackIP(from) || g.listed(from) || from == hostname(host) && port(u.Host, u.Scheme) == port(host, u.Scheme) {
		return nil
	}
	return fmt.Errorf("requests from %s are not allowed: start the server with --allowed-hosts %s", origin, from)
}

// local reports whether no public DNS name can produce this Host, or whether it is listed.
func (g Guard) local(host string) bool {
	return isIP(host) || loopbackName(host) || dotless(host) || privateName(host) || g.listed(host)
}

// isIP reports whether a host is an address: after DNS rebinding, it would be a name.
func isIP(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

func loopbackIP(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

func loopbackName(host string) bool {
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// dotless reports whether a host is a single label, such as a Compose service.
func dotless(host string) bool {
	return host != "" && !strings.ContainsFunc(host, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}

// privateName reports whether a name belongs to a domain that public DNS does not have: a Docker host, a Kubernetes service.
func privateName(host string) bool {
	for _, domain := range []string{".internal", ".local", ".svc", ".test", ".home.arpa"} {
		if strings.HasSuffix(host, domain) {
			return true
		}
	}
	return false
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

// port is the port of a host, or the default one of the scheme.
func port(hostport, scheme string) string {
	if _, p, err := net.SplitHostPort(hostport); err == nil && p != "" {
		return p
	}
	if scheme == "https" {
		return "443"
	}
	return "80"
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
