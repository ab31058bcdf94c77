package library

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Provider is a provider that is served.
type Provider struct {
	*openapi.Provider

	accepts func() (webhook.Accept, error)
	shelf   shelf
	loaded  sync.Once
}

func newProvider(p *openapi.Provider, files sources) (*Provider, error) {
	served := &Provider{Provider: p, accepts: sync.OnceValues(func() (webhook.Accept, error) {
		accepts, err := webhook.ParseAccept(p.Webhooks().Accept())
		if err != nil {
			err = fmt.Errorf("provider %s: %w", p.Name, err)
		}
		return accepts, err
	})}
	served.shelf.provider, served.shelf.files = p, files
	if p.IsShipped() { // and not read before its first use
		return served, nil
	}
	_, err := served.Accepts()
	return served, err
}

// Load reads the provider's document and its scenarios side by side, once: its first request needs both. Errors are those of
// their use.
func (p *Provider) Load() {
	p.loaded.Do(func() {
		var read sync.WaitGroup
		read.Go(func() { _, _ = p.shelf.library() })
		_, _ = p.Operations()
		read.Wait()
	})
}

// Accepts returns the statuses of a receiver that end a delivery.
func (p *Provider) Accepts() (webhook.Accept, error) { return p.accepts() }

// AcceptsOf returns the statuses of a receiver that end a delivery of an event to an endpoint with these values.
func (p *Provider) AcceptsOf(event string, endpoint map[string]any) (webhook.Accept, error) {
	if accept := p.Webhooks().Policy(event, endpoint).Accept; !slices.Equal(accept, p.Webhooks().Accept()) {
		return webhook.ParseAccept(accept)
	}
	return p.Accepts()
}

// Reports reports whether an event about an outcome is sent to an endpoint at all, by its policy.
func (p *Provider) Reports(event string, ep webhook.Endpoint, outcome any) bool {
	endpoint := p.Provider.Switches().Endpoint(ep.ID, ep.URL, ep.Switches)
	return p.Webhooks().Policy(event, endpoint).Sends(fmt.Sprint(outcome), endpoint)
}

// ErrNoStarter reports a provider without runs.
var ErrNoStarter = errors.New("no operation that starts a run")

// Starter returns the first operation that starts a run.
func (p *Provider) Starter() (*openapi.Operation, error) {
	operations, err := p.Operations()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(operations, (*openapi.Operation).Starts)
	if i < 0 {
		return nil, fmt.Errorf("%w of %s", ErrNoStarter, p.Name)
	}
	return operations[i], nil
}

// EndpointValues are an endpoint's values in expressions.
func (p *Provider) EndpointValues(ep webhook.Endpoint) (map[string]any, error) {
	values := p.Provider.Switches().Endpoint(ep.ID, ep.URL, ep.Switches)
	events := make([]any, len(ep.Events))
	for i, name := range ep.Events {
		events[i] = name
	}
	values["events"] = events
	if len(ep.Form) > 0 {
		form, err := template.DecodeJSON(ep.Form)
		if err != nil {
			return nil, fmt.Errorf("endpoint %s: form: %w", ep.ID, err)
		}
		values["form"] = form
	}
	return values, nil
}

// EventNames lists a provider's events.
func (p *Provider) EventNames() []string { return newVocabulary(p.Provider).Events(p.Name) }

// Library is the served providers with their scenarios. It is safe for concurrent use: a provider is replaced as a whole,
// and requests under way go on with the old one.
type Library struct {
	names     []string // of the providers, in the order given
	providers atomic.Pointer[map[string]*Provider]
	replacing sync.Mutex // held to replace scenarios or a provider
	overlays  overlays
}

// New returns a library of providers, with the scenarios of files over those that ship.
func New(providers []*openapi.Provider, files []*scenarios.Scenario) (*Library, error) {
	l := &Library{}
	given, _ := sources(nil).with(FilesSource, files)
	for _, p := range providers {
		if l.Provider(p.Name) != nil {
			return nil, fmt.Errorf("duplicate provider %q", p.Name)
		}
		served, err := newProvider(p, given)
		if err != nil {
			return nil, err
		}
		l.put(served)
		l.names = append(l.names, p.Name)
	}
	return l, nil
}

// Names lists the providers in the order in which they were given.
func (l *Library) Names() []string { return l.names }

// All returns the providers that are served, in order.
func (l *Library) All() []*Provider {
	all := make([]*Provider, len(l.names))
	for i, name := range l.names {
		all[i] = l.Provider(name)
	}
	return all
}

// Provider returns a provider, or nil if it is not served.
func (l *Library) Provider(name string) *Provider { return l.all()[name] }

// Find returns a provider. The error for one that is not served is control.ErrInvalid.
func (l *Library) Find(name string) (*Provider, error) {
	if p := l.Provider(name); p != nil {
		return p, nil
	}
	return nil, control.Invalidf("unknown provider %q%s", name, l.meant(name))
}

// meant is the end of an error about an unknown provider: the one that was meant, or all there are.
func (l *Library) meant(name string) string {
	if suggest.Closest(name, l.names) != "" {
		return suggest.Meant(name, l.names)
	}
	return fmt.Sprintf(", use one of %v", l.names)
}

// all are the providers by name. The map must not be changed.
func (l *Library) all() map[string]*Provider {
	if all := l.providers.Load(); all != nil {
		return *all
	}
	return nil
}

// put serves a provider, in place of the one of its name. The caller holds l.replacing or is alone.
func (l *Library) put(p *Provider) {
	all := maps.Clone(l.all())
	if all == nil {
		all = map[string]*Provider{}
	}
	all[p.Name] = p
	l.providers.Store(&all)
}

// Openapi lists the providers without their scenarios, in their order.
func (l *Library) Openapi() []*openapi.Provider {
	all := make([]*openapi.Provider, len(l.names))
	for i, name := range l.names {
		all[i] = l.Provider(name).Provider
	}
	return all
}
