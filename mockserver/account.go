package mockserver

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// everybody is the account whose endpoints and armed scenarios serve every account that has none of its own.
const everybody = ""

// account is the isolated world of one credential. It is made by being used.
type account struct {
	name  string
	seed  uint64
	clock *clock.Clock
	owner *owners
	ids   atomic.Uint64 // how many names have been made; from it and the seed comes the next one
	floor atomic.Uint64 // Seq of the last reset: what was before is no longer shown

	keeping atomic.Bool // a fault has kept deliveries back, and those that are planned may have to let them go

	life sync.RWMutex // read-locked to commit what happens to the account; locked to put it back
	gone bool         // put back: another has taken its place. Guarded by life

	runs runs

	settling sync.RWMutex // locked by who advances the account, who alone claims its jobs then; read-locked to claim

	mu          sync.Mutex
	credentials map[string]map[string]any // by provider; never changed once made
	working     int                       // jobs and steps under way
	changed     chan struct{}             // closed when working falls; nil while nobody waits for that
	advancing   bool                      // the clock stands because it is being advanced
	frozen      bool                      // while advancing: whether it will stand afterwards
	deadlines   map[string]time.Time      // of the calls that are expected, by job

	public   atomic.Pointer[string]   // the base URL of the latest call
	settings atomic.Pointer[settings] // as last read
	own      atomic.Pointer[shelves]  // scenarios given to this account alone; nil: none
}

// settings is what is set for an account: a small document, changed by hand and not by the traffic.
type settings struct {
	rev       uint64
	Endpoints []webhook.Endpoint `json:"endpoints,omitempty"`
	Armed     []armed            `json:"armed,omitempty"`
	Arms      int                `json:"arms,omitempty"`     // how many were ever armed
	Defaults  map[string]string  `json:"defaults,omitempty"` // by provider, the scenario that plays where nothing else was chosen
	Faults    []setFault         `json:"faults,omitempty"`
	Holds     []hold             `json:"holds,omitempty"`
	Seed      *uint64            `json:"seed,omitempty"` // that was set by hand; nil: derived from the server's

	arms arms // Armed, to be found
}

// clone returns settings that can be changed.
func (s *settings) clone() *settings {
	next := *s
	next.arms = nil
	next.Endpoints, next.Armed, next.Defaults = slices.Clone(s.Endpoints), slices.Clone(s.Armed), maps.Clone(s.Defaults)
	next.Faults, next.Holds = slices.Clone(s.Faults), slices.Clone(s.Holds)
	return &next
}

func (e *Engine) account(ctx context.Context, name string) (*account, error) {
	e.mu.RLock()
	a := e.accounts[name]
	e.mu.RUnlock()
	if a != nil {
		return a, nil
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if a := e.accounts[name]; a != nil {
		return a, nil
	}
	a = e.newAccount(name)
	set, err := e.settingsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	a.sow(set)
	if name != everybody {
		made := journal.New(name, a.clock.Now(), time.Now(), journal.Account{Account: name, Seed: a.seed, Rough: e.rough.tell(e.seed)})
		if _, err := e.store.Commit(ctx, store.Change{Entries: []store.Entry{made}}); err != nil {
			return nil, fmt.Errorf("open account: %w", err)
		}
	}
	e.accounts[name] = a
	return a, nil
}

// newAccount returns an account as it is when it is opened. The caller holds e.mu.
func (e *Engine) newAccount(name string) *account {
	a := &account{name: name, seed: e.seedFor(name), owner: &e.owners, credentials: map[string]map[string]any{}}
	a.clock = e.clock.Clone() // what was set for everybody holds for who comes later, too
	a.floor.Store(e.dropped[name])
	delete(e.dropped, name)
	return a
}

// sow gives a new account the seed that was set for it, if one was.
func (a *account) sow(s *settings) {
	if s.Seed != nil {
		a.seed = *s.Seed
	}
}

// known returns an account that is open, or nil: unlike account it opens none.
func (e *Engine) known(name string) *account {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.accounts[name]
}

// own lists whose settings hold for an account, the one that wins first. It asks for neither by name, as an account that
// was dropped meanwhile must not be opened again by its own last work.
func (e *Engine) own(ctx context.Context, a *account) ([2]*account, error) {
	all, err := e.account(ctx, everybody)
	return [2]*account{a, all}, err
}

// alive calls do unless the account was put back; then the error is store.ErrConflict: what was decided for it was
// decided from what is no longer so. While do runs, the account stays.
func (a *account) alive(do func() error) error {
	a.life.RLock()
	defer a.life.RUnlock()
	if a.gone {
		return fmt.Errorf("account %q was reset: %w", a.name, store.ErrConflict)
	}
	return do()
}

func (a *account) isGone() bool { return a.alive(func() error { return nil }) != nil }

// lock locks a.settling of an account, for whoever advances it or puts it back.
func (e *Engine) lock(ctx context.Context, name string) (*account, error) {
	for {
		a, err := e.account(ctx, name)
		if err != nil {
			return nil, err
		}
		a.settling.Lock()
		if !a.isGone() {
			return a, nil
		}
		a.settling.Unlock()
	}
}

// name36 makes a name that is unique for the account and the same in every run with the same seed and order.
func (a *account) name36(prefix string) string {
	return prefix + strconv.FormatUint(fake.Seed(a.seed, prefix, strconv.FormatUint(a.ids.Add(1), 36)), 36)
}

func (a *account) uuid(provider string) string {
	return fake.UUID(a.seed, provider, strconv.FormatUint(a.ids.Add(1), 36))
}

// credentialsFor returns the account's credentials with a provider, its name and seed: what expressions see as account.
// The map is shared and must not be changed.
func (a *account) credentialsFor(p *provider) (map[string]any, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if have := a.credentials[p.Name]; have != nil {
		return have, nil
	}
	made, err := a.owner.credentials(p, a)
	if err != nil {
		return nil, err
	}
	made["name"], made["seed"] = a.name, a.seed
	a.credentials[p.Name] = made
	return made, nil
}

// begin and end bracket work that Idle waits for.
func (a *account) begin() {
	a.mu.Lock()
	a.working++
	a.mu.Unlock()
}

func (a *account) end() {
	a.mu.Lock()
	a.working--
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
	a.mu.Unlock()
}

// quiet reports whether nothing is under way, and a channel that is closed when that may have changed.
func (a *account) quiet() (bool, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.changed == nil {
		a.changed = make(chan struct{})
	}
	return a.working == 0, a.changed
}

func settingsKey(account string) string { return "account/" + account + keyEnd }

// settingsOf returns the settings of an account. They are shared and must not be changed.
func (e *Engine) settingsOf(ctx context.Context, a *account) (*settings, error) {
	doc, err := e.store.Get(ctx, settingsKey(a.name))
	if errors.Is(err, store.ErrNotFound) {
		return &settings{}, nil
	}
	if err != nil {
		return nil, err
	}
	if have := a.settings.Load(); have != nil && have.rev == doc.Rev {
		return have, nil
	}
	s := &settings{rev: doc.Rev}
	if err := json.Unmarshal(doc.Data, s); err != nil {
		return nil, fmt.Errorf("settings of account %q: %w", a.name, err)
	}
	s.arms = newArms(s.Armed)
	a.settings.Store(s)
	if len(s.Faults) > 0 {
		e.faulted.Store(true)
	}
	if len(s.Holds) > 0 {
		e.holding.Store(true)
	}
	return s, nil
}

// doc returns the document that replaces the settings that were read.
func (s *settings) doc(account string) (store.Doc, error) {
	data, err := json.Marshal(s)
	return store.Doc{Key: settingsKey(account), Rev: s.rev, Data: data}, err
}

// change rewrites an account's settings, again if somebody else was faster.
func (e *Engine) change(ctx context.Context, a *account, edit func(*settings) (journal.Data, error)) error {
	for {
		have, err := e.settingsOf(ctx, a)
		if err != nil {
			return err
		}
		next := have.clone()
		data, err := edit(next)
		if err != nil {
			return err
		}
		doc, err := next.doc(a.name)
		if err != nil {
			return err
		}
		_, err = e.store.Commit(ctx, store.Change{Docs: []store.Doc{doc}, Entries: []store.Entry{journal.New(a.name, a.clock.Now(), time.Now(), data)}})
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// endpointsFor returns the endpoints to which an event of an account goes: its own, or else everybody's. named keeps it
// from those that do not name it among theirs.
func (e *Engine) endpointsFor(ctx context.Context, a *account, provider, event string, named bool) ([]webhook.Endpoint, error) {
	owners, err := e.own(ctx, a)
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return nil, err
		}
		var found []webhook.Endpoint
		registered := false
		for _, ep := range set.Endpoints {
			registered = registered || ep.Provider == provider
			if ep.Provider == provider && ep.Wants(event) && (!named || len(ep.Events) > 0) {
				found = append(found, ep)
			}
		}
		if registered { // its own endpoints count even when their filters let nothing through
			return found, nil
		}
	}
	return nil, nil
}
