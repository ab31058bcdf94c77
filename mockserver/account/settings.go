package account

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/internal/glob"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Settings are the settings of an account: a small document, changed by hand and not by an application's requests.
type Settings struct {
	rev       uint64
	Endpoints []webhook.Endpoint `json:"endpoints,omitempty"`
	Pending   []PendingScenario  `json:"pending,omitempty"`
	LastID    int                `json:"last_id,omitzero"`   // of a pending scenario
	Defaults  map[string]string  `json:"defaults,omitempty"` // default scenario, by provider
	Faults    []Fault            `json:"faults,omitempty"`
	Holds     []Hold             `json:"holds,omitempty"`
	Seed      *uint64            `json:"seed,omitempty"`    // set by hand; nil: derived from the server's
	Wallets   map[string]float64 `json:"wallets,omitempty"` // what was put in so far, by provider

	queues queues // Pending, indexed
}

// Scope limits something set by hand to some deliveries. Empty fields match everything.
type Scope struct {
	Provider string `json:"provider,omitempty"`
	Event    string `json:"event,omitempty"` // with wildcards
	Endpoint string `json:"endpoint,omitempty"`
}

// Matches reports whether an event of a provider for an endpoint is in the scope. For a request, event is its operation.
func (s Scope) Matches(provider, event, endpoint string) bool {
	return (s.Provider == "" || s.Provider == provider) && (s.Event == "" || glob.Match(s.Event, event)) &&
		(s.Endpoint == "" || s.Endpoint == endpoint)
}

// Fault is a fault set by hand, for later deliveries or requests.
type Fault struct {
	ID   string            `json:"id"`
	On   string            `json:"on"` // scenarios.InDelivery or scenarios.InReply
	Name string            `json:"name"`
	Args map[string]string `json:"args,omitempty"`
	Scope
	Operation string `json:"operation,omitempty"` // of a response, in place of the event
	Left      int    `json:"left,omitzero"`       // times it still applies; 0: until it is removed
}

// Hold keeps deliveries in its scope back as they fall due.
type Hold struct {
	ID string `json:"id"`
	Scope
}

// clone returns settings that can be changed.
func (s *Settings) clone() *Settings {
	next := *s
	next.queues = nil
	next.Endpoints, next.Pending, next.Defaults = slices.Clone(s.Endpoints), slices.Clone(s.Pending), maps.Clone(s.Defaults)
	next.Wallets = maps.Clone(s.Wallets)
	next.Faults, next.Holds = slices.Clone(s.Faults), slices.Clone(s.Holds)
	return &next
}

// doc returns the document that replaces the settings that were read.
func (s *Settings) doc(account string) (store.Doc, error) {
	data, err := json.Marshal(s, json.Deterministic(true))
	return store.Doc{Key: tx.SettingsKey(account), Rev: s.rev, Data: data}, err
}

func (s *Settings) parse(account string, doc store.Doc) error {
	s.rev = doc.Rev
	if err := json.Unmarshal(doc.Data, s); err != nil {
		return fmt.Errorf("settings of account %q: %w", account, err)
	}
	s.queues = newQueues(s.Pending)
	return nil
}

// Settings returns the settings of an account. They are shared: use Change to change them.
func (s *Accounts) Settings(ctx context.Context, a *Account) (*Settings, error) {
	doc, err := s.store.Get(ctx, a.key)
	if errors.Is(err, store.ErrNotFound) {
		return &s.none, nil
	}
	if err != nil {
		return nil, err
	}
	if have := a.settings.Load(); have != nil && have.rev == doc.Rev {
		return have, nil
	}
	set := &Settings{}
	if err := set.parse(a.name, doc); err != nil {
		return nil, err
	}
	a.settings.Store(set)
	if len(set.Faults) > 0 {
		s.HasFaults.Store(true)
	}
	if len(set.Holds) > 0 {
		s.HasHolds.Store(true)
	}
	return set, nil
}

// settingsIn returns an account's settings as a unit of work leaves them.
func (s *Accounts) settingsIn(ctx context.Context, t *tx.Tx, a *Account) (*Settings, error) {
	if t != nil {
		if doc, ok := t.Pending(a.key); ok {
			set := &Settings{}
			err := set.parse(a.name, doc)
			return set, err
		}
	}
	return s.Settings(ctx, a)
}

// Change rewrites an account's settings with the journal entry that edit returns, again if another change came first.
// Unlike runs and deliveries, a change survives a reset at the same moment.
func (s *Accounts) Change(ctx context.Context, a *Account, edit func(*Settings) (journal.Data, error)) error {
	return tx.Retry(func() error {
		t := tx.Begin(s.store, unguarded{a}, a.Now())
		if err := s.Edit(ctx, t, a, func(set *Settings) error {
			entry, err := edit(set)
			if err == nil {
				t.Log(entry)
			}
			return err
		}); err != nil {
			return err
		}
		return t.Commit(ctx)
	}, nil)
}

// unguarded commits for an account that was reset, too, or is being reset.
type unguarded struct{ *Account }

func (unguarded) Alive(do func() error) error { return do() }

// Edit changes an account's settings in a unit of work, which may be another account's. Several edits are one document.
func (s *Accounts) Edit(ctx context.Context, t *tx.Tx, a *Account, edit func(*Settings) error) error {
	have, err := s.settingsIn(ctx, t, a)
	if err != nil {
		return err
	}
	next := have.clone()
	if err := edit(next); err != nil {
		return err
	}
	doc, err := next.doc(a.name)
	if err == nil {
		t.Put(doc)
	}
	return err
}

// Layer is an account with the settings that it applies to another, or to itself.
type Layer struct {
	*Account
	*Settings
}

// Layers returns the settings for an account, first match first: its own settings, then the default account's. t, if not
// nil, is the unit of work that may have changed them.
func (s *Accounts) Layers(ctx context.Context, t *tx.Tx, a *Account) ([]Layer, error) {
	own, err := s.settingsIn(ctx, t, a)
	if err != nil {
		return nil, err
	}
	if a.name == Default {
		return []Layer{{a, own}}, nil
	}
	d, err := s.Open(ctx, Default)
	if err != nil {
		return nil, err
	}
	inherited, err := s.settingsIn(ctx, t, d)
	return []Layer{{a, own}, {d, inherited}}, err
}
