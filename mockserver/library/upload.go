package library

import (
	"context"
	"errors"
	"slices"

	"github.com/idmock/idmock/internal/diag"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Uploads changes the library of accounts while they play, and logs it.
type Uploads struct {
	*Library
	accounts *account.Accounts
}

// NewUploads returns the Uploads of a library. A reset of an account removes its uploaded scenarios.
func NewUploads(l *Library, accounts *account.Accounts) *Uploads {
	accounts.OnReset(l.Forget)
	return &Uploads{l, accounts}
}

// UploadScenarios parses scenario files and replaces the scenarios of their source.
func (u *Uploads) UploadScenarios(ctx context.Context, f control.ScenarioFiles) ([]control.Scenario, error) {
	var all []*scenarios.Scenario
	var problems diag.List
	texts := make([][]byte, len(f.Files))
	for i, file := range f.Files {
		texts[i] = []byte(file.Text)
	}
	linter := NewLinter(u.Openapi(), texts...)
	for i, file := range f.Files {
		s, err := linter.Lint(file.Name, texts[i])
		var found diag.List
		if errors.As(err, &found) {
			problems = append(problems, found...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	problems = append(problems, scenarios.Duplicates(all)...)
	if err := problems.Err(); err != nil {
		return nil, errors.Join(err, u.RefuseScenarios(ctx, f.Account, f.Source, err))
	}
	if err := u.ReplaceScenarios(ctx, f.Account, f.Source, all); err != nil {
		return nil, err
	}
	playable, err := u.Library.Scenarios(ctx, f.Account)
	return slices.DeleteFunc(playable, func(have control.Scenario) bool {
		return !slices.ContainsFunc(all, func(s *scenarios.Scenario) bool { return s.Provider == have.Provider && s.Name == have.Name })
	}), err
}

// ReplaceScenarios gives an account, or every account for the default one, scenarios in place of those that the same
// source gave before: all at once, or not at all. A request finds all of the old or all of the new, and a run goes on with
// its own edition, even if that was replaced. They win over scenarios of the same name that ship, that every account has,
// or that another source gave earlier. No scenarios remove the source's earlier ones.
func (u *Uploads) ReplaceScenarios(ctx context.Context, name, source string, all []*scenarios.Scenario) error {
	for _, s := range all {
		if _, err := u.Find(s.Provider); err != nil {
			return control.Invalidf("%s: %w", s.File, err)
		}
	}
	return tx.Retry(func() error {
		a, err := u.accounts.Open(ctx, name)
		if err != nil {
			return err
		}
		a.Pin()
		return a.Alive(func() error { // so that a reset takes back all of it or comes first
			was, err := u.Replace(name, source, all)
			if err != nil {
				return err
			}
			gone := slices.DeleteFunc(fullNames(was), func(name string) bool { return slices.Contains(fullNames(all), name) })
			key, data, err := storedUpload(name, source, all)
			if err != nil {
				return err
			}
			return account.LogUpload(ctx, u.accounts, a, key, data, journal.Scenarios{Source: source, Given: fullNames(all), Gone: gone})
		})
	}, nil)
}

// RefuseScenarios logs that a source gave files with errors, which are not taken.
func (u *Uploads) RefuseScenarios(ctx context.Context, name, source string, reason error) error {
	return u.accounts.Log(ctx, name, journal.Scenarios{Source: source, Mistakes: reason.Error()})
}

func fullNames(all []*scenarios.Scenario) []string {
	var names []string
	for _, s := range all {
		names = append(names, s.Provider+"/"+s.Name)
	}
	return names
}

// ReplaceProvider serves a provider as its directory is now, in place of the one of its name, without interrupting
// requests. Requests and attempts under way end as they began; a run goes on with its scenario. Uploaded
// scenarios, endpoints and pending scenarios stay. Credentials are derived anew.
func (u *Uploads) ReplaceProvider(ctx context.Context, p *openapi.Provider) error {
	library, err := u.replaceProvider(p)
	if err != nil {
		return err
	}
	accounts, err := u.accounts.Select(account.Default)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		a.ForgetCredentials(p.Name)
	}
	return u.accounts.Log(ctx, account.Default, journal.Scenarios{Source: "provider " + p.Name, Given: fullNames(library.All())})
}

func (l *Library) replaceProvider(p *openapi.Provider) (*scenarios.Library, error) {
	l.replacing.Lock()
	defer l.replacing.Unlock()
	was, err := l.Find(p.Name)
	if err != nil {
		return nil, err
	}
	next, err := newProvider(p, nil)
	if err != nil {
		return nil, err
	}
	library, err := next.shelf.inherit(&was.shelf)
	if err != nil {
		return nil, err
	}
	l.put(next)
	return library, l.rebuildOverlays([]string{p.Name})
}
