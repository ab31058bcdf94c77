package mockserver

import (
	"net"
	"net/http"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/metrics"
	"github.com/idmock/idmock/mockserver/widget"
)

// handler is the whole route table: a provider by host, a provider by prefix, the control API, the page.
func (s *Server) handler(guard access.Guard) http.Handler {
	c := s.core.config
	token := access.NewToken(c.ControlToken)
	api := guard.Wrap(token.Wrap(httpapi.New(s.Control(), httpapi.Options{Version: c.Version, StrictTargets: c.StrictTargets,
		Events: http.HandlerFunc(s.viewer.Events), Metrics: metrics.New(c.Store, c.Version), Token: token, Logger: c.Logger})))
	page := guard.Wrap(token.Page(s.viewer))
	playground := guard.Wrap(widget.Playground(s.core.sdk()))
	versionHeader := []string{c.Version}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Idmock"] = versionHeader
		switch p := s.provider(r); {
		case p != nil:
			s.serveProvider(p, w, r)
		case strings.HasPrefix(r.URL.Path, control.Base):
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, widget.PlaygroundBase):
			playground.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// serveProvider serves a provider's prefix or host: its browser scripts, and its API behind the middlewares.
func (s *Server) serveProvider(p *library.Provider, w http.ResponseWriter, r *http.Request) {
	switch scripts := s.core.scripts.of(p.Name); {
	case scripts.Owns(r):
		scripts.ServeHTTP(w, r)
	case r.Header["Origin"] != nil && allowPages(p, w, r):
	case s.middleware.none():
		s.respond(p, w, r)
	default:
		s.middleware.serve(p.Name, w, r, func(w http.ResponseWriter, r *http.Request) { s.respond(p, w, r) })
	}
}

// provider returns the provider that a request is for, or nil. The control API is served under every host.
func (s *Server) provider(r *http.Request) *library.Provider {
	if strings.HasPrefix(r.URL.Path, control.Base) {
		return nil
	}
	host := r.Host
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		host = h
	}
	l := s.core.library
	for _, name := range l.Names() {
		if p := l.Provider(name); p.OwnsHost(host) {
			return p
		}
	}
	for _, name := range l.Names() {
		if p := l.Provider(name); p.Owns(host, r.URL.Path) {
			return p
		}
	}
	return nil
}

// allowPages lets a page of another origin read the response, where the real service does. It reports whether the request
// was a preflight request, which is answered.
func allowPages(p *library.Provider, w http.ResponseWriter, r *http.Request) bool {
	if !p.SDK().ForPages(r) {
		return false
	}
	widget.Open(w.Header())
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	widget.Preflight(w, r)
	return true
}
