package mockserver

import (
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/access"
	"github.com/idmock/idmock/mockserver/control/httpapi"
	"github.com/idmock/idmock/mockserver/metrics"
	"github.com/idmock/idmock/mockserver/widget"
)

// handler is the whole route table: a provider by host, a provider by prefix, the control API, the page.
func (s *Server) handler(guard access.Guard) http.Handler {
	token := access.NewToken(s.config.ControlToken)
	api := guard.Wrap(token.Wrap(httpapi.New(s.backend(), httpapi.Options{Version: s.config.Version, StrictTargets: s.config.StrictTargets, Events: http.HandlerFunc(s.viewer.Events), Metrics: metrics.New(s.engine.store, s.config.Version), Token: token, Logger: s.config.Logger})))
	page := guard.Wrap(token.Page(s.viewer))
	playground := guard.Wrap(widget.Playground(s.engine))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Idmock", s.config.Version)
		switch p := s.provider(r); {
		case p != nil && p.widget.Owns(r):
			p.widget.ServeHTTP(w, r)
		case p != nil && r.Header["Origin"] != nil && s.openToPages(p, w, r):
		case p != nil && s.front.none():
			s.play(p, w, r)
		case p != nil:
			s.front.serve(p.Name, w, r, func(w http.ResponseWriter, r *http.Request) { s.play(p, w, r) })
		case strings.HasPrefix(r.URL.Path, control.Base):
			api.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, widget.PlaygroundBase):
			playground.ServeHTTP(w, r)
		default:
			page.ServeHTTP(w, r)
		}
	})
}

// provider finds the provider that a request is meant for. The control API is reached under every host.
func (s *Server) provider(r *http.Request) *provider {
	if strings.HasPrefix(r.URL.Path, control.Base) {
		return nil
	}
	host := hostOf(r)
	for _, name := range s.engine.names {
		if p := s.engine.providers.of(name); p.OwnsHost(host) {
			return p
		}
	}
	for _, name := range s.engine.names {
		if p := s.engine.providers.of(name); p.Owns(host, r.URL.Path) {
			return p
		}
	}
	return nil
}

// hostOf is the host that a request is for, without a port.
func hostOf(r *http.Request) string {
	if h, _, err := net.SplitHostPort(r.Host); err == nil {
		return h
	}
	return r.Host
}

// openToPages lets a page of another origin read the answer to come, where the real service lets it. It reports whether
// the request only asked if that is so, and is answered.
func (s *Server) openToPages(p *provider, w http.ResponseWriter, r *http.Request) bool {
	if !p.ForPages(r) {
		return false
	}
	widget.Open(w.Header())
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	widget.Preflight(w, r)
	return true
}

// play answers a call to a provider.
func (s *Server) play(p *provider, w http.ResponseWriter, r *http.Request) {
	reply, err := s.engine.Take(p, r, r.Header.Get(ScenarioHeader))
	if reply.Sent != nil {
		defer reply.Sent()
	}
	if err != nil {
		s.config.Logger.Error("call failed", "provider", p.Name, "path", r.URL.Path, "error", err)
		http.Error(w, "idmock: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if reply.Hang {
		<-r.Context().Done() // until whoever calls has had enough, or the server stops
		panic(http.ErrAbortHandler)
	}
	if reply.Wait != nil && reply.Wait(r.Context()) != nil {
		panic(http.ErrAbortHandler)
	}
	for _, h := range reply.Header {
		w.Header()[http.CanonicalHeaderKey(h[0])] = []string{h[1]}
	}
	w.Header()["Content-Length"] = []string{strconv.Itoa(len(reply.Body))}
	if reply.Wrong != nil {
		misplay(w, r, reply)
		return
	}
	w.WriteHeader(reply.Status)
	w.Write(reply.Body) //nolint:errcheck // whoever called has gone; the journal has what was said
	if reply.Sent != nil {
		http.NewResponseController(w).Flush() //nolint:errcheck // as above
	}
}
