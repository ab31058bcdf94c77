package account

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// SourceFlag is the Source of an endpoint that was registered by a flag. Such endpoints survive a reset.
const SourceFlag = "flag"

// maxDeleted is how many ends of deleted accounts are kept before those are dropped that hide no entry any more.
const maxDeleted = 1024

// Reset returns an account, or every account for the default one, to how it was opened: no endpoints but those of flags,
// no uploaded or pending scenarios, no default scenario, no faults and holds, no runs, no jobs, and the default account's
// clock. A seed that was set stays. Earlier entries of the journal are hidden.
//
// The same requests then lead to the same IDs again. So work under way for the account is not written any more:
// responses that were delayed go out, attempts end, and neither leaves a trace.
func (s *Accounts) Reset(ctx context.Context, name string) error {
	names := []string{name}
	if name == Default {
		if err := s.records.others(ctx, s); err != nil {
			return err
		}
		s.mu.Lock()
		s.clock = s.config.NewClock()
		names = slices.Sorted(maps.Keys(s.accounts))
		s.mu.Unlock()
	}
	for _, each := range names {
		err := s.resetOne(ctx, each)
		if errors.Is(err, store.ErrNotFound) && name == Default {
			continue // deleted meanwhile
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Accounts) resetOne(ctx context.Context, name string) error {
	a, err := s.Lock(name)
	if err != nil {
		return err
	}
	defer s.Woken.Add(name)
	defer a.Advancing.Unlock()
	a.life.Lock()
	defer a.life.Unlock()
	if err := s.store.Drop(ctx, name, tx.Prefixes(name)...); err != nil {
		return err
	}
	s.mu.Lock()
	next := s.make(name)
	s.mu.Unlock()
	last, err := s.resetSettings(ctx, next)
	if err != nil {
		return err
	}
	next.floor.Store(last - 1) // the reset itself is shown
	next.generation = a.generation + 1
	if s.records != nil {
		if _, err := logRecorded(ctx, s, next, next.Now(), nil); err != nil {
			return err
		}
	}
	err = forget(s.onReset, name)
	s.mu.Lock()
	s.put(next)
	s.mu.Unlock()
	a.leave()
	return err
}

func forget(onReset []func(account string) error, name string) error {
	var failures []error
	for _, forget := range onReset {
		failures = append(failures, forget(name))
	}
	return errors.Join(failures...)
}

// resetSettings keeps the settings of flags, and logs the reset. It returns the Seq of that entry.
func (s *Accounts) resetSettings(ctx context.Context, a *Account) (last uint64, err error) {
	err = tx.Retry(func() error {
		have, err := s.Settings(ctx, a)
		if err != nil {
			return err
		}
		a.applySeed(have)
		t := tx.Begin(s.store, unguarded{a}, a.Now())
		t.Log(journal.Reset{Account: a.name, Rough: s.config.Random})
		if have.rev > 0 {
			doc, err := have.reset().doc(a.name)
			if err != nil {
				return err
			}
			t.Put(doc)
		}
		err = t.Commit(ctx)
		last = t.Seq()
		return err
	}, nil)
	return last, err
}

// reset returns the settings that survive a reset.
func (s *Settings) reset() *Settings {
	kept := &Settings{rev: s.rev, Seed: s.Seed}
	for _, ep := range s.Endpoints {
		if ep.Source == SourceFlag {
			kept.Endpoints = append(kept.Endpoints, ep)
		}
	}
	return kept
}

// Delete removes an account with everything: runs, jobs, endpoints, pending scenarios, seed and clock. Its earlier
// entries are hidden; readers of the journal get an entry for the end. Using the name again opens a new account. Work
// under way ends as with Reset. The error is store.ErrNotFound for an account that is not open.
func (s *Accounts) Delete(ctx context.Context, name string) error {
	if name == Default {
		return NotOpen(s, name)
	}
	a, err := s.Lock(name)
	if err != nil {
		return err
	}
	defer s.Woken.Add(name)
	defer a.Advancing.Unlock()
	a.life.Lock()
	defer a.life.Unlock()
	if err := s.store.Drop(ctx, name, append(tx.Prefixes(name), tx.SettingsKey(name))...); err != nil {
		return err
	}
	last, err := s.logged(ctx, a, a.Now(), journal.Reset{Account: name, Dropped: true})
	if err != nil {
		return err
	}
	if err := s.records.close(ctx, name, last-1); err != nil {
		return err
	}
	stats, err := s.store.Stats(ctx)
	if err != nil {
		return err
	}
	err = forget(s.onReset, name)
	s.mu.Lock()
	s.remove(name)
	s.deleted[name] = last - 1 // the end itself is shown
	s.mu.Unlock()
	trimDeleted(s, stats.Oldest)
	s.index.forget(a)
	a.leave()
	return err
}

// trimDeleted forgets ends of accounts, if they are many, before the oldest entry: there is nothing to hide.
func trimDeleted(s *Accounts, oldest uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.deleted) >= maxDeleted {
		maps.DeleteFunc(s.deleted, func(_ string, end uint64) bool { return end < oldest })
	}
}

// SetSeed opens an account with a seed, or gives one to an account that has made no ID yet: IDs that were handed out
// cannot be taken back. A reset starts from the seed again; deleting the account forgets it.
func (s *Accounts) SetSeed(ctx context.Context, name string, seed uint64) error {
	if name == Default {
		return control.Invalidf("the default account has no seed of its own: start the server with another seed")
	}
	a, err := openLocked(ctx, s, name)
	if err != nil {
		return err
	}
	defer a.Advancing.Unlock()
	a.life.Lock()
	defer a.life.Unlock()
	if a.seed == seed {
		return nil
	}
	if a.ids.Load() > 0 {
		return control.Invalidf("account %q has generated IDs from seed %d already: set a seed first, or reset the account", name, a.seed)
	}
	err = s.Change(ctx, a, func(set *Settings) (journal.Data, error) {
		set.Seed = &seed
		return journal.Account{Account: name, Seed: seed, Rough: s.config.Random}, nil
	})
	if err != nil {
		return err
	}
	s.index.forget(a)
	s.mu.Lock()
	next := s.make(name)
	next.seed, next.clock = seed, a.clock
	next.floor.Store(a.floor.Load())
	s.put(next)
	s.mu.Unlock()
	a.gone = true
	a.Wake()
	return nil
}

// openLocked is Lock for an account that need not be open.
func openLocked(ctx context.Context, s *Accounts, name string) (*Account, error) {
	for {
		if _, err := s.Open(ctx, name); err != nil {
			return nil, err
		}
		if a, err := s.Lock(name); err == nil { // or it was deleted meanwhile
			return a, nil
		}
	}
}
