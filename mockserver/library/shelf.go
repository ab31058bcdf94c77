package library

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// FilesSource is the source of the scenarios that a server starts with. Unlike those of other sources they survive a
// reset of every account.
const FilesSource = "files"

const (
	// pastEditions is how many replaced editions of a provider are kept, for runs that began before.
	pastEditions = 256
	// pastBytes bounds the files of replaced editions, each counted once. In memory, a parsed file is many times its text.
	pastBytes = 4 << 20
)

// shelf holds a provider's scenarios. They are replaced as a whole: a reader sees all of the old or all of the new.
type shelf struct {
	provider *openapi.Provider
	current  atomic.Pointer[scenarios.Library] // nil until first used

	mu      sync.Mutex
	shipped []*scenarios.Scenario      // in the provider's directory; nil until first used
	last    int                        // edition
	lasting bool                       // runs may have begun in another process
	past    []*scenarios.Library       // replaced ones, oldest first
	own     map[int]*scenarios.Library // of single accounts, by edition

	files sources // for every account, of any provider. It is replaced, never changed
}

// sources are scenarios by where they came from, the earliest first: of two with one name the later wins.
type sources []source

type source struct {
	name string
	all  []*scenarios.Scenario
}

// with returns the sources with those of one name replaced, and the scenarios that it had before.
func (s sources) with(name string, all []*scenarios.Scenario) (next sources, was []*scenarios.Scenario) {
	next = slices.Clone(s)
	if i := slices.IndexFunc(next, func(have source) bool { return have.name == name }); i >= 0 {
		was = next[i].all
		next[i].all = all
	} else {
		next = append(next, source{name, all})
	}
	return slices.DeleteFunc(next, func(have source) bool { return len(have.all) == 0 }), was
}

// of lists the scenarios of a provider.
func (s sources) of(provider string) []*scenarios.Scenario {
	var found []*scenarios.Scenario
	for _, source := range s {
		for _, scenario := range source.all {
			if scenario.Provider == provider {
				found = append(found, scenario)
			}
		}
	}
	return found
}

// library has the scenarios of accounts without their own. Files are parsed at the first use.
func (s *shelf) library() (*scenarios.Library, error) {
	if l := s.current.Load(); l != nil {
		return l, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.current.Load(); l != nil {
		return l, nil
	}
	l, err := s.build(0, s.files, nil)
	if err == nil {
		s.current.Store(l)
	}
	return l, err
}

// build returns an edition of the shipped scenarios, those of every account and, over both, an account's own. The caller holds s.mu.
func (s *shelf) build(edition int, common, own sources) (*scenarios.Library, error) {
	if s.shipped == nil {
		all, err := shipped(s.provider)
		if err != nil {
			return nil, err
		}
		s.shipped = all
	}
	all := slices.Concat(s.shipped, common.of(s.provider.Name), own.of(s.provider.Name))
	l, err := scenarios.NewEdition(edition, all)
	if err != nil {
		return nil, fmt.Errorf("scenarios of %s: %w", s.provider.Name, err)
	}
	return l, nil
}

// edition returns the library that a run began with.
func (s *shelf) edition(n int) (*scenarios.Library, error) {
	if l, err := s.library(); err != nil || l.Edition == n {
		return l, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if l := s.own[n]; l != nil {
		return l, nil
	}
	if i := slices.IndexFunc(s.past, func(l *scenarios.Library) bool { return l.Edition == n }); i >= 0 {
		return s.past[i], nil
	}
	return nil, fmt.Errorf("the scenarios of %s that the run began with are gone: they were replaced more than %d times since, or by more than %d MiB", s.provider.Name, pastEditions, pastBytes>>20)
}

// retire keeps a replaced library. The caller holds s.mu.
func (s *shelf) retire(l *scenarios.Library) {
	delete(s.own, l.Edition)
	s.past = append(s.past, l)
	s.past = slices.Delete(s.past, 0, len(s.past)-s.kept())
}

// kept returns how many of the replaced libraries are within the bounds, the newest first. The newest always is. The caller holds
// s.mu.
func (s *shelf) kept() (n int) {
	counted := map[*scenarios.Scenario]bool{}
	for _, one := range s.shipped {
		counted[one] = true // is there anyway
	}
	size := 0
	for _, l := range slices.Backward(s.past) {
		for _, one := range l.All() {
			if !counted[one] {
				counted[one] = true
				size += len(one.Text)
			}
		}
		if n > 0 && size > pastBytes || n == pastEditions {
			break
		}
		n++
	}
	return n
}

// retireOwn is retire for the library of an account.
func (s *shelf) retireOwn(l *scenarios.Library) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retire(l)
}

// removeOwn drops the library of an account that has no runs left.
func (s *shelf) removeOwn(l *scenarios.Library) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.own, l.Edition)
}

// buildOwn returns a library for one account, with its own scenarios over every account's.
func (s *shelf) buildOwn(own sources) (*scenarios.Library, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.build(s.last+1, s.files, own)
	if err != nil {
		return nil, err
	}
	s.last++
	if s.own == nil {
		s.own = map[int]*scenarios.Library{}
	}
	s.own[l.Edition] = l
	return l, nil
}

// buildNext returns a library for put.
func (s *shelf) buildNext(files sources) (*scenarios.Library, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.build(s.last+1, files, nil)
	if err == nil {
		s.last++
	}
	return l, err
}

// put replaces the files of every account and, unless it is nil, the library made of them.
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

// uploaded lists the sources of every account's files.
func (s *shelf) uploaded() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var names []string
	for _, source := range s.files {
		names = append(names, source.name)
	}
	return names
}

// inherit continues the shelf of the provider's earlier directory with the scenarios of the present one.
func (s *shelf) inherit(was *shelf) (*scenarios.Library, error) {
	current, err := was.library()
	if err != nil {
		return nil, err
	}
	was.mu.Lock()
	defer was.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.build(was.last+1, was.files, nil)
	if err != nil {
		return nil, err
	}
	s.last, s.files, s.own, s.past = was.last+1, was.files, maps.Clone(was.own), slices.Clone(was.past)
	s.retire(current)
	s.current.Store(l)
	return l, nil
}
