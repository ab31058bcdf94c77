package mockserver

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Endpoints lists what an account has registered, or what everybody has: not both, as either replaces the other.
func (e *Engine) Endpoints(ctx context.Context, name string) ([]webhook.Endpoint, error) {
	a, err := e.account(ctx, name)
	if err != nil {
		return nil, err
	}
	set, err := e.settingsOf(ctx, a)
	if err != nil {
		return nil, err
	}
	return set.Endpoints, nil
}

// SetEndpoint registers an endpoint, or changes the one with its ID. A provider's dashboard knows one webhook an
// account, so one that comes from there replaces the one that came from there before.
func (e *Engine) SetEndpoint(ctx context.Context, ep webhook.Endpoint) (webhook.Endpoint, error) {
	p := e.providers.of(ep.Provider)
	if p == nil {
		return ep, control.Invalidf("no provider is called %q, want one of %v", ep.Provider, e.names)
	}
	if err := checkURL(ep.URL); err != nil {
		return ep, control.Invalidf("url: %w", err)
	}
	if ep.From != "" {
		if _, err := webhook.ParseSource(ep.From); err != nil {
			return ep, control.Invalidf("from: %w", err)
		}
	}
	for _, event := range ep.Events {
		if p.Event(event) == nil {
			return ep, control.Invalidf("events: %s has no event %q", ep.Provider, event)
		}
	}
	if err := p.CheckSwitches(ep.Switches); err != nil {
		return ep, control.Invalidf("switches: %w", err)
	}
	a, err := e.account(ctx, ep.Account)
	if err != nil {
		return ep, err
	}
	err = e.change(ctx, a, func(s *settings) (journal.Data, error) {
		if i := s.same(ep); i >= 0 {
			ep.ID = s.Endpoints[i].ID
			s.Endpoints[i] = ep
			// An address that was registered twice in two ways is one endpoint from now on: nothing is to come twice.
			s.Endpoints = slices.DeleteFunc(s.Endpoints, func(have webhook.Endpoint) bool {
				return have.ID != ep.ID && have.Provider == ep.Provider && have.URL == ep.URL && slices.Equal(have.Events, ep.Events)
			})
		} else {
			if ep.ID == "" {
				ep.ID = a.name36("e")
			}
			s.Endpoints = append(s.Endpoints, ep)
		}
		return journal.Endpoint{ID: ep.ID, Provider: ep.Provider, URL: ep.URL, Events: ep.Events, Source: ep.Source}, nil
	})
	return ep, err
}

// same finds the endpoint that another one replaces: by its ID if it has one, else as the one that the dashboard knows,
// or by its address.
func (s *settings) same(ep webhook.Endpoint) int {
	if ep.ID != "" {
		return slices.IndexFunc(s.Endpoints, func(have webhook.Endpoint) bool { return have.ID == ep.ID })
	}
	i := -1
	if ep.Source == sourceDashboard {
		i = slices.IndexFunc(s.Endpoints, func(have webhook.Endpoint) bool {
			return have.Provider == ep.Provider && have.Source == sourceDashboard
		})
	}
	if i < 0 {
		i = slices.IndexFunc(s.Endpoints, func(have webhook.Endpoint) bool {
			return have.Provider == ep.Provider && have.URL == ep.URL
		})
	}
	return i
}

// Where an endpoint was registered.
const (
	sourceDashboard = "dashboard"
	sourceFlag      = "flag"
)

// RemoveEndpoint takes an endpoint away. Deliveries to it that are still to come end as unroutable.
func (e *Engine) RemoveEndpoint(ctx context.Context, name, id string) error {
	a, err := e.account(ctx, name)
	if err != nil {
		return err
	}
	return e.change(ctx, a, func(s *settings) (journal.Data, error) {
		i := slices.IndexFunc(s.Endpoints, func(have webhook.Endpoint) bool { return have.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("endpoint %q: %w", id, store.ErrNotFound)
		}
		gone := s.Endpoints[i]
		s.Endpoints = slices.Delete(s.Endpoints, i, i+1)
		return journal.Endpoint{ID: gone.ID, Provider: gone.Provider, URL: gone.URL, Source: gone.Source, Removed: true}, nil
	})
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return fmt.Errorf("%q is no URL: %w", s, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("%q cannot be delivered to: want an address such as http://127.0.0.1:3000/webhooks", s)
	}
	return nil
}
