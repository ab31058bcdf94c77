package library

import (
	"maps"
	"path"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// vocabulary tells the scenario parser which names the providers have.
type vocabulary struct {
	providers map[string]*openapi.Provider
	mu        sync.Mutex
	bases     map[string]*scenarios.Base // by provider, as far as they were read
}

var _ scenarios.Vocabulary = (*vocabulary)(nil)

// Vocabulary returns the names of providers, and what they mean, for [scenarios.Parse].
func Vocabulary(providers []*openapi.Provider) scenarios.Vocabulary {
	return newVocabulary(providers...)
}

func newVocabulary(providers ...*openapi.Provider) *vocabulary {
	v := &vocabulary{providers: map[string]*openapi.Provider{}, bases: map[string]*scenarios.Base{}}
	for _, p := range providers {
		v.providers[p.Name] = p
	}
	return v
}

func (v *vocabulary) Providers() []string { return slices.Sorted(maps.Keys(v.providers)) }

func (v *vocabulary) Operations(provider string) []string {
	p := v.providers[provider]
	if p == nil {
		return nil
	}
	return openapi.OperationIDs(p)
}

func (v *vocabulary) Events(provider string) []string {
	var names []string
	if p := v.providers[provider]; p != nil {
		for _, event := range p.Events() {
			names = append(names, event.Name)
		}
	}
	return names
}

func (v *vocabulary) Simulations(provider string) []string {
	var names []string
	if p := v.providers[provider]; p != nil {
		for _, simulation := range p.Simulations() {
			names = append(names, simulation.Name)
		}
	}
	return names
}

func (v *vocabulary) SchemaIssues(provider, event string, run map[string]any, data *template.Node) []scenarios.SchemaIssue {
	var all []scenarios.SchemaIssue
	if p := v.providers[provider]; p != nil {
		for _, issue := range p.Webhooks().Issues(event, run, data) {
			all = append(all, scenarios.SchemaIssue(issue))
		}
	}
	return all
}

func (v *vocabulary) Examples(provider, operation string) []string {
	p := v.providers[provider]
	if p == nil {
		return nil
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return nil
	}
	return op.Examples()
}

func (*vocabulary) Faults(where string) []scenarios.FaultKind { return fault.Kinds(where) }

func (v *vocabulary) Outcomes(provider string) *outcome.Table {
	if p := v.providers[provider]; p != nil {
		return p.Outcomes()
	}
	return nil
}

func (v *vocabulary) OutcomeExample(provider, operation, name string) string {
	p := v.providers[provider]
	if p == nil {
		return ""
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return ""
	}
	return op.OutcomeExample(p.Outcomes().Find(name), nil)
}

func (v *vocabulary) Reports(provider, event string) []string {
	if p := v.providers[provider]; p != nil && p.Event(event) != nil {
		return p.Event(event).Reports
	}
	return nil
}

func (v *vocabulary) Contradiction(provider, event string, data *template.Node, name string) (at, other string) {
	if p := v.providers[provider]; p != nil {
		if at, o := p.Webhooks().Contradiction(event, data, name); o != nil {
			return at, o.Name
		}
	}
	return "", ""
}

func (v *vocabulary) OptIn(provider, event string) bool {
	p := v.providers[provider]
	return p != nil && p.Event(event) != nil && p.Event(event).OnRequest
}

func (v *vocabulary) Runs(provider, operation string) (starts, finds bool) {
	p := v.providers[provider]
	if p == nil {
		return false, false
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return false, false
	}
	_, finds = op.Finds()
	return op.Starts(), finds
}

func (v *vocabulary) Base(provider string) *scenarios.Base {
	v.mu.Lock()
	defer v.mu.Unlock()
	base, read := v.bases[provider]
	if p := v.providers[provider]; p != nil && !read {
		base = scenarios.BaseIn(p.Folder(), path.Join(directory, scenarios.Default+".yaml"))
		v.bases[provider] = base
	}
	return base
}

func (v *vocabulary) Deliveries(provider, event string) (attempts int, accepted func(status int) (ever, always bool)) {
	if p := v.providers[provider]; p != nil {
		attempts, accept := p.Webhooks().Limits(event)
		return attempts, func(status int) (ever, always bool) { return webhook.Agreement(accept, status) }
	}
	return 0, func(int) (bool, bool) { return true, false }
}

func (v *vocabulary) ReplyContradiction(provider, operation string, body *template.Node, name string) (at, other string) {
	p := v.providers[provider]
	if p == nil {
		return "", ""
	}
	op, err := p.Operation(operation)
	if err != nil || op == nil {
		return "", ""
	}
	if at, o := openapi.ReplyContradiction(p, op, body, name); o != nil {
		return at, o.Name
	}
	return "", ""
}

func (v *vocabulary) Members(provider, root string, of, at []string) (names []string, open bool) {
	if p := v.providers[provider]; p != nil {
		return p.Members(root, of, at)
	}
	return nil, true
}

func (v *vocabulary) Values(provider string, operations, path []string) (types []string, refusal func(value any) string) {
	if p := v.providers[provider]; p != nil {
		return openapi.Values(p, operations, path)
	}
	return nil, nil
}

func (v *vocabulary) Timeout(provider string) time.Duration {
	if p := v.providers[provider]; p != nil {
		return p.Webhooks().Timeout()
	}
	return 0
}
