package mockserver

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// The engine is what the control API and the page speak to.
var (
	_ control.Journal      = (*Engine)(nil)
	_ control.Deliveries   = (*Engine)(nil)
	_ control.Runs         = (*Engine)(nil)
	_ control.Endpoints    = (*Engine)(nil)
	_ control.Clocks       = (*Engine)(nil)
	_ control.Accounts     = (*Engine)(nil)
	_ control.Catalogue    = (*Engine)(nil)
	_ control.Fidelities   = (*Engine)(nil)
	_ control.Faults       = (*Engine)(nil)
	_ control.Operations   = (*Engine)(nil)
	_ control.PublicURLs   = (*Engine)(nil)
	_ control.Shelf        = (*Engine)(nil)
	_ control.Sender       = (*Engine)(nil)
	_ control.Environments = (*Engine)(nil)
)

func (s *Server) backend() control.Backend {
	e := s.engine
	made := control.Backend{Journal: e, Deliveries: e, Runs: e, Endpoints: e, Clocks: e, Accounts: e, Catalogue: e, Fidelities: e, Faults: e, Holds: e, Operations: e, PublicURLs: e, Shelf: e, Sender: e, Environments: e}
	if s.checks != nil {
		made.Checks = s.checks
	}
	return made
}

// since is the Seq after which an account's journal is shown: what was before its last reset is over.
func (e *Engine) since(name string, after uint64) uint64 {
	e.mu.RLock()
	defer e.mu.RUnlock()
	floor := e.accounts[everybody].floor.Load()
	if a := e.accounts[name]; a != nil {
		floor = max(floor, a.floor.Load())
	}
	floor = max(floor, e.dropped[name])
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
		one, err := e.tellAccount(ctx, a)
		if err != nil {
			return nil, err
		}
		told = append(told, one)
	}
	return told, nil
}

func (e *Engine) tellAccount(ctx context.Context, a *account) (control.Account, error) {
	set, err := e.settingsOf(ctx, a)
	if err != nil {
		return control.Account{}, err
	}
	one := control.Account{Name: a.name, Seed: a.seed, Clock: a.state(), Defaults: set.Defaults, Credentials: map[string]map[string]string{},
		Rotation: map[string]map[string]string{}}
	for name, p := range e.providers.each() {
		credentials, err := a.credentialsFor(p)
		if err != nil {
			return control.Account{}, err
		}
		one.Credentials[name] = map[string]string{}
		for _, key := range p.CredentialNames() {
			one.Credentials[name][key] = fmt.Sprint(credentials[key])
		}
		rotation, err := e.rotation(a, p)
		if err != nil {
			return control.Account{}, err
		}
		if rotation != nil {
			one.Rotation[name] = rotation
		}
	}
	one.Pending, one.Held, err = e.store.Pending(ctx, a.name)
	return one, err
}
