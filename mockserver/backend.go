package mockserver

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// The engine is what the control API and the page speak to.
var (
	_ control.Journal    = (*Engine)(nil)
	_ control.Deliveries = (*Engine)(nil)
	_ control.Runs       = (*Engine)(nil)
	_ control.Endpoints  = (*Engine)(nil)
	_ control.Clocks     = (*Engine)(nil)
	_ control.Accounts   = (*Engine)(nil)
	_ control.Catalogue  = (*Engine)(nil)
)

func (s *Server) backend() control.Backend {
	e := s.engine
	return control.Backend{Journal: e, Deliveries: e, Runs: e, Endpoints: e, Clocks: e, Accounts: e, Catalogue: e}
}

// since is the Seq after which an account's journal is shown: what was before its last reset is over.
func (e *Engine) since(name string, after uint64) uint64 {
	e.mu.RLock()
	defer e.mu.RUnlock()
	floor := e.accounts[everybody].floor.Load()
	if a := e.accounts[name]; a != nil {
		floor = max(floor, a.floor.Load())
	}
	return max(floor, after)
}

// Read returns what there is of an account's journal after a Seq. The empty name means everybody's.
func (e *Engine) Read(ctx context.Context, name string, after uint64, limit int) ([]store.Entry, error) {
	return e.store.Read(ctx, name, e.since(name, after), limit)
}

// Follow returns what there is of an account's journal after a Seq, and then what comes.
func (e *Engine) Follow(ctx context.Context, name string, after uint64) iter.Seq2[[]store.Entry, error] {
	return e.store.Follow(ctx, name, e.since(name, after))
}

// Stats says what the store holds.
func (e *Engine) Stats(ctx context.Context) (store.Stats, error) { return e.store.Stats(ctx) }

// chosen lists the accounts that a name stands for: one, or all for the empty name, everybody's own first.
func (e *Engine) chosen(ctx context.Context, name string) ([]*account, error) {
	if name != everybody {
		a, err := e.account(ctx, name)
		return []*account{a}, err
	}
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.SortedFunc(maps.Values(e.accounts), func(a, b *account) int { return cmp.Compare(a.name, b.name) }), nil
}

// Clock reads an account's clock; for the empty name the one with which accounts to come start.
func (e *Engine) Clock(ctx context.Context, name string) (clock.State, error) {
	a, err := e.account(ctx, name)
	if err != nil {
		return clock.State{}, err
	}
	return a.clock.State(), nil
}

// Accounts lists the accounts that were used, by name.
func (e *Engine) Accounts(ctx context.Context) ([]control.Account, error) {
	all, err := e.chosen(ctx, everybody)
	if err != nil {
		return nil, err
	}
	told := []control.Account{}
	for _, a := range all {
		if a.name == everybody {
			continue
		}
		one := control.Account{Name: a.name, Seed: a.seed, Clock: a.clock.State(), Credentials: map[string]map[string]string{}}
		for name, p := range e.providers {
			credentials, err := a.credentialsFor(p)
			if err != nil {
				return nil, err
			}
			one.Credentials[name] = map[string]string{}
			for _, key := range p.CredentialNames() {
				one.Credentials[name][key] = fmt.Sprint(credentials[key])
			}
		}
		if one.Pending, err = e.store.Pending(ctx, a.name); err != nil {
			return nil, err
		}
		told = append(told, one)
	}
	return told, nil
}

// Reset puts an account, or everybody, back to how it was when it was opened: no endpoints but those given by flags, no
// armed scenarios, no runs, nothing to come, the clock as everybody's. The journal up to here is no longer shown.
func (e *Engine) Reset(ctx context.Context, name string) error {
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := e.reset(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) reset(ctx context.Context, a *account) error {
	a.settling.Lock()
	defer e.nudge(ctx, a.name)
	defer a.settling.Unlock()
	have, err := e.settingsOf(ctx, a)
	if err != nil {
		return err
	}
	if err := e.store.Drop(ctx, a.name, settingsKey(a.name), runKey(a.name, "", ""), deliveryKey(a.name, "")); err != nil {
		return err
	}
	e.mu.Lock()
	next := e.newAccount(a.name)
	next.floor.Store(a.floor.Load())
	e.accounts[a.name] = next
	e.mu.Unlock()
	a.clock.Unfreeze() // an answer that was held back on the old clock must not wait for ever

	s := e.step(next, next.clock.Now())
	s.tell(journal.Reset{Account: a.name})
	kept := &settings{Endpoints: slices.DeleteFunc(slices.Clone(have.Endpoints), func(ep webhook.Endpoint) bool { return ep.Source != sourceFlag })}
	if len(kept.Endpoints) > 0 {
		doc, err := kept.doc(a.name)
		if err != nil {
			return err
		}
		s.change.Docs = append(s.change.Docs, doc)
	}
	last, err := e.store.Commit(ctx, s.change)
	if err == nil {
		next.floor.Store(last - 1) // the reset itself is shown
	}
	return err
}
