package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// record is an account as a lasting store keeps it, beside its settings.
type record struct {
	Generation uint64       `json:"generation"` // number of resets
	Seed       uint64       `json:"seed"`
	Clock      clock.Saved  `json:"clock"`
	Uploads    uint64       `json:"uploads,omitzero"`    // number of uploads of scenarios: the files are in documents of their own
	Floor      uint64       `json:"floor,omitzero"`      // Seq of the last reset: earlier entries are hidden
	Closed     bool         `json:"closed,omitzero"`     // it was deleted; only Floor counts
	Template   *clock.Saved `json:"template,omitempty"`  // of the default account: with which new accounts start
	Server     uint64       `json:"server,omitzero"`     // of the default account: from which every seed is derived
	PublicURL  *string      `json:"public_url,omitzero"` // of the default account
}

// records keep the state of accounts beyond their settings, in a store that outlives the process. Nil does without: the memory of
// this process is all there is.
type records struct {
	store  store.Store
	shared bool // other processes use the store, too
}

// lasting is a store that outlives the process.
type lasting interface {
	// IsShared reports whether other processes may use the store at the same time.
	IsShared() bool
}

// IsLasting reports whether a store outlives the process.
func IsLasting(s store.Store) bool { return newRecords(s) != nil }

func newRecords(s store.Store) *records {
	l, ok := s.(lasting)
	if !ok {
		return nil
	}
	return &records{store: s, shared: l.IsShared()}
}

// load returns the record of an account and its revision, 0 if there is none.
func (r *records) load(ctx context.Context, name string) (record, uint64, error) {
	doc, err := r.store.Get(ctx, tx.AccountKey(name))
	if errors.Is(err, store.ErrNotFound) {
		return record{}, 0, nil
	}
	if err != nil {
		return record{}, 0, err
	}
	rec, err := parseRecord(name, doc)
	return rec, doc.Rev, err
}

func parseRecord(name string, doc store.Doc) (rec record, err error) {
	if err := json.Unmarshal(doc.Data, &rec); err != nil {
		return rec, fmt.Errorf("record of account %q: %w", name, err)
	}
	return rec, nil
}

// doc returns the document that replaces a record of a revision.
func (rec record) doc(name string, rev uint64) (store.Doc, error) {
	data, err := json.Marshal(rec, json.Deterministic(true))
	return store.Doc{Key: tx.AccountKey(name), Rev: rev, Data: data, Done: rec.Closed}, err
}

// restore has an account continue from its record. The caller has it for itself, or holds its mu.
func (a *Account) restore(rec record, rev uint64) {
	a.recorded, a.generation, a.seed, a.uploads = rev, rec.Generation, rec.Seed, rec.Uploads
	a.clock.Restore(rec.Clock)
	a.floor.Store(rec.Floor)
}

// describe returns the record of an account as it is. The caller holds s.mu.
func describe(s *Accounts, a *Account) record {
	a.mu.Lock()
	defer a.mu.Unlock()
	rec := record{Generation: a.generation, Seed: a.seed, Clock: a.clock.Save(), Uploads: a.uploads, Floor: a.floor.Load()}
	if a.paused {
		rec.Clock.Frozen = a.frozen
	}
	if a.name == Default {
		template := s.clock.Save()
		rec.Template, rec.Server, rec.PublicURL = &template, s.config.Seed, s.publicURL.Load()
	}
	return rec
}

// logRecorded commits an entry of an account together with its record. A record that another process wrote meanwhile is replaced.
func logRecorded(ctx context.Context, s *Accounts, a *Account, at time.Time, what journal.Data) (last uint64, err error) {
	err = tx.Retry(func() error {
		t := tx.Begin(s.store, unguarded{a}, at)
		if what != nil {
			t.Log(what)
		}
		rev, err := PutRecord(ctx, s, t, a)
		if err != nil {
			return err
		}
		if err := t.Commit(ctx); err != nil {
			return err
		}
		last = t.Seq()
		noteRecorded(a, rev)
		return nil
	}, nil)
	return last, err
}

// PutRecord adds an account's record to a unit of work, and returns its revision once that is committed. Without a lasting store
// it does nothing.
func PutRecord(ctx context.Context, s *Accounts, t *tx.Tx, a *Account) (uint64, error) {
	if s.records == nil {
		return 0, nil
	}
	_, rev, err := s.records.load(ctx, a.name)
	if err != nil {
		return 0, err
	}
	s.mu.RLock()
	doc, err := describe(s, a).doc(a.name, rev)
	s.mu.RUnlock()
	if err != nil {
		return 0, err
	}
	t.Put(doc)
	return rev + 1, nil
}

func noteRecorded(a *Account, rev uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.recorded = max(a.recorded, rev)
}

// refresh updates an open account after changes by other processes. It returns the one that has its place then; nil if it was
// deleted.
func refresh(ctx context.Context, s *Accounts, a *Account) (*Account, error) {
	if s.records == nil || !s.records.shared {
		return a, nil
	}
	rec, rev, err := s.records.load(ctx, a.name)
	if err != nil {
		return nil, err
	}
	return s.records.apply(s, a, rec, rev)
}

func (r *records) apply(s *Accounts, a *Account, rec record, rev uint64) (*Account, error) {
	a.mu.Lock()
	same, generation, paused, uploads := a.recorded >= rev, a.generation, a.paused, a.uploads
	if !same && generation == rec.Generation && !rec.Closed && !paused {
		a.restore(rec, rev)
	}
	a.mu.Unlock()
	if same || paused {
		return a, nil
	}
	if a.name == Default {
		restoreServer(s, rec)
	}
	if generation == rec.Generation && !rec.Closed {
		s.Woken.Add(a.name)
		if uploads != rec.Uploads {
			return a, uploaded(s, a.name)
		}
		return a, nil
	}
	return r.replace(s, a, rec, rev)
}

// restoreServer takes the server's state from the default account's record.
func restoreServer(s *Accounts, rec record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec.Template != nil {
		s.clock.Restore(*rec.Template)
	}
	s.publicURL.Store(rec.PublicURL)
}

// replace has another account in the place of one that another process reset or deleted.
func (r *records) replace(s *Accounts, a *Account, rec record, rev uint64) (*Account, error) {
	a.life.Lock()
	defer a.life.Unlock()
	if a.gone {
		return s.Known(a.name), nil
	}
	err := forget(s.onReset, a.name)
	s.mu.Lock()
	var next *Account
	if rec.Closed {
		s.remove(a.name)
		s.deleted[a.name] = rec.Floor
	} else {
		next = s.make(a.name)
		next.restore(rec, rev)
		s.put(next)
	}
	s.mu.Unlock()
	s.index.forget(a)
	a.leave()
	s.Woken.Add(a.name)
	return next, err
}

// recordsPage is how many records are read at once.
const recordsPage = 1000

// refreshAll opens the accounts that other processes have, or this one had before it was started again.
func refreshAll(ctx context.Context, s *Accounts) error {
	if s.records == nil {
		return nil
	}
	for after := ""; ; {
		docs, err := s.records.store.List(ctx, tx.AccountKey(""), after, recordsPage)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			if err := s.records.take(s, doc.Key[len(tx.AccountKey("")):], doc); err != nil {
				return err
			}
			after = doc.Key
		}
		if len(docs) < recordsPage {
			return nil
		}
	}
}

// take opens an account from its record, or brings it to that.
func (r *records) take(s *Accounts, name string, doc store.Doc) error {
	rec, err := parseRecord(name, doc)
	if err != nil {
		return err
	}
	if a := s.Known(name); a != nil {
		_, err := r.apply(s, a, rec, doc.Rev)
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if rec.Closed {
		s.deleted[name] = rec.Floor
		return nil
	}
	if s.accounts[name] == nil {
		a := s.make(name)
		a.restore(rec, doc.Rev)
		s.put(a)
	}
	if rec.Uploads > 0 {
		return uploaded(s, name)
	}
	return nil
}

// close records that an account was deleted: entries up to floor are hidden.
func (r *records) close(ctx context.Context, name string, floor uint64) error {
	if r == nil {
		return nil
	}
	return tx.Retry(func() error {
		rec, rev, err := r.load(ctx, name)
		if err != nil {
			return err
		}
		doc, err := record{Generation: rec.Generation + 1, Closed: true, Floor: floor}.doc(name, rev)
		if err != nil {
			return err
		}
		_, err = r.store.Commit(ctx, store.Change{Docs: []store.Doc{doc}})
		return err
	}, nil)
}

// begin continues with the seed and the clock of a store that was used before.
func (r *records) begin(ctx context.Context, s *Accounts) error {
	rec, rev, err := r.load(ctx, Default)
	if err != nil || rev == 0 {
		return err
	}
	s.config.Seed = rec.Server
	restoreServer(s, rec)
	return nil
}

// find opens an account that another process opened; nil if none did.
func (r *records) find(ctx context.Context, s *Accounts, name string) (*Account, error) {
	if r == nil || !r.shared {
		return nil, nil
	}
	doc, err := r.store.Get(ctx, tx.AccountKey(name))
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	if err == nil {
		err = r.take(s, name, doc)
	}
	return s.Known(name), err
}

// others opens the accounts that other processes opened.
func (r *records) others(ctx context.Context, s *Accounts) error {
	if r == nil || !r.shared {
		return nil
	}
	return refreshAll(ctx, s)
}

// OnUpload sets the function that reads the scenarios that another process uploaded for an account, or this one before it was
// started again. It reads those of the accounts that are open.
func OnUpload(ctx context.Context, s *Accounts, read func(ctx context.Context, account string) error) error {
	s.onUpload = read
	all, err := s.Select(Default)
	for _, a := range all {
		if a.uploads > 0 {
			err = errors.Join(err, read(ctx, a.name))
		}
	}
	return err
}

func uploaded(s *Accounts, name string) error {
	if s.onUpload == nil {
		return nil
	}
	return s.onUpload(context.Background(), name)
}

// LogUpload logs an upload of scenarios for an account, with the document that a lasting store keeps of it; a nil one is removed.
func LogUpload(ctx context.Context, s *Accounts, a *Account, key string, data []byte, what journal.Data) error {
	if s.records == nil || key == "" {
		return s.log(ctx, a, a.Now(), what)
	}
	return tx.Retry(func() error {
		t := tx.Begin(s.store, unguarded{a}, a.Now())
		t.Log(what)
		doc, err := t.Find(ctx, key)
		if err != nil {
			return err
		}
		doc.Data = data
		t.Put(doc)
		a.mu.Lock()
		a.uploads++
		a.mu.Unlock()
		rev, err := PutRecord(ctx, s, t, a)
		if err != nil {
			return err
		}
		if err := t.Commit(ctx); err != nil {
			return err
		}
		noteRecorded(a, rev)
		return nil
	}, nil)
}

// Refresh updates an open account, and the default account, after changes by other processes. Open and Find do so, too;
// it is for readers that open no account.
func Refresh(ctx context.Context, s *Accounts, name string) error {
	if s.records == nil || !s.records.shared {
		return nil
	}
	if _, err := s.records.find(ctx, s, name); err != nil {
		return err
	}
	_, err := s.records.find(ctx, s, Default)
	return err
}
