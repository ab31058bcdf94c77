package account

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// Config configures accounts. Store and NewClock are required.
type Config struct {
	Store    store.Store
	Seed     uint64              // every account's seed is derived from it
	NewClock func() *clock.Clock // as the clock of a new server
	// Credentials replaces derived credentials, by provider and then by the credential's name.
	Credentials map[string]map[string]string
	// Keys are the only known credentials; none: every key is known.
	Keys []Key
	// Random are the random faults that an opened account is logged with; nil: none.
	Random *journal.Rough
	// Max is the number of accounts above which idle and empty ones are closed; 0 means [DefaultMax].
	Max int
	// Self is the URL under which this machine reaches the server.
	Self string
}

// Accounts are all accounts of a server. It is safe for concurrent use.
type Accounts struct {
	store  store.Store
	config Config
	index  credentialIndex
	none   Settings         // of accounts without any
	known  map[string]*keys // by provider, as they are first needed; see Admit

	mu       sync.RWMutex
	accounts map[string]*Account
	tags     map[uint64][]string // names by tag
	deleted  map[string]uint64   // Seq of the end of a deleted account: earlier entries are hidden
	clock    *clock.Clock        // with which new accounts start

	evictor evictor
	records *records // nil unless the store outlives the process

	publicURL atomic.Pointer[string] // nil: learnt from requests
	onReset   []func(account string) error
	onUpload  func(ctx context.Context, account string) error

	// HasFaults and HasHolds are set once any account has had one: until then nothing looks for them.
	HasFaults, HasHolds atomic.Bool
	// Woken are accounts for the scheduler to look at.
	Woken *WakeSet
}

// New returns the accounts of a server, the default account among them.
func New(ctx context.Context, c Config) (*Accounts, error) {
	c.Max = cmp.Or(c.Max, DefaultMax)
	s := &Accounts{store: c.Store, config: c, accounts: map[string]*Account{}, tags: map[uint64][]string{},
		deleted: map[string]uint64{}, clock: c.NewClock(), Woken: newWakeSet()}
	s.evictor.Accounts = s
	if s.records = newRecords(c.Store); s.records != nil {
		s.HasFaults.Store(true) // settings that were not read yet may have some
		s.HasHolds.Store(true)
		if err := s.records.begin(ctx, s); err != nil {
			return nil, err
		}
	}
	_, err := s.Open(ctx, Default)
	if err == nil {
		err = refreshAll(ctx, s)
	}
	return s, err
}

// OnReset adds a function that clears the caches of an account when it is reset or deleted. It is called before
// anything else can happen to the account.
func (s *Accounts) OnReset(forget func(account string) error) { s.onReset = append(s.onReset, forget) }

// SetSelf sets the URL under which this machine reaches the server, before the first request.
func (s *Accounts) SetSelf(url string) { s.config.Self = url }

// Open returns an account, and opens it if it is not open.
func (s *Accounts) Open(ctx context.Context, name string) (*Account, error) {
	if a := s.Known(name); a != nil {
		a.used.Store(time.Now().UnixNano())
		if a, err := refresh(ctx, s, a); a != nil || err != nil {
			return a, err
		}
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := s.evictor.makeRoom(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a := s.accounts[name]; a != nil {
		return a, nil
	}
	a := s.make(name)
	set, err := s.Settings(context.WithoutCancel(ctx), a)
	if err != nil {
		return nil, err
	}
	a.applySeed(set)
	if err := begin(ctx, s, a); err != nil {
		return nil, fmt.Errorf("open account: %w", err)
	}
	s.put(a)
	return a, nil
}

// begin logs that an account was opened, unless that was another process, or this one before it was started again. The caller
// holds s.mu.
func begin(ctx context.Context, s *Accounts, a *Account) error {
	opened := journal.Account{Account: a.name, Seed: a.seed, Rough: s.config.Random}
	if s.records == nil {
		if a.name == Default {
			return nil
		}
		return s.log(ctx, a, a.Now(), opened)
	}
	return tx.Retry(func() error {
		rec, rev, err := s.records.load(ctx, a.name)
		if err != nil {
			return err
		}
		if rev > 0 && !rec.Closed {
			a.restore(rec, rev)
			if rec.Uploads > 0 {
				return uploaded(s, a.name)
			}
			return nil
		}
		a.generation = rec.Generation
		a.floor.Store(max(a.floor.Load(), rec.Floor))
		t := tx.Begin(s.store, unguarded{a}, a.Now())
		if a.name != Default {
			t.Log(opened)
		}
		doc, err := describe(s, a).doc(a.name, rev)
		if err != nil {
			return err
		}
		t.Put(doc)
		a.recorded = rev + 1
		return t.Commit(ctx)
	}, nil)
}

// make returns an account as it is when it is opened. The caller holds s.mu.
func (s *Accounts) make(name string) *Account {
	a := unopened(s, name)
	a.used.Store(time.Now().UnixNano())
	a.floor.Store(s.deleted[name])
	delete(s.deleted, name)
	return a
}

// put makes an account the one of its name. The caller holds s.mu.
func (s *Accounts) put(a *Account) {
	if s.accounts[a.name] == nil {
		s.tags[tag(a.name)] = append(s.tags[tag(a.name)], a.name)
	}
	s.accounts[a.name] = a
}

// remove removes an account. The caller holds s.mu.
func (s *Accounts) remove(name string) {
	delete(s.accounts, name)
	key := tag(name)
	if s.tags[key] = slices.DeleteFunc(s.tags[key], func(have string) bool { return have == name }); len(s.tags[key]) == 0 {
		delete(s.tags, key)
	}
}

// applySeed gives a new account the seed that was set for it, if one was.
func (a *Account) applySeed(set *Settings) {
	if set.Seed != nil {
		a.seed = *set.Seed
	}
}

// SeedFor is the seed that an account has unless another is set for it. It is below 2^53, so that a JavaScript client
// reads it exactly.
func (s *Accounts) SeedFor(name string) uint64 {
	return fake.Seed(s.config.Seed, "account", name) >> 11
}

// Preview returns an account as it is, or as it would be if it were opened now. It opens none; its credentials lead to it.
func Preview(ctx context.Context, s *Accounts, name string) (*Account, error) {
	s.mu.RLock()
	a := s.accounts[name]
	if a == nil {
		a = unopened(s, name)
	}
	s.mu.RUnlock()
	set, err := s.Settings(ctx, a)
	if err == nil && s.Known(name) != a {
		a.applySeed(set)
	}
	return a, err
}

// unopened returns an account without its place in the journal. The caller holds s.mu.
func unopened(s *Accounts, name string) *Account {
	// Settings for every account apply to new ones, too, hence the clone.
	a := &Account{name: name, tag: tag(name), key: tx.SettingsKey(name), seed: s.SeedFor(name), accounts: s, credentials: map[string]map[string]any{}, clock: s.clock.Clone()}
	if s.records != nil {
		a.numbers = newNumbers(s, name)
		a.Reordering.Store(true) // it may have a buffer that this process did not see
	}
	return a
}

// Known returns an open account, or nil. Unlike Open it opens none.
func (s *Accounts) Known(name string) *Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.accounts[name]
}

// Find returns an open account. The error is that of NotOpen: unlike Open it opens none.
func (s *Accounts) Find(name string) (*Account, error) {
	if a := s.Known(name); a != nil {
		if a, err := refresh(context.Background(), s, a); a != nil || err != nil {
			return a, err
		}
	}
	if a, err := s.records.find(context.Background(), s, name); a != nil || err != nil {
		return a, err
	}
	return nil, NotOpen(s, name)
}

// NotOpen is the error for an account that was never used or was deleted. It is store.ErrNotFound, and names the open
// account with the nearest name, or all of them if they are few.
func NotOpen(s *Accounts, name string) error {
	s.mu.RLock()
	names := slices.Sorted(maps.Keys(s.accounts))
	s.mu.RUnlock()
	names = slices.DeleteFunc(names, func(name string) bool { return name == Default })
	return fmt.Errorf("account %q: %w: not used yet, or deleted%s", name, store.ErrNotFound, suggest.Meant(name, names))
}

// Select returns the open accounts of a name: one, or all of them for the default account's, which comes first. The error
// is that of NotOpen.
func (s *Accounts) Select(name string) ([]*Account, error) {
	if name != Default {
		a, err := s.Find(name)
		if err != nil {
			return nil, err
		}
		return []*Account{a}, nil
	}
	if err := s.records.others(context.Background(), s); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.SortedFunc(maps.Values(s.accounts), func(a, b *Account) int { return cmp.Compare(a.name, b.name) }), nil
}

// OfID returns the open accounts that an ID of NextID can belong to, mostly one.
func (s *Accounts) OfID(prefix, id string) []*Account {
	key, ok := tagOf(prefix, id)
	if !ok {
		return nil
	}
	s.mu.RLock()
	known := len(s.tags[key]) > 0
	s.mu.RUnlock()
	if !known {
		_ = s.records.others(context.Background(), s) // then it is not found
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []*Account
	for _, name := range s.tags[key] {
		all = append(all, s.accounts[name])
	}
	return all
}

// Since is the Seq after which an account's entries are shown: those before its last reset are hidden.
func (s *Accounts) Since(name string, after uint64) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	floor := s.accounts[Default].floor.Load()
	if a := s.accounts[name]; a != nil {
		floor = max(floor, a.floor.Load())
	}
	return max(floor, s.deleted[name], after)
}

// Log adds an entry to an account's journal outside a unit of work. It opens the account.
func (s *Accounts) Log(ctx context.Context, name string, what journal.Data) error {
	a, err := s.Open(ctx, name)
	if err != nil {
		return err
	}
	return s.log(ctx, a, a.Now(), what)
}

func (s *Accounts) log(ctx context.Context, a *Account, at time.Time, what journal.Data) error {
	_, err := s.logged(ctx, a, at, what)
	return err
}

// logged is log that returns the entry's Seq.
func (s *Accounts) logged(ctx context.Context, a *Account, at time.Time, what journal.Data) (uint64, error) {
	t := tx.Begin(s.store, unguarded{a}, at)
	t.Log(what)
	err := t.Commit(ctx)
	return t.Seq(), err
}

// Lock locks the Advancing of an open account for advancing or resetting it. The error is that of NotOpen.
func (s *Accounts) Lock(name string) (*Account, error) {
	for {
		a, err := s.Find(name)
		if err != nil {
			return nil, err
		}
		a.Advancing.Lock()
		if !a.IsGone() {
			return a, nil
		}
		a.Advancing.Unlock()
	}
}

// WaitUnlocked returns when no account is being advanced or reset.
func (s *Accounts) WaitUnlocked() {
	s.mu.RLock()
	all := slices.Collect(maps.Values(s.accounts))
	s.mu.RUnlock()
	for _, a := range all {
		a.Advancing.Lock()
		//lint:ignore SA2001 having waited is all
		a.Advancing.Unlock()
	}
}
