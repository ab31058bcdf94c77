package mockserver

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Reset puts an account, or everybody, back to how it was when it was opened: no endpoints but those given by flags, no
// scenarios that were given while it ran, none armed, no default of its own, no runs, nothing to come, the clock as everybody's. A seed that was set stays.
// The journal up to here is no longer shown.
//
// The same calls then lead to the same names again. So whatever was under way for the account as it was is no longer
// written: answers that were held back go out, attempts go on to their end, and neither leaves a trace.
func (e *Engine) Reset(ctx context.Context, name string) error {
	names := []string{name}
	if name == everybody {
		e.mu.Lock()
		e.clock = e.newClock()
		names = slices.Sorted(maps.Keys(e.accounts))
		e.mu.Unlock()
	}
	for _, name := range names {
		a, err := e.lock(ctx, name)
		if err != nil {
			return err
		}
		err = e.reset(ctx, a)
		a.settling.Unlock()
		e.moved.add(name)
		if err == nil {
			err = e.unshelve(a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// belongings are what the keys of an account's documents begin with, its settings aside.
func belongings(account string) []string {
	return []string{runKey(account, "", ""), deliveryKey(account, ""), keptKey(account, ""), countKey(account, ""), armedKey(account, 0)}
}

// reset replaces an account. The caller holds a.settling.
func (e *Engine) reset(ctx context.Context, a *account) error {
	a.life.Lock()
	defer a.life.Unlock()
	if err := e.store.Drop(ctx, a.name, belongings(a.name)...); err != nil {
		return err
	}
	e.fresh.drop(deliveryKey(a.name, ""))
	e.copied.drop(deliveryKey(a.name, ""))
	e.mu.Lock()
	next := e.newAccount(a.name)
	e.mu.Unlock()
	last, err := e.resetSettings(ctx, next)
	if err != nil {
		return err
	}
	next.floor.Store(last - 1) // the reset itself is shown
	e.mu.Lock()
	e.accounts[a.name] = next
	e.mu.Unlock()
	a.leave()
	return nil
}

// leave ends an account that is not the one of its name any more. The caller holds a.life.
func (a *account) leave() {
	a.gone = true
	a.clock.AdvanceTo(time.Unix(1<<40, 0)) // whoever waits for its time need not any more
	a.begin()
	a.end() // nor whoever waits for its work
}

// resetSettings keeps of an account's settings what flags gave, and tells of the reset. It returns the Seq of that.
func (e *Engine) resetSettings(ctx context.Context, a *account) (uint64, error) {
	for {
		have, err := e.settingsOf(ctx, a)
		if err != nil {
			return 0, err
		}
		a.sow(have)
		s := e.step(a, a.clock.Now())
		s.tell(journal.Reset{Account: a.name, Rough: e.rough.tell(e.seed)})
		if have.rev > 0 {
			kept := &settings{rev: have.rev, Seed: have.Seed}
			for _, ep := range have.Endpoints {
				if ep.Source == sourceFlag {
					kept.Endpoints = append(kept.Endpoints, ep)
				}
			}
			doc, err := kept.doc(a.name)
			if err != nil {
				return 0, err
			}
			s.change.Docs = []store.Doc{doc}
		}
		last, err := e.store.Commit(ctx, s.change)
		if !errors.Is(err, store.ErrConflict) {
			return last, err
		}
	}
}
