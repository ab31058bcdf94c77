package mockserver

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// ReplaceProvider serves a provider as its folder is now, in place of the one of its name, while calls come in. Calls and
// attempts under way end as they began; a run goes on with the scenario that it began with. What accounts were given of
// its scenarios stays, and so do endpoints and what is armed. Credentials are derived anew.
func (e *Engine) ReplaceProvider(ctx context.Context, p *openapi.Provider) error {
	e.shelving.Lock()
	defer e.shelving.Unlock()
	was := e.providers.of(p.Name)
	if was == nil {
		return control.Invalidf("no provider is called %q, want one of %v", p.Name, e.names)
	}
	next, err := newProvider(p, nil)
	if err != nil {
		return err
	}
	if next.widget, err = newWidget(p, e.version, e); err != nil {
		return err
	}
	next.given, next.keys = was.given, was.keys
	library, err := next.shelf.inherit(&was.shelf)
	if err != nil {
		return err
	}
	e.providers.put(next)
	accounts, err := e.chosen(ctx, everybody)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		e.owners.forgetOne(a, p.Name)
		own := a.own.Load()
		if own == nil || own.libraries[p.Name] == nil {
			continue
		}
		if err := e.remake(a, &shelves{files: own.files, libraries: maps.Clone(own.libraries)}, []string{p.Name}); err != nil {
			return fmt.Errorf("account %q: %w", a.name, err)
		}
	}
	all, err := e.account(ctx, everybody)
	if err != nil {
		return err
	}
	told := journal.Scenarios{Source: "provider " + p.Name, Given: names(library.All())}
	_, err = e.store.Commit(ctx, store.Change{Entries: []store.Entry{journal.New(everybody, all.clock.Now(), time.Now(), told)}})
	return err
}

// inherit goes on where the shelf of a provider's former folder left off, with what the present folder ships.
func (s *shelf) inherit(was *shelf) (*scenarios.Library, error) {
	current, err := was.library()
	if err != nil {
		return nil, err
	}
	was.mu.Lock()
	defer was.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	l, err := s.make(was.last+1, was.files, nil)
	if err != nil {
		return nil, err
	}
	s.last, s.files, s.apart, s.past = was.last+1, was.files, maps.Clone(was.apart), slices.Clone(was.past)
	s.retire(current)
	s.current.Store(l)
	return l, nil
}
