package library

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/scenarios"
)

// overlay is the scenarios of one account that others do not have. It is replaced, never changed.
type overlay struct {
	files     sources
	libraries map[string]*scenarios.Library // by provider, with every account's scenarios below the account's own
}

// overlays are the overlays of accounts, by name. The zero value has none.
type overlays struct {
	any atomic.Bool // until one is set, nothing looks for one
	mu  sync.RWMutex
	all map[string]*overlay
}

func (o *overlays) get(account string) *overlay {
	if !o.any.Load() {
		return nil
	}
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.all[account]
}

func (o *overlays) set(account string, next *overlay) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if next == nil {
		delete(o.all, account)
		return
	}
	if o.all == nil {
		o.all = map[string]*overlay{}
	}
	o.all[account] = next
	o.any.Store(true)
}

func (o *overlays) accounts() []string {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return slices.Sorted(maps.Keys(o.all))
}

// Of returns the scenarios of a provider that an account plays from.
func (l *Library) Of(account string, p *Provider) (*scenarios.Library, error) {
	if own := l.overlays.get(account); own != nil {
		if library := own.libraries[p.Name]; library != nil {
			return library, nil
		}
	}
	return p.shelf.library()
}

// Machine returns a scenario as a run began it: by the edition of its library.
func (p *Provider) Machine(edition int, scenario string) (*scenarios.Machine, error) {
	library, err := p.shelf.edition(edition)
	if err != nil && p.shelf.lasting {
		library, err = p.shelf.present(scenario)
	}
	if err != nil {
		return nil, err
	}
	return library.Machine(scenario)
}

// Replace gives an account, or every account for the default one, scenarios in place of the source's earlier ones, and
// returns those. No scenarios remove the earlier ones.
func (l *Library) Replace(name, source string, all []*scenarios.Scenario) (was []*scenarios.Scenario, err error) {
	l.replacing.Lock()
	defer l.replacing.Unlock()
	if name == account.Default {
		return l.replaceForAll(source, all)
	}
	have := l.overlays.get(name)
	if have == nil {
		have = &overlay{}
	}
	next := &overlay{libraries: maps.Clone(have.libraries)}
	next.files, was = have.files.with(source, all)
	return was, l.rebuild(name, next, providersOf(slices.Concat(all, was)))
}

// rebuild makes an account's own libraries of these providers again, and sets its overlay.
func (l *Library) rebuild(account string, next *overlay, providers []string) error {
	if next.libraries == nil {
		next.libraries = map[string]*scenarios.Library{}
	}
	var retired []func()
	for _, name := range providers {
		s := &l.Provider(name).shelf
		if was := next.libraries[name]; was != nil {
			retired = append(retired, func() { s.retireOwn(was) })
		}
		delete(next.libraries, name)
		if len(next.files.of(name)) == 0 {
			continue
		}
		own, err := s.buildOwn(next.files)
		if err != nil {
			return err
		}
		next.libraries[name] = own
	}
	if len(next.libraries) == 0 {
		next = nil
	}
	l.overlays.set(account, next)
	for _, retire := range retired {
		retire()
	}
	return nil
}

func (l *Library) replaceForAll(source string, all []*scenarios.Scenario) ([]*scenarios.Scenario, error) {
	var files sources
	var was []*scenarios.Scenario
	for _, name := range l.names { // each has the files of all
		files, was = l.Provider(name).shelf.files.with(source, all)
	}
	touched := providersOf(slices.Concat(all, was))
	built := map[string]*scenarios.Library{}
	for _, name := range touched {
		next, err := l.Provider(name).shelf.buildNext(files)
		if err != nil {
			return nil, err
		}
		built[name] = next
	}
	for _, name := range l.names {
		l.Provider(name).shelf.put(files, built[name])
	}
	return was, l.rebuildOverlays(touched)
}

// rebuildOverlays rebuilds the overlays of accounts after scenarios of these providers were replaced.
func (l *Library) rebuildOverlays(providers []string) error {
	for _, name := range l.overlays.accounts() {
		own := l.overlays.get(name)
		touched := slices.DeleteFunc(slices.Clone(providers), func(provider string) bool { return own.libraries[provider] == nil })
		if len(touched) == 0 {
			continue
		}
		if err := l.rebuild(name, &overlay{files: own.files, libraries: maps.Clone(own.libraries)}, touched); err != nil {
			return err
		}
	}
	return nil
}

// Forget removes the scenarios of an account that is reset or deleted; for the default account those of every account but
// for the files that the server started with.
func (l *Library) Forget(name string) error {
	l.replacing.Lock()
	defer l.replacing.Unlock()
	if name != account.Default {
		own := l.overlays.get(name)
		if own == nil {
			return nil
		}
		l.overlays.set(name, nil)
		for provider, library := range own.libraries {
			l.Provider(provider).shelf.removeOwn(library)
		}
		return nil
	}
	for _, provider := range l.names {
		for _, source := range l.Provider(provider).shelf.uploaded() {
			if source == FilesSource {
				continue
			}
			if _, err := l.replaceForAll(source, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// providersOf lists the providers of scenarios, each once.
func providersOf(all []*scenarios.Scenario) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.Provider)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
