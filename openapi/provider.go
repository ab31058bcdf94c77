package openapi

import (
	"io/fs"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/spec"
)

// Provider is an identity-verification service, read from its directory. It is safe for concurrent use.
type Provider struct {
	Name string // of the directory, as in scenario files and flags
	Summary

	fsys     fs.FS
	shipped  bool
	contents func() (*contents, error)
	load     func() (*document, error)
}

// Summary is the part of a provider that is known before its directory is read.
type Summary struct {
	Title  string   // for people
	Prefix string   // of paths on the mock: /name
	Hosts  []string // host names of the real service, which the mock serves as well
}

// contents are provider.yaml and the event templates.
type contents struct {
	set         settings.Settings
	source      netip.Addr
	credentials []template.Member
	env         []template.Member
	headers     []template.Member // of a delivery
	errors      map[Kind]errorTemplate
	events      map[string]*Event
	addressed   []*Event     // that are sent to a URL from a request
	simulations []Simulation // by name
	outcomes    *outcome.Table
}

// read returns the contents. It panics if they are invalid: [Open] has refused a user's directory then, and tests read
// those that ship.
func (p *Provider) read() *contents {
	c, err := p.contents()
	if err != nil {
		panic(err)
	}
	return c
}

// Simulation is an action on a run that a user can trigger if the run's scenario has a rule for it.
type Simulation struct{ Name, Description string }

// IsShipped reports whether the directory is part of the program: it is valid, and may not have been read yet.
func (p *Provider) IsShipped() bool { return p.shipped }

// Folder returns the provider's directory. It may have files unknown to this package.
func (p *Provider) Folder() fs.FS { return p.fsys }

// Owns reports whether host or path prefix of a request belong to this provider.
func (p *Provider) Owns(host, path string) bool {
	return p.OwnsHost(host) ||
		strings.HasPrefix(path, p.Prefix) && (len(path) == len(p.Prefix) || path[len(p.Prefix)] == '/')
}

// OwnsHost reports whether a host without port belongs to this provider, for any path. Ask all providers for the host
// first: a path of one provider may begin with the prefix of another.
func (p *Provider) OwnsHost(host string) bool {
	return slices.Contains(p.Hosts, host) || host == p.Name+".localhost"
}

// HasPath reports whether the document has the path of a request, with any method.
func (p *Provider) HasPath(r *http.Request) bool {
	d, err := p.load()
	if err != nil {
		return false
	}
	op, refusal := d.find(r)
	return op != nil || refusal.Kind == Method
}

// Operations returns the operations in the document's order.
func (p *Provider) Operations() ([]*Operation, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	return d.operations, nil
}

// Skipped lists the operations that are not served. It loads every operation.
func (p *Provider) Skipped() ([]spec.Skipped, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	return d.Document.Skipped(), nil
}

// Operation returns an operation by its id, or nil.
func (p *Provider) Operation(id string) (*Operation, error) {
	d, err := p.load()
	if err != nil {
		return nil, err
	}
	return d.byID[id], nil
}

// Events returns the provider's events by name.
func (p *Provider) Events() []*Event {
	return slices.SortedFunc(maps.Values(p.read().events), func(a, b *Event) int { return strings.Compare(a.Name, b.Name) })
}

// Event returns an event by its name, or nil.
func (p *Provider) Event(name string) *Event { return p.read().events[name] }

// Webhooks returns the provider's webhooks: their settings, rendering, signatures and schemas.
func (p *Provider) Webhooks() Webhooks { return Webhooks{p} }

// SDK returns the provider's browser scripts.
func (p *Provider) SDK() SDK { return SDK{p} }

// Switches returns the switches of the provider's endpoints.
func (p *Provider) Switches() settings.Switches { return p.read().set.Switches }

// Screens returns the screens of the dashboard, in the order of the file.
func (p *Provider) Screens() []settings.Screen { return p.read().set.Screens }

// Simulations returns the simulations by name. Callers must not change the list.
func (p *Provider) Simulations() []Simulation { return p.read().simulations }

// Outcomes returns the table of outcomes with the variables of runs.
func (p *Provider) Outcomes() *outcome.Table { return p.read().outcomes }

// Conformance returns the section conformance of provider.yaml, nil if it has none.
func (p *Provider) Conformance() *settings.Conformance { return p.read().set.Conformance }

// Guesses returns sentences about facts of the directory that are guesses.
func (p *Provider) Guesses() []string { return p.read().set.Guesses }

// Echoes reports whether responses repeat what was sent and show the run.
func (p *Provider) Echoes() bool { return p.read().set.Echo }

// Sandbox reports whether a key belongs to the sandbox, as far as the key shows.
func (p *Provider) Sandbox(key string) bool { return p.read().set.Sandbox.Keys.Match(key) }

// WalletOf returns what a provider's requests cost, nil if that is unknown.
func WalletOf(p *Provider) *settings.Wallet { return p.read().set.Wallet }
