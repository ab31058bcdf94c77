package mockserver

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// FilesSource is the source of the scenarios in [Config.Scenarios]. Unlike what other sources give, these stay when
// everybody is reset.
const FilesSource = "files"

// pastEditions is how many libraries are kept of each provider that others have taken the place of, for runs that began
// before.
const pastEditions = 256

// shelf holds a provider's scenarios. They are replaced as a whole: who reads sees all of the old or all of the new.
type shelf struct {
	provider *openapi.Provider
	current  atomic.Pointer[scenarios.Library] // nil until somebody asks

	mu      sync.Mutex
	shipped []*scenarios.Scenario      // in the provider's folder, or with idmock; nil until somebody asks
	last    int                        // edition
	past    []*scenarios.Library       // that others have taken the place of, the oldest first
	apart   map[int]*scenarios.Library // that accounts have of their own, by edition

	files sources // given to everybody, of any provider. It is replaced, never changed
}

// shelves are the scenarios of one account that others do not have. They are never changed, only replaced.
type shelves struct {
	files     sources
	libraries map[string]*scenarios.Library // by provider, with everybody's beside the account's own
}

// sources are scenarios as they were given, the first first: of two with one name the later is taken.
type sources []source

type source struct {
	name string
	all  []*scenarios.Scenario
}

// with returns the sources with what one of them gives replaced, and what it gave before.
func (s sources) with(name string, all []*scenarios.Scenario) (next sources, was []*scenarios.Scenario) {
	next = slices.Clone(s)
	i := slices.IndexFunc(next, func(one source) bool { return one.name == name })
	switch {
	case i >= 0:
		was = next[i].all
		next[i].all = all
	default:
		next = append(next, source{name, all})
	}
	return slices.DeleteFunc(next, func(one source) bool { return len(one.all) == 0 }), was
}

// of lists what there is of a provider.
func (s sources) of(provider string) []*scenarios.Scenario {
	var mine []*scenarios.Scenario
	for _, one := range s {
		for _, s := range one.all {
			if s.Provider == provider {
				mine = append(mine, s)
			}
		}
	}
	return mine
}

// library is what an account plays from.
func (p *provider) library(a *account) (*scenarios.Library, error) {
	if own := a.own.Load(); own != nil {
		if l := own.libraries[p.Name]; l != nil {
			return l, nil
		}
	}
	return p.shelf.library()
}

// library is what plays for everybody who has nothing else. The files are read at the first use.
func (s *shelf) library() (*scenarios.Library, error) {
	if l := s.current.Load(); l != nil {
		return l, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.current.Load(); l != nil {
		return l, nil
	}
	l, err := s.make(0, s.files, nil)
	if err == nil {
		s.current.Store(l)
	}
	return l, err
}

// make makes a library of what ships, what everybody was given and, over that, own. The caller holds s.mu.
func (s *shelf) make(edition int, everybodys, own sources) (*scenarios.Library, error) {
	if s.shipped == nil {
		all, err := scenariosOf(s.provider)
		if err != nil {
			return nil, err
		}
		s.shipped = all
	}
	all := slices.Concat(s.shipped, everybodys.of(s.provider.Name), own.of(s.provider.Name))
	l, err := scenarios.NewEdition(edition, all)
	if err != nil {
		return nil, fmt.Errorf("scenarios of %s: %w", s.provider.Name, err)
	}
	return l, nil
}

// edition finds the library that a run began with.
func (s *shelf) edition(n int) (*scenarios.Library, error) {
	if l, err := s.library(); err != nil || l.Edition == n {
		return l, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.apart[n]; l != nil {
		return l, nil
	}
	if i := slices.IndexFunc(s.past, func(l *scenarios.Library) bool { return l.Edition == n }); i >= 0 {
		return s.past[i], nil
	}
	return nil, fmt.Errorf("the scenarios of %s that this began with are no longer kept: they have been replaced more than %d times since", s.provider.Name, pastEditions)
}

// retire keeps a library that another has taken the place of. The caller holds s.mu.
func (s *shelf) retire(l *scenarios.Library) {
	delete(s.apart, l.Edition)
	s.past = append(s.past, l)
	if n := len(s.past) - pastEditions; n > 0 {
		s.past = slices.Delete(s.past, 0, n)
	}
}

// leave lets go of what an account had of its own, of which no run is left.
func (s *shelf) leave(l *scenarios.Library) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.apart, l.Edition)
}

func (s *shelf) locked(do func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	do()
}

// apartFor makes a library for one account, of what it was given over everybody's.
func (s *shelf) apartFor(own sources) (*scenarios.Library, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.make(s.last+1, s.files, own)
	if err != nil {
		return nil, err
	}
	s.last++
	if s.apart == nil {
		s.apart = map[int]*scenarios.Library{}
	}
	s.apart[l.Edition] = l
	return l, nil
}

// next makes a library that put is to put in the place of the present one.
func (s *shelf) next(files sources) (*scenarios.Library, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.make(s.last+1, files, nil)
	if err == nil {
		s.last++
	}
	return l, err
}

// put replaces everybody's files and, unless it is nil, their library.
func (s *shelf) put(files sources, l *scenarios.Library) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files = files
	if l == nil {
		return
	}
	if was := s.current.Swap(l); was != nil {
		s.retire(was)
	}
}

// given lists the sources of what everybody was given.
func (s *shelf) given() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, one := range s.files {
		names = append(names, one.name)
	}
	return names
}
