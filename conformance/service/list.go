package service

import (
	"context"
	"slices"
	"strings"

	"github.com/idmock/idmock/conformance"
	"github.com/idmock/idmock/conformance/provider"
	"github.com/idmock/idmock/conformance/receiver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/openapi"
)

// Profiles implements [control.Checks].
func (r *Runs) Profiles(context.Context) ([]control.CheckProfile, error) {
	made := []control.CheckProfile{}
	for _, name := range r.engine.ProviderNames() {
		p := r.engine.Provider(name)
		made = append(made, control.CheckProfile{Name: name, Title: p.Title, Kinds: []string{"receiver", "provider"}, Base: r.engine.BaseURL(name)})
	}
	for _, name := range receiver.Generic() {
		if r.engine.Provider(name) != nil {
			continue
		}
		p, err := receiver.OpenGeneric(name)
		if err != nil {
			return nil, err
		}
		made = append(made, control.CheckProfile{Name: name, Title: p.Title, Kinds: []string{"receiver"}})
	}
	return made, nil
}

// List implements [control.Checks].
func (r *Runs) List(_ context.Context, kind, name string) ([]control.Check, error) {
	var p *openapi.Provider
	var err error
	if name != "" {
		if p, err = r.judged(kind, name); err != nil {
			return nil, err
		}
	}
	made := []control.Check{}
	switch kind {
	case "receiver":
		all, err := receiver.Checks()
		if err != nil {
			return nil, err
		}
		var as *receiver.Profile
		if p != nil {
			if as, err = (receiver.Target{Provider: p, Headers: r.engine.DefaultHeaders()}).Profile(); err != nil {
				return nil, control.Invalidf("%w", err)
			}
		}
		for _, c := range all {
			one := listed(c.Check)
			if as != nil {
				one.Level, one.Reason = string(c.LevelFor(as)), c.Inapplicable(as)
			}
			one.Applies = one.Reason == ""
			made = append(made, one)
		}
	case "provider":
		all, err := provider.Checks()
		if err != nil {
			return nil, err
		}
		for _, c := range all {
			one := listed(c.Check)
			one.Applies = true
			made = append(made, one)
		}
	default:
		return nil, unknownKind(kind)
	}
	return made, nil
}

func listed(c conformance.Check) control.Check {
	return control.Check{ID: c.ID, Level: string(c.Level), Title: c.Title, Core: c.Core}
}

func unknownKind(kind string) error {
	return control.Invalidf("kind is %q: there are receiver and provider", kind)
}

// judged is the provider of a name: one that is served or, for receivers, a scheme.
func (r *Runs) judged(kind, name string) (*openapi.Provider, error) {
	if p := r.engine.Provider(name); p != nil {
		return p, nil
	}
	names := r.engine.ProviderNames()
	if kind == "receiver" {
		if slices.Contains(receiver.Generic(), name) {
			return receiver.OpenGeneric(name)
		}
		names = slices.Concat(names, receiver.Generic())
	}
	return nil, control.Invalidf("no provider is called %q, want one of %s", name, strings.Join(names, ", "))
}
