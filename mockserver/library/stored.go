package library

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

// upload holds the files of a source, as a store keeps them.
type upload struct {
	Source string    `json:"source"`
	At     time.Time `json:"at"` // wall time: of two scenarios with one name the later wins
	Files  []file    `json:"files"`
}

type file struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// storedUpload returns the document of an upload: without a key for files that every process reads itself, without data for none.
func storedUpload(name, source string, all []*scenarios.Scenario) (key string, data []byte, err error) {
	if source == FilesSource {
		return "", nil, nil
	}
	key = tx.UploadsPrefix(name) + source
	if len(all) == 0 {
		return key, nil, nil
	}
	stored := upload{Source: source, At: time.Now().UTC()}
	for _, s := range all {
		stored.Files = append(stored.Files, file{s.File, s.Text})
	}
	data, err = json.Marshal(stored)
	return key, data, err
}

// read has an account play the scenarios that the store has of it, and no other uploaded ones.
func (u *Uploads) read(ctx context.Context, s store.Store, name string) error {
	docs, err := s.List(ctx, tx.UploadsPrefix(name), "", maxUploads)
	if err != nil {
		return err
	}
	var all []upload
	for _, doc := range docs {
		var one upload
		if err := json.Unmarshal(doc.Data, &one); err != nil {
			return fmt.Errorf("uploaded scenarios of account %q: %w", name, err)
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b upload) int { return cmp.Compare(a.At.UnixNano(), b.At.UnixNano()) })
	if err := u.Forget(name); err != nil {
		return err
	}
	for _, one := range all {
		if err := u.readOne(name, one); err != nil {
			return err
		}
	}
	return nil
}

// maxUploads is how many sources of an account are read.
const maxUploads = 10_000

func (u *Uploads) readOne(name string, one upload) error {
	var parsed []*scenarios.Scenario
	for _, f := range one.Files {
		s, err := Lint(u.Openapi(), f.Name, []byte(f.Text))
		if err != nil {
			return fmt.Errorf("uploaded scenario of account %q: %w", name, err)
		}
		parsed = append(parsed, s)
	}
	_, err := u.Replace(name, one.Source, parsed)
	return err
}

// Share reads the scenarios that were uploaded before, and follows the uploads of other processes.
func (u *Uploads) Share(ctx context.Context, s store.Store) error {
	return account.OnUpload(ctx, u.accounts, func(ctx context.Context, name string) error { return u.read(ctx, s, name) })
}

// NumberEditions has editions of scenarios numbered from a random number on, before there are any, so that a run that another
// process began is not taken for one of an edition here. Such a run goes on with the scenarios as they are.
func (l *Library) NumberEditions() {
	for _, name := range l.names {
		s := &l.Provider(name).shelf
		s.mu.Lock()
		s.last, s.lasting = 1+rand.IntN(1<<20)<<20, true
		s.mu.Unlock()
	}
}

// present returns the library that a run of another process goes on with: one that has its scenario.
func (s *shelf) present(scenario string) (*scenarios.Library, error) {
	current, err := s.library()
	if err != nil {
		return nil, err
	}
	if _, err := current.Machine(scenario); err == nil {
		return current, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.own {
		if _, err := l.Machine(scenario); err == nil {
			return l, nil
		}
	}
	return current, nil
}

// Scenarios lists the scenarios that an account can play.
func (u *Uploads) Scenarios(ctx context.Context, name string) ([]control.Scenario, error) {
	if err := account.Refresh(ctx, u.accounts, name); err != nil {
		return nil, err
	}
	return u.Library.Scenarios(ctx, name)
}

// ScenarioText returns the file of a scenario that an account can play.
func (u *Uploads) ScenarioText(ctx context.Context, name, provider, scenario string) ([]byte, error) {
	if err := account.Refresh(ctx, u.accounts, name); err != nil {
		return nil, err
	}
	return u.Library.ScenarioText(ctx, name, provider, scenario)
}
