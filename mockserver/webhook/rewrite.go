package webhook

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
)

// Rewrites redirect attempts whose registered address is not reachable as it is: inside a container, localhost is the
// container itself. The zero value rewrites nothing.
//
// A rewrite from a host, or host and port, to another changes only the address connected to. The request's Host and path
// and the name in TLS stay as registered, since development servers reject unknown hosts. A rewrite from one URL prefix to
// another changes the URL, including its Host.
type Rewrites struct {
	hosts map[string]string // host or host:port
	urls  []prefixRewrite   // longest first
}

type prefixRewrite struct{ from, to string }

// ParseRewrites parses rewrites, given as a map from original to replacement.
func ParseRewrites(rewrites map[string]string) (Rewrites, error) {
	r := Rewrites{hosts: map[string]string{}}
	for _, from := range slices.Sorted(maps.Keys(rewrites)) {
		to := rewrites[from]
		fromURL, toURL := strings.Contains(from, "://"), strings.Contains(to, "://")
		if fromURL != toURL {
			return Rewrites{}, fmt.Errorf("%s=%s: use two hosts, such as localhost=%s, or two URL prefixes", from, to, dockerHost)
		}
		for _, side := range []string{from, to} {
			if err := checkSide(side, fromURL); err != nil {
				return Rewrites{}, fmt.Errorf("%s=%s: %w", from, to, err)
			}
		}
		if fromURL {
			r.urls = append(r.urls, prefixRewrite{from, to})
		} else {
			r.hosts[strings.ToLower(from)] = to
		}
	}
	slices.SortFunc(r.urls, func(a, b prefixRewrite) int { return cmp.Compare(len(b.from), len(a.from)) })
	return r, nil
}

func checkSide(s string, isURL bool) error {
	if !isURL {
		s = "http://" + s
	}
	u, err := parseTarget(s)
	switch {
	case err != nil:
		return err
	case !isURL && (u.Path != "" || u.RawQuery != "" || u.User != nil):
		return fmt.Errorf("invalid host %q: use localhost or localhost:3000, or URLs on both sides", strings.TrimPrefix(s, "http://"))
	}
	return nil
}

// empty reports whether there is nothing to rewrite.
func (r *Rewrites) empty() bool { return len(r.hosts) == 0 && len(r.urls) == 0 }

// url returns the URL to request instead of a registered one.
func (r *Rewrites) url(registered string) string {
	for _, p := range r.urls {
		rest, ok := strings.CutPrefix(registered, p.from)
		if ok && (rest == "" || strings.HasSuffix(p.from, "/") || strings.ContainsRune("/?#", rune(rest[0]))) {
			return p.to + rest
		}
	}
	return registered
}

// dial returns the address, host and port, to connect to instead of another.
func (r *Rewrites) dial(address string) string {
	if len(r.hosts) == 0 {
		return address
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	to, ok := r.hosts[strings.ToLower(address)]
	if !ok {
		if to, ok = r.hosts[strings.ToLower(host)]; !ok && strings.Contains(host, ":") {
			to, ok = r.hosts["["+strings.ToLower(host)+"]"]
		}
	}
	if !ok {
		return address
	}
	if h, p, err := net.SplitHostPort(to); err == nil {
		return net.JoinHostPort(h, p)
	}
	return net.JoinHostPort(strings.Trim(to, "[]"), port)
}

// sentTo returns the actual URL of an attempt for a registered one; empty if it is the same.
func (r *Rewrites) sentTo(registered string) string {
	to := r.url(registered)
	u, err := url.Parse(to)
	if err != nil {
		return ""
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	address := net.JoinHostPort(u.Hostname(), port)
	if dialled := r.dial(address); dialled != address {
		u.Host = dialled
		return u.String()
	}
	if to == registered {
		return ""
	}
	return to
}
