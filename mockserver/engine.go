package mockserver

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/mockserver/widget"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Engine does what scenarios decide: it keeps runs, plans deliveries, makes their attempts when they are due, and writes
// the journal. It is safe for concurrent use.
type Engine struct {
	store     store.Store
	sender    *webhook.Sender
	targets   webhook.Policy // where webhooks may go
	providers served
	version   string   // of the server
	names     []string // of the providers, in their order
	seed      uint64
	headers   []webhook.Header    // of deliveries to endpoints that have none of their own
	newClock  func() *clock.Clock // as it stands at the beginning
	self      string              // the URL under which this machine reaches the server
	log       *slog.Logger

	mu       sync.RWMutex
	accounts map[string]*account
	dropped  map[string]uint64 // Seq of the end of an account that is gone: its journal before is no longer shown
	owners   owners
	clock    *clock.Clock // with which accounts to come start

	public   atomic.Pointer[string] // the base URL that was set; nil: learnt from requests
	shelving sync.Mutex             // held to replace scenarios

	fresh    fresh
	held     held
	copied   copied
	firsts   firsts
	rough    *rough      // nil: nothing goes wrong by itself
	faulted  atomic.Bool // somebody has set a fault at some time: until then nobody looks for one
	holding  atomic.Bool // likewise a hold
	moved    moved
	sources  map[string]netip.Addr // that webhooks come from, by provider, where that was given
	attempts sync.WaitGroup
	// linger returns a context for attempts, which go on when the call that began them has ended, until the server's
	// patience ends.
	linger   func(context.Context) (context.Context, context.CancelFunc)
	stopping atomic.Bool // no further attempt begins
}

// provider is a provider with what the engine needs beside its folder.
type provider struct {
	*openapi.Provider
	accept webhook.Accept
	shelf  shelf             // its scenarios
	given  map[string]string // credentials that every account has instead of derived ones
	keys   *keys             // nil: every key is known
	widget *widget.Widget    // serves its browser scripts; nil where it has none
}

// newProvider adds the scenarios of the provider and own, a user's, which win.
func newProvider(p *openapi.Provider, own []*scenarios.Scenario) (*provider, error) {
	accept, err := webhook.ParseAccept(p.Accept())
	if err != nil {
		return nil, fmt.Errorf("provider %s: %w", p.Name, err)
	}
	made := &provider{Provider: p, accept: accept}
	made.shelf.provider = p
	made.shelf.files, _ = made.shelf.files.with(FilesSource, own)
	return made, nil
}

// vocabulary tells scenario files which names the providers have.
type vocabulary map[string]*openapi.Provider

var _ scenarios.Vocabulary = vocabulary{}

func (v vocabulary) Operations(provider string) []string {
	p := v[provider]
	if p == nil {
		return nil
	}
	operations, err := p.Operations()
	if err != nil {
		return nil
	}
	ids := make([]string, len(operations))
	for i, op := range operations {
		ids[i] = op.ID
	}
	return ids
}

func (v vocabulary) Events(provider string) []string {
	var names []string
	if p := v[provider]; p != nil {
		for _, event := range p.Events() {
			names = append(names, event.Name)
		}
	}
	return names
}

func (v vocabulary) Simulations(provider string) []string {
	var names []string
	if p := v[provider]; p != nil {
		for _, one := range p.Simulations() {
			names = append(names, one.Name)
		}
	}
	return names
}

func (v vocabulary) Misfits(provider, event string, run map[string]any, data *template.Node) []scenarios.Misfit {
	var all []scenarios.Misfit
	if p := v[provider]; p != nil {
		for _, one := range p.Misfits(event, run, data) {
			all = append(all, scenarios.Misfit(one))
		}
	}
	return all
}

func (v vocabulary) Examples(provider, operation string) []string {
	p := v[provider]
	if p == nil {
		return nil
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return nil
	}
	return op.Examples()
}

func (vocabulary) Faults(where string) []scenarios.FaultKind { return fault.Kinds(where) }

// Lint reads scenario files against the providers. It is what serving them would say, without serving them.
func Lint(providers []*openapi.Provider, file string, src []byte) (*scenarios.Scenario, error) {
	v := vocabulary{}
	for _, p := range providers {
		v[p.Name] = p
	}
	return scenarios.Parse(file, src, v)
}
