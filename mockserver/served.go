package mockserver

import (
	"maps"
	"sync/atomic"
)

// served are the providers by their names. One can be replaced while the server runs: whoever has the old one goes on
// with that. The zero value serves none. It is changed under Engine.shelving, or before anybody else has it.
type served struct {
	all atomic.Pointer[map[string]*provider]
}

// of returns a provider, or nil.
func (s *served) of(name string) *provider { return s.each()[name] }

// each is all of them. It must not be changed.
func (s *served) each() map[string]*provider {
	if all := s.all.Load(); all != nil {
		return *all
	}
	return nil
}

// put serves a provider, in place of the one of its name.
func (s *served) put(p *provider) {
	all := maps.Clone(s.each())
	if all == nil {
		all = map[string]*provider{}
	}
	all[p.Name] = p
	s.all.Store(&all)
}
