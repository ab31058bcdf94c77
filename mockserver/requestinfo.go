package mockserver

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/headervalue"
	"github.com/idmock/idmock/internal/rawheader"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/engine"
)

// connKey is the key under which a request's context has its connection: net/http offers it in no other way.
type connKey struct{}

// withConn is the server's ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if bounded, ok := c.(*boundedConn); ok {
		c = bounded.Conn
	}
	if c, ok := c.(*rawheader.Conn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// requestHeaders lists a request's headers as they were sent or, where that is not known, as over TLS, by name.
func requestHeaders(r *http.Request) [][2]string {
	if c, ok := r.Context().Value(connKey{}).(*rawheader.Conn); ok {
		if all, ok := c.Head(r.Method+" "+r.RequestURI+" "+r.Proto, r.Header); ok {
			return all
		}
	}
	return engine.SortedHeaders(r)
}

// requestRoot is the base URL under which a request reached the server, as its Host says, or the proxy in front in
// Forwarded (RFC 7239) or X-Forwarded-Proto, -Host, -Port and -Prefix. Of several proxies the one nearest to the client
// counts. It is empty for a request that was never on a wire.
func requestRoot(r *http.Request) string {
	if r.RemoteAddr == "" {
		return ""
	}
	scheme, host, prefix := "http", r.Host, ""
	if r.TLS != nil {
		scheme = "https"
	}
	var forwarded map[string]string
	if lines := r.Header["Forwarded"]; lines != nil {
		forwarded = headervalue.Forwarded(strings.Join(lines, ","))
	}
	if s := strings.ToLower(cmp.Or(forwarded["proto"], first(r.Header["X-Forwarded-Proto"]))); s == "http" || s == "https" {
		scheme = s
	}
	if h := cmp.Or(forwarded["host"], first(r.Header["X-Forwarded-Host"])); isHost(h) {
		host = h
		if port := first(r.Header["X-Forwarded-Port"]); !strings.Contains(h, ":") && isPort(port) && defaultPorts[scheme] != port {
			host += ":" + port
		}
	}
	prefix = access.PathPrefix(r.Header.Get("X-Forwarded-Prefix"))
	if !isHost(host) {
		return ""
	}
	return scheme + "://" + host + prefix
}

// publicPath is the path of a base URL, below which a proxy serves the whole server.
type pathPrefix string

func publicPath(base string) pathPrefix {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return pathPrefix(access.PathPrefix(u.Path))
}

// strip removes the prefix from a request's path, where the proxy has left it.
func (p pathPrefix) strip(r *http.Request) *http.Request {
	if p == "" {
		return r
	}
	r = access.WithPrefix(r, string(p))
	path, ok := strings.CutPrefix(r.URL.Path, string(p))
	if !ok || path != "" && path[0] != '/' {
		return r
	}
	stripped := *r.URL
	stripped.Path, stripped.RawPath = cmp.Or(path, "/"), ""
	r.URL = &stripped
	return r
}

// isHost reports whether a text can be a host, optionally with a port. Every request is checked.
func isHost(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '-', c == '_', c == ':', c == '[', c == ']':
		default:
			return false
		}
	}
	return s != ""
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// defaultPorts are not written in URLs.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// first is the first of the values that a header's lines list.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	value, _, _ := strings.Cut(values[0], ",")
	return strings.TrimSpace(value)
}
