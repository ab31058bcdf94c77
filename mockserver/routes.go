package mockserver

import (
	"net"
	"net/http"
	"strings"

	"github.com/idmock/idmock/docs"
	"github.com/idmock/idmock/internal/admission"
	"github.com/idmock/idmock/internal/problem"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/help"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/metrics"
	"github.com/idmock/idmock/mockserver/viewer"
	"github.com/idmock/idmock/mockserver/widget"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
)

// handler is the whole route table: a provider by host, a provider by prefix, the control API, the page, and a 404 that says where
// the providers are. With an address of
// their own, control API and page are served there alone.
func (s *Server) handler(guard access.Guard) http.Handler {
	control := s.controlHandler(guard)
	if s.control != nil {
		control = s.withoutControl(control)
	}
	return s.front(guard, func(w http.ResponseWriter, r *http.Request) {
		if p := s.provider(r); p != nil {
			s.serveProvider(guard, p, w, r)
			return
		}
		if own(r.URL.Path) {
			control.ServeHTTP(w, r)
			return
		}
		s.stray(guard, w, r)
	})
}

// singleHandler serves one provider, whatever the path and the host of a request. A reload may have removed it.
func (s *Server) singleHandler(guard access.Guard, name string) http.Handler {
	return s.front(guard, func(w http.ResponseWriter, r *http.Request) {
		if p := s.core.library.Provider(name); p != nil {
			s.serveProvider(guard, p, w, r)
			return
		}
		s.stray(guard, w, r)
	})
}

// own reports whether a path is of the control API or the page.
func own(path string) bool {
	return viewer.Serves(path) || strings.HasPrefix(path, "/_idmock/") || strings.HasPrefix(path, widget.PlaygroundBase)
}

// front is in front of every door: it checks browsers' hosts and bounds bodies.
func (s *Server) front(guard access.Guard, next http.HandlerFunc) http.Handler {
	c := s.core.config
	under, versionHeader := publicPath(c.PublicURL), []string{c.Version}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["X-Idmock"] = versionHeader
		if err := guard.Door(r); err != nil {
			access.Forbid(w, err)
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			var body *admission.Body
			r, body = s.bodies.Limit(w, r, openapi.MaxBody+1)
			defer body.Release()
		}
		next(w, under.strip(r))
	})
}

// controlHandler serves the control API and the page.
func (s *Server) controlHandler(guard access.Guard) http.Handler {
	c := s.core.config
	token := access.NewToken(c.ControlToken, access.Options{Port: s.controlPort(), Store: c.Store, Logger: c.Logger})
	api := httpapi.New(s.Control(), httpapi.Options{Version: c.Version, StrictTargets: c.StrictTargets,
		Events: http.HandlerFunc(s.viewer.Events), Metrics: metrics.New(c.Store, c.Version), Token: token, ProviderSchema: settings.Schema, Logger: c.Logger})
	playground := widget.Playground(s.core.sdk(), s.core.scripts.pass)
	guides := help.New(docs.Pages, docs.Repository)
	// Every path is behind guard and token: a new one is protected unless access.PublicPaths lists it.
	return guard.Wrap(token.Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, control.Base):
			w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, widget.PlaygroundBase):
			playground.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, help.Base):
			guides.ServeHTTP(w, r)
		default:
			s.viewer.ServeHTTP(w, r)
		}
	})))
}

// withoutControl serves only the probes and the built-in receiver of the control API, where the rest has another address.
func (s *Server) withoutControl(all http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := strings.TrimPrefix(r.URL.Path, control.Base); {
		case path == "/health", path == "/ready", strings.HasPrefix(path, "/receiver/"):
			all.ServeHTTP(w, r)
		default:
			_ = problem.New(http.StatusNotFound, "the control API and the page are at %s", s.ControlURL()).Write(w)
		}
	})
}

// serveProvider serves a provider's prefix or host: its browser scripts, and its API behind the middlewares.
func (s *Server) serveProvider(guard access.Guard, p *library.Provider, w http.ResponseWriter, r *http.Request) {
	if scripts := s.core.scripts.of(p.Name); scripts.Owns(r) {
		scripts.ServeHTTP(w, r)
		return
	}
	p.Load()
	forPages := p.SDK().ForPages(r)
	contain(w.Header(), forPages)
	if forPages && r.Header["Origin"] != nil && allowPages(w, r) {
		return
	}
	if !forPages { // pages have no business here: the real service sends them no CORS headers either
		if err := guard.Origin(r); err != nil {
			access.Forbid(w, err)
			return
		}
	}
	if s.middleware.none() {
		s.respond(p, w, r)
		return
	}
	s.middleware.serve(p.Name, w, r, func(w http.ResponseWriter, r *http.Request) { s.respond(p, w, r) })
}

// contain keeps a provider's response from acting as a page of the server's origin: scenarios decide its content.
func contain(h http.Header, forPages bool) {
	h["Content-Security-Policy"] = sandboxed
	h["X-Content-Type-Options"] = nosniff
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	if forPages {
		h["Cross-Origin-Resource-Policy"] = crossOrigin
	}
}

// Values of headers that every response has. They are not modified.
var (
	sandboxed   = []string{"sandbox"}
	nosniff     = []string{"nosniff"}
	sameOrigin  = []string{"same-origin"}
	crossOrigin = []string{"cross-origin"}
)

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
func allowPages(w http.ResponseWriter, r *http.Request) bool {
	widget.Open(w.Header())
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	widget.Preflight(w, r)
	return true
}
