package delivery

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
)

// Prepared is an attempt with everything done but the sending.
type Prepared struct {
	delivery *Delivery
	provider *library.Provider
	endpoint webhook.Endpoint
	removed  bool // the endpoint was removed: nothing is sent
	message  webhook.Message
	signedBy string
	faults   []string // that apply
	hints    []string // about those that do not
	failure  error    // of rendering
	at       time.Time
}

// Prepare reads a delivery and renders and signs its next attempt.
func (s *Service) Prepare(ctx context.Context, a *account.Account, id string) (*Prepared, error) {
	doc, err := s.Store.Get(ctx, tx.DeliveryKey(a.Name(), id))
	if err != nil {
		return nil, fmt.Errorf("delivery %q: %w", id, err)
	}
	d := s.decoded.take(doc)
	if d == nil {
		if d, err = parse(doc); err != nil {
			return nil, err
		}
	}
	p := s.Library.Provider(d.Provider)
	if p == nil {
		return nil, fmt.Errorf("delivery %q: provider %q is not served", id, d.Provider)
	}
	m := &Prepared{delivery: d, provider: p, at: time.Now()}
	ep, ok, err := s.Endpoints.of(ctx, a, d)
	if err != nil {
		return nil, err
	}
	if m.endpoint, m.removed = ep, !ok; ok {
		m.failure = s.render(ctx, a, m)
	}
	return m, nil
}

// IsStale reports whether an attempt that was prepared ahead of its time must be prepared again: the delivery or its
// endpoint changed, or its signature would be old.
func (s *Service) IsStale(ctx context.Context, a *account.Account, m *Prepared) bool {
	doc, err := s.Store.Get(ctx, m.delivery.stored.Key)
	if err != nil || doc.Rev != m.delivery.stored.Rev || time.Since(m.at) > time.Second {
		return true
	}
	ep, ok, err := s.Endpoints.of(ctx, a, m.delivery)
	return err != nil || ok == m.removed || ep.URL != m.endpoint.URL || ep.From != m.endpoint.From || !maps.Equal(ep.Switches, m.endpoint.Switches) ||
		!slices.Equal(ep.Headers, m.endpoint.Headers)
}

// render renders and signs the next attempt of a delivery.
func (s *Service) render(ctx context.Context, a *account.Account, m *Prepared) error {
	p, d, ep := m.provider, m.delivery, m.endpoint
	scope, over, err := s.scope(a, m)
	if err != nil {
		return err
	}
	accepts, err := p.AcceptsOf(d.Event, scope.Endpoint)
	if err != nil {
		return err
	}
	m.message = webhook.Message{ID: d.ID, Event: d.Event, URL: ep.URL, Timeout: p.Webhooks().Timeout(), Accept: accepts,
		Follow: p.Webhooks().Policy(d.Event, scope.Endpoint).FollowsRedirects()}
	if m.message.From, err = s.Endpoints.source(p, ep); err != nil {
		return err
	}
	if len(d.Faults) > 0 {
		return s.renderFaulty(ctx, a, m, scope, over)
	}
	rendered, err := p.Webhooks().Deliver(d.Event, over, scope, time.Now())
	rendered.Header = append(rendered.Header, s.Endpoints.headersOf(ep)...)
	if err == nil && d.Override != nil {
		rendered, err = d.Override.apply(p, d.Event, rendered, scope)
	}
	m.message.Header, m.message.Body, m.signedBy = rendered.Header, rendered.Body, rendered.SignedBy
	return err
}

// scope returns the scope of a delivery's expressions, and the data laid over the event's template.
func (s *Service) scope(a *account.Account, m *Prepared) (*template.Scope, *template.Node, error) {
	d := m.delivery
	scope, err := d.Run.Scope(a, m.provider.Provider, d.Due)
	if err != nil {
		return nil, nil, err
	}
	if scope.Endpoint, err = m.provider.EndpointValues(m.endpoint); err != nil {
		return nil, nil, err
	}
	scope.Delivery = map[string]any{"id": d.SentID()}
	if len(d.Data) == 0 {
		return scope, nil, nil
	}
	over, err := template.ParseData(d.Data)
	return scope, over, err
}
