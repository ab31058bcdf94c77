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

// Rewrites lead attempts elsewhere than their URL says, for where the address that is registered leads to the wrong
// machine: inside a container, localhost is the container. The zero value rewrites nothing.
//
// There are two forms. From one host, or host and port, to another only the connection goes elsewhere: the request's
// Host, its path, and the name that TLS asks for and checks stay as registered, since development servers refuse a Host
// that they do not know. From the beginning of a URL to another beginning the request is for the new URL, Host included.
type Rewrites struct {
	hosts map[string]string // host or host:port
	urls  []beginning       // the longest first
}

type beginning struct{ from, to string }

// ParseRewrites reads rewrites, what to rewrite by what it becomes. Mistakes are told in words for whoever wrote them.
func ParseRewrites(all map[string]string) (Rewrites, error) {
	r := Rewrites{hosts: map[string]string{}}
	for _, from := range slices.Sorted(maps.Keys(all)) {
		to := all[from]
		fromURL, toURL := strings.Contains(from, "://"), strings.Contains(to, "://")
		if fromURL != toURL {
			return Rewrites{}, fmt.Errorf("%s=%s: want two hosts, such as localhost=%s, or two beginnings of a URL", from, to, dockerHost)
		}
		for _, one := range []string{from, to} {
			if err := checkEnd(one, fromURL); err != nil {
				return Rewrites{}, fmt.Errorf("%s=%s: %w", from, to, err)
			}
		}
		if fromURL {
			r.urls = append(r.urls, beginning{from, to})
		} else {
			r.hosts[strings.ToLower(from)] = to
		}
	}
	slices.SortFunc(r.urls, func(a, b beginning) int { return cmp.Compare(len(b.from), len(a.from)) })
	return r, nil
}

func checkEnd(s string, isURL bool) error {
	if !isURL {
		s = "http://" + s
	}
	u, err := parseTarget(s)
	switch {
	case err != nil:
		return err
	case !isURL && (u.Path != "" || u.RawQuery != "" || u.User != nil):
		return fmt.Errorf("%q is no host: write it as localhost or localhost:3000, or give whole URLs on both sides", strings.TrimPrefix(s, "http://"))
	}
	return nil
}

// none reports whether there is nothing to rewrite.
func (r *Rewrites) none() bool { return len(r.hosts) == 0 && len(r.urls) == 0 }

// url is the URL to ask for in place of one that is registered.
func (r *Rewrites) url(registered string) string {
	for _, one := range r.urls {
		rest, ok := strings.CutPrefix(registered, one.from)
		if ok && (rest == "" || strings.HasSuffix(one.from, "/") || strings.ContainsRune("/?#", rune(rest[0]))) {
			return one.to + rest
		}
	}
	return registered
}

// dial is the address, host and port, to connect to in place of another.
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

// sentTo is the URL that an attempt for a registered one really goes to; empty if that is the same.
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
