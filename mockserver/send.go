package mockserver

import (
	"context"
	"errors"
	"fmt"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// Send plans an event at once, without a scenario, for every endpoint of the account that takes it. It tells of a run of
// the account's, or of one that is made up for it and not kept. Nothing is expected of it, and no rule waits for its end.
func (e *Engine) Send(ctx context.Context, want control.SendRequest) (control.Sent, error) {
	p := e.providers.of(want.Provider)
	if p == nil {
		return control.Sent{}, control.Invalidf("no provider is called %q, want one of %v", want.Provider, e.names)
	}
	if p.Event(want.Event) == nil {
		return control.Sent{}, control.Invalidf("%s has no event %q%s", p.Name, want.Event, suggest.Meant(want.Event, vocabulary{p.Name: p.Provider}.Events(p.Name)))
	}
	if len(want.Data) > 0 {
		if data, err := template.DecodeJSON(want.Data); err != nil {
			return control.Sent{}, control.Invalidf("data: %w", err)
		} else if _, ok := data.(map[string]any); !ok {
			return control.Sent{}, control.Invalidf("data must be an object: it is laid over what the event tells")
		}
	}
	want.Account = e.somebody(want.Account, want.Provider)
	for {
		a, err := e.account(ctx, want.Account)
		if err != nil {
			return control.Sent{}, err
		}
		sent, err := e.sendNow(ctx, a, p, want)
		if !errors.Is(err, store.ErrConflict) { // reset meanwhile
			return sent, err
		}
	}
}

func (e *Engine) sendNow(ctx context.Context, a *account, p *provider, want control.SendRequest) (control.Sent, error) {
	sent := control.Sent{Account: a.name, Deliveries: []string{}}
	endpoints, err := e.endpointsFor(ctx, a, p.Name, want.Event, false)
	if err != nil {
		return sent, err
	}
	if len(endpoints) == 0 {
		return sent, control.Invalidf("no endpoint of account %q takes %s of %s: register one with POST %s/endpoints", a.name, want.Event, p.Name, control.Base)
	}
	s := e.step(a, a.clock.Now())
	r, err := s.about(ctx, p, want)
	if err != nil {
		return sent, err
	}
	sent.Run = r.Reference
	for _, ep := range endpoints {
		d := delivery{ID: a.name36("d"), Provider: p.Name, Event: want.Event, Data: []byte(want.Data), Endpoint: ep.ID, URL: ep.URL, Run: r, Due: s.now, Manual: true}
		if _, err := s.plan(ctx, d); err != nil {
			return sent, err
		}
		sent.Deliveries = append(sent.Deliveries, d.ID)
	}
	return sent, s.commit(ctx)
}

// about is the run that an event tells of.
func (s *step) about(ctx context.Context, p *provider, want control.SendRequest) (*run, error) {
	if want.Run == "" {
		return s.sample(ctx, p, want.Subject)
	}
	if want.Subject != "" {
		return nil, control.Invalidf("subject: the run has one already: leave out run or subject")
	}
	r, err := s.engine.findRun(ctx, runKey(s.account.name, p.Name, want.Run))
	if err == nil && r == nil {
		err = fmt.Errorf("run %q of account %q: %w; a run that is over is kept only so long", want.Run, s.account.name, store.ErrNotFound)
	}
	return r, err
}
