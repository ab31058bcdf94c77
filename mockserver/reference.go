package mockserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
)

// aliasKey is where a run's further name stands. It lies among the keys of the account's runs, so that it goes with them.
func aliasKey(account, provider, alias string) string {
	return runKey(account, "", "") + keyEnd + provider + "/" + alias
}

// findNamed finds the run that a call is about: by its reference, or else by its alias.
func (e *Engine) findNamed(ctx context.Context, a *account, p *provider, c *openapi.Call) (*run, error) {
	reference := c.Reference
	if reference == "" && c.Alias != "" {
		doc, err := e.store.Get(ctx, aliasKey(a.name, p.Name, c.Alias))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		reference = string(doc.Data)
	}
	return e.findRun(ctx, runKey(a.name, p.Name, reference))
}

// alias gives a run its further name, which is taken from whatever run had it.
func (s *step) alias(ctx context.Context, r *run, name string) error {
	if name == "" {
		return nil
	}
	key := aliasKey(s.account.name, r.Provider, name)
	have, err := s.engine.store.Get(ctx, key)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	s.change.Docs = append(s.change.Docs, store.Doc{Key: key, Rev: have.Rev, Data: []byte(r.Reference), Done: true})
	return nil
}

// refer gives a run that starts its reference: the provider's own, or a UUID. Two runs cannot have one reference.
func (s *step) refer(ctx context.Context, p *provider, op *openapi.Operation, r *run, scope *template.Scope) error {
	r.Reference = s.account.uuid(p.Name)
	scope.Run = r.values()
	reference, err := op.Reference(scope)
	if err == nil && reference == "" {
		r.Reference = s.odd(r.Reference)
		scope.Run = r.values()
	}
	if err != nil || reference == "" {
		return err
	}
	r.Reference = reference
	have, err := s.engine.findRun(ctx, runKey(s.account.name, p.Name, reference))
	if err == nil && have != nil {
		err = &openapi.Error{Kind: openapi.Invalid, Field: "reference", Message: fmt.Sprintf("reference: %q is taken", reference)}
	}
	return err
}
