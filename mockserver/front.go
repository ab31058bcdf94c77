package mockserver

import (
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
)

// Gate gets a call to a provider before it is played. It answers it, or hands it to next.
type Gate func(w http.ResponseWriter, r *http.Request, next http.Handler)

// front is the gates before the providers' APIs. The zero value has none, and costs a call one look.
type front struct {
	mu  sync.Mutex // to change all
	all atomic.Pointer[[]*gated]
}

type gated struct {
	provider string
	gate     Gate
}

// Front puts a gate before a provider's API, on the outside of those that are there, until end is called. Calls that are
// in it then stay in it.
func (s *Server) Front(provider string, g Gate) (end func()) {
	one := &gated{provider, g}
	s.front.change(func(all []*gated) []*gated { return append(all, one) })
	return func() {
		s.front.change(func(all []*gated) []*gated {
			return slices.DeleteFunc(all, func(other *gated) bool { return other == one })
		})
	}
}

func (f *front) change(edit func([]*gated) []*gated) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []*gated
	if have := f.all.Load(); have != nil {
		all = slices.Clone(*have)
	}
	if all = edit(all); len(all) == 0 {
		f.all.Store(nil)
		return
	}
	f.all.Store(&all)
}

func (f *front) none() bool { return f.all.Load() == nil }

// serve hands a call to the gates of a provider, and what they leave to play.
func (f *front) serve(provider string, w http.ResponseWriter, r *http.Request, play http.HandlerFunc) {
	if all := f.all.Load(); all != nil {
		for _, one := range *all {
			if next := play; one.provider == provider {
				play = func(w http.ResponseWriter, r *http.Request) { one.gate(w, r, next) }
			}
		}
	}
	play(w, r)
}
