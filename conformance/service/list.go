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

// Profiles lists the profiles: the providers of the server, and the generic schemes for receivers.
func (s *Service) Profiles(context.Context) ([]control.CheckProfile, error) {
	profiles := []control.CheckProfile{}
	for _, name := range s.engine.ProviderNames() {
		p := s.engine.Provider(name)
		profiles = append(profiles, control.CheckProfile{Name: name, Title: p.Title, Kinds: []string{"receiver", "provider"}, Base: s.engine.BaseURL(name)})
	}
	for _, name := range receiver.Generic() {
		if s.engine.Provider(name) != nil {
			continue
		}
		p, err := receiver.OpenGeneric(name)
		if err != nil {
			return nil, err
		}
		profiles = append(profiles, control.CheckProfile{Name: name, Title: p.Title, Kinds: []string{"receiver"}})
	}
	return profiles, nil
}

// List lists the checks of a kind. With the name of a provider, it includes their level for this provider, and the reason if
// they do not apply.
func (s *Service) List(_ context.Context, kind, name string) ([]control.Check, error) {
	var p *openapi.Provider
	var err error
	if name != "" {
		if p, err = s.provider(kind, name); err != nil {
			return nil, err
		}
	}
	switch kind {
	case "receiver":
		return s.receiverChecks(p)
	case "provider":
		return providerChecks()
	default:
		return nil, unknownKind(kind)
	}
}

// receiverChecks lists the checks of receivers, for a provider if it is not nil.
func (s *Service) receiverChecks(p *openapi.Provider) ([]control.Check, error) {
	checks, err := receiver.Checks()
	if err != nil {
		return nil, err
	}
	var profile *receiver.Profile
	if p != nil {
		if profile, err = (receiver.Target{Provider: p, Headers: s.engine.DefaultHeaders()}).Profile(); err != nil {
			return nil, control.Invalidf("%w", err)
		}
	}
	list := []control.Check{}
	for _, c := range checks {
		item := listItem(c.Check)
		if profile != nil {
			item.Level, item.Reason = string(c.LevelFor(profile)), c.Inapplicable(profile)
		}
		item.Applies = item.Reason == ""
		list = append(list, item)
	}
	return list, nil
}

// providerChecks lists the checks of providers. Whether they apply is known only after a run.
func providerChecks() ([]control.Check, error) {
	checks, err := provider.Checks()
	if err != nil {
		return nil, err
	}
	list := []control.Check{}
	for _, c := range checks {
		item := listItem(c.Check)
		item.Applies = true
		list = append(list, item)
	}
	return list, nil
}

func listItem(c conformance.Check) control.Check {
	return control.Check{ID: c.ID, Level: string(c.Level), Title: c.Title, Core: c.Core}
}

func unknownKind(kind string) error {
	return control.Invalidf("unknown kind %q: use receiver or provider", kind)
}

// provider returns the provider of a name: one of the server's or, for receivers, a generic scheme.
func (s *Service) provider(kind, name string) (*openapi.Provider, error) {
	if p := s.engine.Provider(name); p != nil {
		return p, nil
	}
	names := s.engine.ProviderNames()
	if kind == "receiver" {
		if slices.Contains(receiver.Generic(), name) {
			return receiver.OpenGeneric(name)
		}
		names = slices.Concat(names, receiver.Generic())
	}
	return nil, control.Invalidf("unknown provider %q: use one of %s", name, strings.Join(names, ", "))
}
