package mockserver

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Middleware gets a request to a provider before it is answered. It answers it, or hands it to next.
type Middleware func(w http.ResponseWriter, r *http.Request, next http.Handler)

// middlewares are in front of the providers' APIs. The zero value has none, and costs a request one look.
type middlewares struct {
	mu  sync.Mutex // to change all
	all atomic.Pointer[[]*middleware]
}

type middleware struct {
	provider string
	handle   Middleware
}

// Use puts a middleware in front of a provider's API, outside of those that are there, until remove is called. Requests that
// are in it then stay in it.
func (s *Server) Use(provider string, m Middleware) (remove func()) {
	added := &middleware{provider, m}
	s.middleware.change(func(all []*middleware) []*middleware { return append(all, added) })
	return func() {
		s.middleware.change(func(all []*middleware) []*middleware {
			return slices.DeleteFunc(all, func(have *middleware) bool { return have == added })
		})
	}
}

func (m *middlewares) change(edit func([]*middleware) []*middleware) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*middleware
	if have := m.all.Load(); have != nil {
		all = slices.Clone(*have)
	}
	if all = edit(all); len(all) == 0 {
		m.all.Store(nil)
		return
	}
	m.all.Store(&all)
}

func (m *middlewares) none() bool { return m.all.Load() == nil }

// serve hands a request to the middlewares of a provider, and then to next.
func (m *middlewares) serve(provider string, w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
	if all := m.all.Load(); all != nil {
		for _, have := range *all {
			if inner := next; have.provider == provider {
				next = func(w http.ResponseWriter, r *http.Request) { have.handle(w, r, inner) }
			}
		}
	}
	next(w, r)
}
