package delivery

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
)

// SourceDashboard is the Source of an endpoint that was registered through a provider's dashboard.
const SourceDashboard = "dashboard"

// Endpoints are the webhook URLs that accounts register.
type Endpoints struct {
	accounts *account.Accounts
	library  *library.Library
	headers  []webhook.Header      // of deliveries to endpoints without headers of their own
	sources  map[string]netip.Addr // addresses that webhooks come from, by provider
	targets  webhook.Policy
}

var _ control.Endpoints = (*Endpoints)(nil)

// NewEndpoints returns endpoints. headers are sent to endpoints that were registered without headers; sources are the
// addresses of this machine that webhooks come from, by provider; targets is where webhooks may go.
func NewEndpoints(accounts *account.Accounts, l *library.Library, headers []webhook.Header, sources map[string]netip.Addr, targets webhook.Policy) *Endpoints {
	return &Endpoints{accounts, l, headers, sources, targets}
}

// Endpoints lists the endpoints of an account, or those of the default account: not both, as an account's own
// endpoints replace the default ones.
func (e *Endpoints) Endpoints(ctx context.Context, name string) ([]webhook.Endpoint, error) {
	a, err := e.accounts.Find(name)
	if err != nil {
		return nil, err
	}
	set, err := e.accounts.Settings(ctx, a)
	if err != nil {
		return nil, err
	}
	return set.Endpoints, nil
}

// SetEndpoint registers an endpoint, or changes the one with its ID. A provider's dashboard has one webhook per account,
// so an endpoint from there replaces the one that came from there before.
func (e *Endpoints) SetEndpoint(ctx context.Context, ep webhook.Endpoint) (webhook.Endpoint, error) {
	ep.Events = e.spelled(ep)
	if err := e.check(ep); err != nil {
		return ep, err
	}
	a, err := e.accounts.Open(ctx, ep.Account)
	if err != nil {
		return ep, err
	}
	err = e.accounts.Change(ctx, a, func(s *account.Settings) (journal.Data, error) {
		if i := replaced(s.Endpoints, ep); i >= 0 {
			ep.ID = s.Endpoints[i].ID
			s.Endpoints[i] = ep
			// A URL that was registered twice in two ways is one endpoint from now on: no event may arrive twice.
			s.Endpoints = slices.DeleteFunc(s.Endpoints, func(have webhook.Endpoint) bool {
				return have.ID != ep.ID && have.Provider == ep.Provider && have.URL == ep.URL && slices.Equal(have.Events, ep.Events)
			})
		} else {
			if ep.ID == "" {
				ep.ID = a.NextID("e")
			}
			s.Endpoints = append(s.Endpoints, ep)
		}
		return journal.Endpoint{ID: ep.ID, Provider: ep.Provider, URL: ep.URL, Events: ep.Events, Source: ep.Source}, nil
	})
	return ep, err
}

// spelled returns an endpoint's events in the provider's letters: pages of one vendor differ in small and capital ones.
func (e *Endpoints) spelled(ep webhook.Endpoint) []string {
	p, err := e.library.Find(ep.Provider)
	if err != nil {
		return ep.Events
	}
	names, events := p.EventNames(), slices.Clone(ep.Events)
	for i, event := range events {
		same := func(name string) bool { return strings.EqualFold(name, event) }
		if at := slices.IndexFunc(names, same); at >= 0 && p.Event(event) == nil {
			events[i] = names[at]
		}
	}
	return events
}

func (e *Endpoints) check(ep webhook.Endpoint) error {
	p, err := e.library.Find(ep.Provider)
	if err != nil {
		return err
	}
	if err := checkURL(ep.URL); err != nil {
		return control.Invalidf("url: %w", err)
	}
	if err := webhook.CheckHeaders(ep.Headers); err != nil {
		return control.Invalidf("headers: %w", err)
	}
	if ep.From != "" {
		if _, err := webhook.ParseSource(ep.From); err != nil {
			return control.Invalidf("from: %w", err)
		}
	}
	for _, event := range ep.Events {
		if p.Event(event) == nil {
			return control.Invalidf("events: unknown event %q of %s%s", event, ep.Provider, suggest.Meant(event, p.EventNames()))
		}
	}
	if err := p.Switches().Check(ep.Switches); err != nil {
		return control.Invalidf("switches: %w", err)
	}
	return nil
}

// replaced returns the place of the endpoint that another one replaces, -1 if there is none: by its ID if it has one,
// else the dashboard's, or the one of its URL.
func replaced(all []webhook.Endpoint, ep webhook.Endpoint) int {
	if ep.ID != "" {
		return slices.IndexFunc(all, func(have webhook.Endpoint) bool { return have.ID == ep.ID })
	}
	i := -1
	if ep.Source == SourceDashboard {
		i = slices.IndexFunc(all, func(have webhook.Endpoint) bool {
			return have.Provider == ep.Provider && have.Source == SourceDashboard
		})
	}
	if i < 0 {
		i = slices.IndexFunc(all, func(have webhook.Endpoint) bool {
			return have.Provider == ep.Provider && have.URL == ep.URL
		})
	}
	return i
}

// RemoveEndpoint removes an endpoint. Deliveries to it that are still to come end as unroutable.
func (e *Endpoints) RemoveEndpoint(ctx context.Context, name, id string) error {
	a, err := e.accounts.Find(name)
	if err != nil {
		return err
	}
	return e.accounts.Change(ctx, a, func(s *account.Settings) (journal.Data, error) {
		i := slices.IndexFunc(s.Endpoints, func(have webhook.Endpoint) bool { return have.ID == id })
		if i < 0 {
			return nil, fmt.Errorf("endpoint %q: %w", id, store.ErrNotFound)
		}
		removed := s.Endpoints[i]
		s.Endpoints = slices.Delete(s.Endpoints, i, i+1)
		return journal.Endpoint{ID: removed.ID, Provider: removed.Provider, URL: removed.URL, Source: removed.Source, Removed: true}, nil
	})
}

func checkURL(s string) error {
	u, err := url.Parse(s)
	if err != nil {
		return fmt.Errorf("invalid URL %q: %w", s, err)
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return fmt.Errorf("invalid URL %q: use one such as http://127.0.0.1:3000/webhooks", s)
	}
	return nil
}

// For returns the endpoints that an event of an account goes to: its own, or else the default account's. optIn leaves out
// those that do not name the event.
func (e *Endpoints) For(ctx context.Context, a *account.Account, provider, event string, optIn bool) ([]webhook.Endpoint, error) {
	all, err := e.Of(ctx, a, provider)
	return slices.DeleteFunc(all, func(ep webhook.Endpoint) bool {
		return !ep.Wants(event) || optIn && len(ep.Events) == 0
	}), err
}

// Callback is the ID of the endpoint of events that are sent to a URL from the request that started their run.
const Callback = "callback"

// ForRun returns the endpoints that an event of a run goes to: the URL that the run's request named for it, or else those of
// [Endpoints.For].
func (e *Endpoints) ForRun(ctx context.Context, a *account.Account, p *library.Provider, event string, r *run.Run, optIn bool) ([]webhook.Endpoint, error) {
	if address := r.Addresses[event]; address != "" && checkURL(address) == nil {
		return []webhook.Endpoint{{ID: Callback, Account: a.Name(), Provider: p.Name, URL: address}}, nil
	}
	return e.For(ctx, a, p.Name, event, optIn)
}

// of returns the endpoint of a delivery; ok is false if it was removed.
func (e *Endpoints) of(ctx context.Context, a *account.Account, d *Delivery) (ep webhook.Endpoint, ok bool, err error) {
	if d.Endpoint == Callback {
		return webhook.Endpoint{ID: Callback, Account: a.Name(), Provider: d.Provider, URL: d.URL}, true, nil
	}
	return e.find(ctx, a, d.Endpoint)
}

// Of returns the endpoints that a provider's events of an account go to, before their filters: its own, or else the
// default account's.
func (e *Endpoints) Of(ctx context.Context, a *account.Account, provider string) ([]webhook.Endpoint, error) {
	layers, err := e.accounts.Layers(ctx, nil, a)
	if err != nil {
		return nil, err
	}
	for _, layer := range layers {
		var found []webhook.Endpoint
		for _, ep := range layer.Endpoints {
			if ep.Provider == provider {
				found = append(found, ep)
			}
		}
		if len(found) > 0 {
			return found, nil
		}
	}
	return nil, nil
}

// find returns an endpoint of the account or of the default account.
func (e *Endpoints) find(ctx context.Context, a *account.Account, id string) (webhook.Endpoint, bool, error) {
	layers, err := e.accounts.Layers(ctx, nil, a)
	if err != nil {
		return webhook.Endpoint{}, false, err
	}
	for _, layer := range layers {
		for _, ep := range layer.Endpoints {
			if ep.ID == id {
				return ep, true, nil
			}
		}
	}
	return webhook.Endpoint{}, false, nil
}

// DefaultHeaders are the headers of endpoints that were registered without any.
func (e *Endpoints) DefaultHeaders() []webhook.Header { return e.headers }

// headersOf returns the headers that an endpoint's deliveries have after the provider's own.
func (e *Endpoints) headersOf(ep webhook.Endpoint) []webhook.Header {
	if len(ep.Headers) == 0 {
		return e.headers
	}
	return ep.Headers
}

// source is the address of this machine that a webhook comes from: the endpoint's, the one configured for the provider,
// or the one in its directory.
func (e *Endpoints) source(p *library.Provider, ep webhook.Endpoint) (netip.Addr, error) {
	if ep.From != "" {
		return webhook.ParseSource(ep.From)
	}
	if configured, ok := e.sources[p.Name]; ok {
		return configured, nil
	}
	return p.Webhooks().Source(), nil
}

// CheckDashboardURL returns an error for a URL that a provider's dashboard does not register. A forbidden address is
// refused at once rather than at the first delivery; the rest is as strict as a provider on the internet only where
// targets are.
//
// The control API and flags, which are not the application under test, are not asked for more than can be sent to.
func (e *Endpoints) CheckDashboardURL(rules openapi.Registration, raw string) error {
	u, err := url.Parse(raw)
	if err != nil {
		return fmt.Errorf("invalid URL %q: %w", raw, err)
	}
	if err := e.targets.Host(u.Hostname()); err != nil {
		return err
	}
	if !e.targets.Strict {
		return nil
	}
	switch port, _ := strconv.Atoi(u.Port()); {
	case rules.HTTPS && u.Scheme != "https":
		return fmt.Errorf("%q must be https", raw)
	case u.User != nil:
		return fmt.Errorf("must not contain a user or a password: %s", u.Redacted())
	case slices.Contains(reservedPorts, port):
		return fmt.Errorf("port %d belongs to another service", port)
	}
	return nil
}

// reservedPorts are those that browsers do not speak HTTP to either, since a service there may take a request for
// commands of its own: the Fetch standard's bad ports, and those of common databases.
var reservedPorts = []int{
	1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111, 113, 115, 117, 119,
	123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990,
	993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
	2375, 3306, 5432, 6379, 11211, 27017,
}
