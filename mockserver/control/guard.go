package control

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// Guard keeps web pages from elsewhere away from a server on somebody's machine. A page cannot choose the Host and the
// Origin that its browser sends, so they tell where a request was meant to go and where it comes from. The zero value
// lets in what is named by an IP address or by a name that only a local network has.
type Guard struct {
	// AllowedHosts are names that may ask besides: "ci.example.com", or "*.example.com" for every name below.
	AllowedHosts []string
}

// Wrap returns h behind the guard: what is not allowed gets 403 and a problem that says why.
func (g Guard) Wrap(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := g.Allowed(r); err != nil {
			if err := (problem{Status: http.StatusForbidden, Detail: err.Error()}).send(w); err != nil {
				w.WriteHeader(http.StatusForbidden)
			}
			return
		}
		h.ServeHTTP(w, r)
	})
}

// Allowed is nil if a request may pass. The error says what about it is not allowed, and how to allow it.
func (g Guard) Allowed(r *http.Request) error {
	host := hostname(r.Host)
	if host == "" {
		return errors.New("the request names no host: send a Host header, with localhost, an IP address, or a host given with --allowed-hosts")
	}
	if !g.local(host) {
		return fmt.Errorf("requests for the host %q are not answered here: start the server with --allowed-hosts %s to answer them", r.Host, host)
	}
	for _, origin := range r.Header.Values("Origin") {
		if err := g.allowedOrigin(origin, host); err != nil {
			return err
		}
	}
	return nil
}

func (g Guard) allowedOrigin(origin, host string) error {
	if origin == "null" { // sandboxed frames and files: they may be anybody's
		return errors.New("pages without an origin may not ask: serve the page from localhost, or from a host given with --allowed-hosts")
	}
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("the origin %q is not that of a web page: serve the page from localhost, or from a host given with --allowed-hosts", origin)
	}
	from := hostname(u.Host)
	// Anybody can serve a page at an IP address. Those of the local network are trusted, and a page with its own server.
	if ip, err := netip.ParseAddr(from); err == nil && from != host && !private(ip) && !g.listed(from) || !g.local(from) {
		return fmt.Errorf("pages from %s may not ask: start the server with --allowed-hosts %s to let them", origin, from)
	}
	return nil
}

// local reports whether nobody on the web can make a name or an address lead here, or whether it is listed.
func (g Guard) local(host string) bool {
	if _, err := netip.ParseAddr(host); err == nil { // a browser that is led here by a name sends the name
		return true
	}
	if strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".internal") {
		return true
	}
	dotless := host != "" && !strings.ContainsFunc(host, func(c rune) bool { // localhost, or a service of a compose file
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
	return dotless || g.listed(host)
}

func (g Guard) listed(host string) bool {
	for _, allowed := range g.AllowedHosts {
		allowed = hostname(allowed)
		if below, ok := strings.CutPrefix(allowed, "*"); ok && strings.HasPrefix(below, ".") && strings.HasSuffix(host, below) || allowed == host {
			return true
		}
	}
	return false
}

// private reports whether an address leads nowhere on the web.
func private(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	return ip.IsLoopback() || ip.IsPrivate() || ip.IsLinkLocalUnicast()
}

// hostname is a host without port, brackets, the root's dot and capitals.
func hostname(hostport string) string {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
