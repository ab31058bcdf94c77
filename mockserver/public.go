package mockserver

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/headervalue"
	"github.com/idmock/idmock/mockserver/control"
)

// PublicURL is the base URL that was set, empty where it is learnt from each request.
func (e *Engine) PublicURL(context.Context) (string, error) {
	if set := e.public.Load(); set != nil {
		return *set, nil
	}
	return "", nil
}

// SetPublicURL says under which base URL applications reach the server, whatever their requests say. The empty one has
// it learnt from each request again.
func (e *Engine) SetPublicURL(_ context.Context, text string) error {
	if text == "" {
		e.public.Store(nil)
		return nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return control.Invalidf("%q is no base URL: want one such as http://idmock.test:8080, perhaps with a path", text)
	}
	text = strings.TrimRight(text, "/")
	e.public.Store(&text)
	return nil
}

// base is the URL below which whoever called last for an account reaches a provider.
func (e *Engine) base(a *account, p *provider) string {
	if set := e.public.Load(); set != nil {
		return p.below(*set)
	}
	if learnt := a.public.Load(); learnt != nil {
		return p.below(*learnt)
	}
	return p.below(e.self)
}

// baseOf is base for a call that came by way of a root.
func (e *Engine) baseOf(a *account, p *provider, root string) string {
	if root == "" || e.public.Load() != nil {
		return e.base(a, p)
	}
	return p.below(root)
}

// learn remembers under which URL an account's calls come: what is told later, in a webhook, has no request to go by.
func (a *account) learn(root string) {
	if have := a.public.Load(); root != "" && (have == nil || *have != root) {
		a.public.Store(&root)
	}
}

// below is the provider's base URL under a server's. A host of the provider's own needs no prefix.
func (p *provider) below(root string) string {
	_, host, _ := strings.Cut(root, "://")
	host, _, _ = strings.Cut(host, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if p.OwnsHost(host) {
		return root
	}
	return root + p.Prefix
}

var prefixForm = regexp.MustCompile(`^(/[A-Za-z0-9._~%-]+)+$`)

// isHost reports whether a text can be a host, perhaps with a port. It is looked at on every call.
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

// rootOf is the base URL under which a request reached the server, as its Host says, or the proxy in front in Forwarded
// (RFC 7239) or X-Forwarded-Proto, -Host, -Port and -Prefix. Of several proxies the one nearest to the caller counts. It
// is empty for a request that never was on a wire.
func rootOf(r *http.Request) string {
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
		if port := first(r.Header["X-Forwarded-Port"]); !strings.Contains(h, ":") && isPort(port) && usual[scheme] != port {
			host += ":" + port
		}
	}
	if p := strings.TrimRight(first(r.Header["X-Forwarded-Prefix"]), "/"); p != "" && prefixForm.MatchString(p) {
		prefix = p
	}
	if !isHost(host) {
		return ""
	}
	return scheme + "://" + host + prefix
}

func isPort(s string) bool {
	n, err := strconv.ParseUint(s, 10, 16)
	return err == nil && n > 0
}

// usual are the ports that are not written.
var usual = map[string]string{"http": "80", "https": "443"}

// first is the first of the values that a header's lines list.
func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	value, _, _ := strings.Cut(values[0], ",")
	return strings.TrimSpace(value)
}
