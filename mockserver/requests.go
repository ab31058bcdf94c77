package mockserver

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// demo is the account that plays what nobody has named an account for.
const demo = "demo"

// Play plays a scenario without an app: its start rule, or else a call to the first operation it has a rule for, made
// from the documented example as an app would make it.
func (e *Engine) Play(ctx context.Context, want control.PlayRequest) (control.PlayResult, error) {
	want.Account = e.somebody(want.Account, want.Provider)
	p, m, err := e.find(ctx, want.Account, want.Provider, want.Scenario)
	if err != nil {
		return control.PlayResult{}, err
	}
	if m.Has(scenarios.Start) {
		for {
			reference, err := e.begin(ctx, p, m, want)
			if !errors.Is(err, store.ErrConflict) { // reset meanwhile
				return control.PlayResult{Run: reference, Reference: reference}, err
			}
		}
	}
	op, err := plays(p.Provider, m)
	if err != nil {
		return control.PlayResult{}, err
	}
	if op != nil {
		return e.call(ctx, p, op, want)
	}
	return control.PlayResult{}, control.Invalidf("scenario %s cannot be played by itself: it has no rule on start, nor on a call that starts a run", want.Scenario)
}

// plays is the operation that is called to play a scenario, nil where none is.
func plays(p *openapi.Provider, m *scenarios.Machine) (*openapi.Operation, error) {
	operations, err := p.Operations()
	if err != nil || m.Has(scenarios.Start) {
		return nil, err
	}
	for _, op := range operations {
		if op.Starts() && m.Has(op.ID) {
			return op, nil
		}
	}
	for _, op := range operations { // or one that needs none to exist
		if missing, finds := op.Finds(); !op.Dashboard && m.Has(op.ID) && (!finds || missing == "") {
			return op, nil
		}
	}
	return nil, nil
}

// somebody is the account in whose name something is done for which none was named.
func (e *Engine) somebody(name, provider string) string {
	if name != everybody {
		return name
	}
	if p := e.providers.of(provider); p != nil && p.keys != nil && len(p.keys.names) > 0 {
		return p.keys.names[0]
	}
	return demo
}

// find looks a provider and a scenario up for somebody who named them.
func (e *Engine) find(ctx context.Context, account, provider, scenario string) (*provider, *scenarios.Machine, error) {
	p := e.providers.of(provider)
	if p == nil {
		return nil, nil, control.Invalidf("no provider is called %q, want one of %v", provider, e.names)
	}
	a, err := e.account(ctx, account)
	if err != nil {
		return nil, nil, err
	}
	library, err := p.library(a)
	if err != nil {
		return nil, nil, err
	}
	m, err := library.Machine(scenario)
	if err != nil {
		return nil, nil, control.Invalidf("%w", err)
	}
	return p, m, nil
}

// call makes the call that an app would make.
func (e *Engine) call(ctx context.Context, p *provider, op *openapi.Operation, want control.PlayRequest) (control.PlayResult, error) {
	mediaType, example, err := op.Request(want.Subject)
	if err != nil {
		return control.PlayResult{}, control.Invalidf("%w: give a body instead of a subject", err)
	}
	body := []byte(want.Body)
	if body == nil && example != nil {
		if body, err = example.Append(nil, nil); err != nil {
			return control.PlayResult{}, err
		}
	}
	return e.request(ctx, p, op.Method, op.Path, mediaType, body, want.Headers, want.Account, want.Scenario)
}

// begin starts a run by the scenario's start rule.
func (e *Engine) begin(ctx context.Context, p *provider, m *scenarios.Machine, want control.PlayRequest) (string, error) {
	a, err := e.account(ctx, want.Account)
	if err != nil {
		return "", err
	}
	s := e.step(a, a.clock.Now())
	c := &openapi.Call{Subject: want.Subject}
	if len(want.Body) > 0 {
		if c.Body, err = template.DecodeJSON(want.Body); err != nil {
			return "", control.Invalidf("body: %w", err)
		}
	}
	scope, err := e.scope(a, p, c, s.now)
	if err != nil {
		return "", err
	}
	r := &run{Provider: p.Name, Operation: scenarios.Start, Scenario: m.Scenario.Name, Edition: m.Edition, Subject: want.Subject, Started: s.now}
	op, err := p.starter()
	if err != nil {
		return "", err
	}
	if err := s.refer(ctx, p, op, r, scope); err != nil {
		return "", control.Invalidf("%w", err)
	}
	if err := r.remember(c.Body); err != nil {
		return "", err
	}
	scope.Run = r.values()
	state, effects, err := m.Step(r.State, scenarios.Input{On: scenarios.Start, Scope: scope})
	if err != nil {
		return "", control.Invalidf("%w", err)
	}
	r.State = state
	if err := s.apply(ctx, p, m, r, effects, s.now); err != nil {
		return "", err
	}
	if err := s.leadRun(r, nil, scenarios.Start, ""); err != nil {
		return "", err
	}
	doc, err := r.doc(a.name)
	if err != nil {
		return "", err
	}
	s.change.Docs, s.made = append(s.change.Docs, doc), r
	return r.Reference, s.commit(ctx)
}

// Take answers a request to a provider: it matches it, and plays it or refuses it. scenario, if not empty, is the one
// that the call itself asks for.
func (e *Engine) Take(p *provider, r *http.Request, scenario string) (Reply, error) {
	in := Incoming{Method: r.Method, Path: r.URL.RequestURI(), Headers: headers(r), Scenario: scenario, Started: time.Now()}
	in.Root = rootOf(r)
	if asked := r.Header["Prefer"]; len(asked) > 0 {
		in.Prefer = strings.Join(asked, ",")
	}
	call, err := p.Match(r)
	call.Account = e.owners.of(p, call.Account)
	err = e.admit(r.Context(), p, call, err)
	if err != nil {
		return e.Refuse(r.Context(), p, call, in, err)
	}
	return e.Answer(r.Context(), p, call, in)
}
