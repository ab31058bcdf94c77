package mockserver

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// manyDropped is how many ends of accounts are kept before those are looked for that nobody needs any more.
const manyDropped = 1024

// Account tells of one account. It opens none: the error is store.ErrNotFound for one that nobody has used.
func (e *Engine) Account(ctx context.Context, name string) (control.Account, error) {
	a := e.known(name)
	if a == nil || name == everybody {
		return control.Account{}, unknownAccount(name)
	}
	return e.tellAccount(ctx, a)
}

func unknownAccount(name string) error {
	return fmt.Errorf("account %q: %w: nobody has used it yet, or it was dropped", name, store.ErrNotFound)
}

// Drop takes an account away with everything: runs, what is still to come, endpoints, armed scenarios, seed and clock.
// Readers of the journal are told, and what was before is no longer shown. Whoever uses the name again opens a new
// account. What is under way ends as with [Engine.Reset].
func (e *Engine) Drop(ctx context.Context, name string) error {
	if name == everybody || e.known(name) == nil {
		return unknownAccount(name)
	}
	a, err := e.lock(ctx, name)
	if err != nil {
		return err
	}
	defer e.moved.add(name)
	defer a.settling.Unlock()
	a.life.Lock()
	defer a.life.Unlock()
	if err := e.store.Drop(ctx, name, append(belongings(name), settingsKey(name))...); err != nil {
		return err
	}
	e.fresh.drop(deliveryKey(name, ""))
	e.copied.drop(deliveryKey(name, ""))
	gone := journal.New(name, a.clock.Now(), time.Now(), journal.Reset{Account: name, Dropped: true})
	last, err := e.store.Commit(ctx, store.Change{Entries: []store.Entry{gone}})
	if err != nil {
		return err
	}
	stats, err := e.store.Stats(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	delete(e.accounts, name)
	if len(e.dropped) >= manyDropped { // before the oldest entry there is nothing to hide
		maps.DeleteFunc(e.dropped, func(_ string, end uint64) bool { return end < stats.Oldest })
	}
	e.dropped[name] = last - 1 // the end itself is shown
	e.mu.Unlock()
	e.owners.forget(a)
	a.leave()
	return e.unshelve(a)
}

// SetSeed opens an account with a seed, or gives it to one that is open and has made nothing up yet: names that were
// given out cannot be taken back. A reset starts from the seed again; dropping the account forgets it.
func (e *Engine) SetSeed(ctx context.Context, name string, seed uint64) error {
	if name == everybody {
		return control.Invalidf("everybody has no seed of their own: start the server with another")
	}
	a, err := e.lock(ctx, name)
	if err != nil {
		return err
	}
	defer a.settling.Unlock()
	a.life.Lock()
	defer a.life.Unlock()
	if a.seed == seed {
		return nil
	}
	if a.ids.Load() > 0 {
		return control.Invalidf("account %q has made up names from the seed %d already: set a seed before anything else, or reset the account first", name, a.seed)
	}
	err = e.change(ctx, a, func(s *settings) (journal.Data, error) {
		s.Seed = &seed
		return journal.Account{Account: name, Seed: seed, Rough: e.rough.tell(e.seed)}, nil
	})
	if err != nil {
		return err
	}
	e.owners.forget(a)
	e.mu.Lock()
	next := e.newAccount(name)
	next.seed, next.clock = seed, a.clock
	next.floor.Store(a.floor.Load())
	next.own.Store(a.own.Load())
	e.accounts[name] = next
	e.mu.Unlock()
	a.gone = true
	a.begin()
	a.end() // whoever waits for its work looks at the new one
	return nil
}
