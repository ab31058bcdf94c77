package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/idmock/idmock/conformance/provider/internal/exchange"
	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/signing"
)

// Webhook is an account with a registered webhook that delivers to an inbox.
type Webhook struct {
	*inbox.Inbox
	Account      string
	URL          string
	Registration exchange.Call  // its Request is nil if the provider has no dashboard
	Event        string         // the event that was sent last
	Endpoint     map[string]any // the settings of the endpoint

	session *Session
}

// Subscribe registers a webhook for a check's own account, stops the account's clock and sends an event, which is due at
// once. The error is [Inconclusive] if the session cannot do so.
func (s *Session) Subscribe(ctx context.Context, check string, respond http.HandlerFunc) (*Webhook, error) {
	return s.SubscribeAs(ctx, s.Account(check), check, respond)
}

// SubscribeAs is Subscribe for a given account and path.
func (s *Session) SubscribeAs(ctx context.Context, account, path string, respond http.HandlerFunc) (*Webhook, error) {
	if s.Listener == nil {
		return nil, Inconclusive("webhooks cannot be received: give --listen HOST:PORT, to which the server sends its webhooks")
	}
	if err := s.RequireMock(); err != nil {
		return nil, err
	}
	path = "/hooks/" + path
	w := &Webhook{session: s, Account: account, URL: s.Listener.URL + path, Inbox: s.Listener.Open(path, respond)}
	if err := w.register(ctx); err != nil {
		return nil, err
	}
	if err := s.Freeze(ctx, account); err != nil {
		return nil, err
	}
	return w, w.Send(ctx)
}

// register registers the webhook in the dashboard, or through the control API if the provider has no dashboard.
func (w *Webhook) register(ctx context.Context) error {
	p := w.session.Provider
	registration, err := w.session.Register(ctx, w.Account, w.URL)
	switch {
	case errors.Is(err, ErrNoDashboard):
		w.Endpoint = p.Switches().Endpoint("e", w.URL, nil)
		body := map[string]any{"provider": p.Name, "url": w.URL}
		return w.session.control(ctx, controlCall{account: w.Account, method: http.MethodPost, path: "/endpoints", body: body})
	case errors.Is(err, ErrRefused) && !w.session.Local:
		return Inconclusive(fmt.Sprintf("%v: give --listen-url with a host name that the server may call and that resolves to this machine", err))
	case err != nil:
		return err
	}
	call, _ := registration.Match(p)
	settings, err := registration.Op.Webhook(call.Scope())
	w.Registration, w.Endpoint = registration, p.Switches().Endpoint("e", settings.URL, settings.Switches)
	return err
}

// Send sends the first event that the webhook accepts.
func (w *Webhook) Send(ctx context.Context) (err error) {
	w.Event, err = w.session.SendEvent(ctx, w.Account)
	return err
}

// Advance moves the account's clock and returns once all due webhooks were delivered or have failed.
func (w *Webhook) Advance(ctx context.Context, d time.Duration) error {
	return w.session.Advance(ctx, w.Account, d)
}

// Deliver delivers the webhooks that are due now.
func (w *Webhook) Deliver(ctx context.Context) error { return w.Advance(ctx, time.Millisecond) }

// Policy returns how the provider sends the event that was sent last.
func (w *Webhook) Policy() settings.Policy {
	return w.session.Provider.Webhooks().Policy(w.Event, w.Endpoint)
}

// Secret returns the signing secret of the account.
func (w *Webhook) Secret(ctx context.Context, signature signing.Config) (string, error) {
	return w.session.Secret(ctx, w.Account, signature)
}

// Remove removes the webhook in the dashboard, by its button or by saving an empty URL. The error is [Inconclusive] if the
// dashboard cannot remove webhooks.
func (w *Webhook) Remove(ctx context.Context) error {
	const impossible = Inconclusive("the dashboard cannot remove webhooks")
	operations, err := w.session.Dashboard(openapi.DashboardRemove)
	if err != nil {
		return err
	}
	for _, op := range operations {
		call, ok, err := w.session.AskFor(ctx, op, w.Account, w.Registration)
		if err != nil {
			return err
		}
		if ok {
			return removed(call)
		}
	}
	if w.Registration.Op.DashboardVerb() != openapi.DashboardUpdate {
		return impossible
	}
	r, err := w.session.Registration(w.Account, "")
	if errors.Is(err, ErrNoDashboard) {
		return impossible
	}
	if err != nil {
		return err
	}
	call, err := w.session.Call(ctx, r)
	if err != nil {
		return err
	}
	return removed(call)
}

// removed returns an [Inconclusive] error if the server refused to remove the webhook.
func removed(call exchange.Call) error {
	if call.Got.Rejected() {
		return Inconclusive("the dashboard refuses to remove the webhook: " + call.Got.Summary())
	}
	return nil
}

// Provider returns the provider under test.
func (w *Webhook) Provider() *openapi.Provider { return w.session.Provider }
