package mockserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// GiveScenarios parses scenario files and takes them in place of what their source gave before.
func (e *Engine) GiveScenarios(ctx context.Context, f control.ScenarioFiles) ([]control.Scenario, error) {
	served := make([]*openapi.Provider, 0, len(e.names))
	for _, name := range e.names {
		served = append(served, e.providers.of(name).Provider)
	}
	var all []*scenarios.Scenario
	var problems diag.List
	for _, file := range f.Files {
		s, err := Lint(served, file.Name, []byte(file.Text))
		var mistakes diag.List
		if errors.As(err, &mistakes) {
			problems = append(problems, mistakes...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	problems = append(problems, scenarios.Twice(all)...)
	if err := problems.Err(); err != nil {
		return nil, errors.Join(mistaken(problems), e.RefuseScenarios(ctx, f.Account, f.Source, err))
	}
	if err := e.ReplaceScenarios(ctx, f.Account, f.Source, all); err != nil {
		return nil, err
	}
	can, err := e.Scenarios(ctx, f.Account)
	return slices.DeleteFunc(can, func(one control.Scenario) bool {
		return !slices.ContainsFunc(all, func(s *scenarios.Scenario) bool { return s.Provider == one.Provider && s.Name == one.Name })
	}), err
}

func mistaken(problems diag.List) control.Mistakes {
	told := make(control.Mistakes, len(problems))
	for i, p := range problems {
		told[i] = control.Mistake{File: p.File, Line: p.Line, Column: p.Column, Message: p.Message, Source: p.Source}
	}
	return told
}

// ReplaceScenarios gives an account, or everybody for the empty name, scenarios in place of those that the same source
// gave before, while they are being played: all at once, or not at all. A call finds all of the old or all of the new,
// and a run goes on with what it began with, also where that is gone. They win over those of the same name that ship,
// that everybody has, or that another source gave earlier. None takes away what the source gave.
func (e *Engine) ReplaceScenarios(ctx context.Context, name, source string, all []*scenarios.Scenario) error {
	for _, s := range all {
		if e.providers.of(s.Provider) == nil {
			return control.Invalidf("%s: no provider is called %q, want one of %v", s.File, s.Provider, e.names)
		}
	}
	e.shelving.Lock()
	defer e.shelving.Unlock()
	for {
		a, err := e.account(ctx, name)
		if err != nil {
			return err
		}
		err = a.alive(func() error {
			was, err := e.shelve(a, source, all)
			if err != nil {
				return err
			}
			told := journal.Scenarios{Source: source, Given: names(all), Gone: slices.DeleteFunc(names(was), func(one string) bool { return slices.Contains(names(all), one) })}
			_, err = e.store.Commit(ctx, store.Change{Entries: []store.Entry{journal.New(a.name, a.clock.Now(), time.Now(), told)}})
			return err
		})
		if !errors.Is(err, store.ErrConflict) { // reset meanwhile
			return err
		}
	}
}

// RefuseScenarios tells in the journal that a source gave files with mistakes, which are not taken.
func (e *Engine) RefuseScenarios(ctx context.Context, name, source string, mistakes error) error {
	a, err := e.account(ctx, name)
	if err != nil {
		return err
	}
	told := journal.Scenarios{Source: source, Mistakes: mistakes.Error()}
	_, err = e.store.Commit(ctx, store.Change{Entries: []store.Entry{journal.New(a.name, a.clock.Now(), time.Now(), told)}})
	return err
}

func names(all []*scenarios.Scenario) []string {
	var told []string
	for _, s := range all {
		told = append(told, s.Provider+"/"+s.Name)
	}
	return told
}

// shelve replaces what a source gave and returns what that was. The caller holds e.shelving.
func (e *Engine) shelve(a *account, source string, all []*scenarios.Scenario) ([]*scenarios.Scenario, error) {
	if a.name == everybody {
		return e.shelveForAll(source, all)
	}
	own := a.own.Load()
	if own == nil {
		own = &shelves{}
	}
	next := &shelves{libraries: maps.Clone(own.libraries)}
	var was []*scenarios.Scenario
	next.files, was = own.files.with(source, all)
	err := e.remake(a, next, providersOf(slices.Concat(all, was)))
	return was, err
}

// remake makes an account's own libraries of these providers anew.
func (e *Engine) remake(a *account, next *shelves, providers []string) error {
	if next.libraries == nil {
		next.libraries = map[string]*scenarios.Library{}
	}
	var retired []func()
	for _, name := range providers {
		s := &e.providers.of(name).shelf
		if l := next.libraries[name]; l != nil {
			retired = append(retired, func() { s.locked(func() { s.retire(l) }) })
		}
		delete(next.libraries, name)
		if len(next.files.of(name)) == 0 {
			continue
		}
		l, err := s.apartFor(next.files)
		if err != nil {
			return err
		}
		next.libraries[name] = l
	}
	if len(next.libraries) == 0 {
		next = nil
	}
	a.own.Store(next)
	for _, retire := range retired {
		retire()
	}
	return nil
}

// shelveForAll replaces what everybody was given by a source.
func (e *Engine) shelveForAll(source string, all []*scenarios.Scenario) ([]*scenarios.Scenario, error) {
	made := map[string]*scenarios.Library{}
	var files sources
	var was []*scenarios.Scenario
	for _, name := range e.names { // each knows all the files, so that one of them tells what there was
		files, was = e.providers.of(name).shelf.files.with(source, all)
	}
	touched := providersOf(slices.Concat(all, was))
	for _, name := range touched {
		l, err := e.providers.of(name).shelf.next(files)
		if err != nil {
			return nil, err
		}
		made[name] = l
	}
	for _, name := range e.names {
		e.providers.of(name).shelf.put(files, made[name])
	}
	accounts, err := e.chosen(context.Background(), everybody)
	if err != nil {
		return nil, err
	}
	for _, a := range accounts { // what they have of their own stands over what everybody has
		own := a.own.Load()
		if own == nil {
			continue
		}
		mine := slices.DeleteFunc(slices.Clone(touched), func(name string) bool { return own.libraries[name] == nil })
		err := a.alive(func() error {
			return e.remake(a, &shelves{files: own.files, libraries: maps.Clone(own.libraries)}, mine)
		})
		if err != nil && !errors.Is(err, store.ErrConflict) { // put back meanwhile, it has nothing of its own any more
			return nil, fmt.Errorf("account %q: %w", a.name, err)
		}
	}
	return was, nil
}

func providersOf(all []*scenarios.Scenario) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.Provider)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// unshelve takes from an account that was put back what it was given. What the command line gave everybody stays.
func (e *Engine) unshelve(a *account) error {
	if a.name != everybody {
		if own := a.own.Swap(nil); own != nil {
			for name, l := range own.libraries {
				e.providers.of(name).shelf.leave(l)
			}
		}
		return nil
	}
	e.shelving.Lock()
	defer e.shelving.Unlock()
	for _, p := range e.providers.each() {
		for _, one := range p.shelf.given() {
			if one == FilesSource {
				continue
			}
			if _, err := e.shelveForAll(one, nil); err != nil {
				return err
			}
		}
	}
	return nil
}
