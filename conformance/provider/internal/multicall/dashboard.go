package multicall

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/idmock/idmock/conformance/provider/internal/inbox"
	"github.com/idmock/idmock/conformance/provider/internal/session"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi"
)

// unknownEvent requires that a webhook cannot subscribe to an event that does not exist.
func unknownEvent(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	const unknown = "no.such.event"
	r, err := s.Registration(s.Account(c.ID), s.Scheme()+"://"+publicHost+"/hooks")
	if err != nil {
		return Finding{}, err
	}
	if err := acceptsOrdinary(ctx, s, c); err != nil {
		return Finding{}, err
	}
	call, _ := r.Match(s.Provider)
	members, _ := call.Body.(map[string]any)
	for name := range members {
		changed := maps.Clone(members)
		changed[name] = []any{unknown}
		scope := call.Scope()
		scope.Body = changed
		if webhook, err := r.Op.Webhook(scope); err != nil || !slices.Equal(webhook.Events, []string{unknown}) {
			continue
		}
		if r.Body, err = json.Marshal(changed); err != nil {
			return Finding{}, err
		}
		registration, err := s.Call(ctx, r)
		if err != nil || registration.Got.Rejected() {
			return Finding{}, err
		}
		return unexpected(registration, "a refusal of an event that does not exist", registration.Got.Summary())
	}
	return c.notApplicable()
}

// duplicateURL requires that a URL that is registered twice receives each event once, whether or not the second registration
// is refused.
func duplicateURL(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if s.Provider.Webhooks().Registration().Duplicates != "" {
		return Finding{NotApplicable: "the provider allows two webhooks with one URL, and sends to each"}, nil
	}
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	if w.Registration.Request == nil {
		return c.notApplicable()
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	before := len(w.Deliveries())
	if _, err := s.Register(ctx, w.Account, w.URL); err != nil && !errors.Is(err, session.ErrRefused) {
		return Finding{}, err
	}
	if err := w.Send(ctx); err != nil {
		return Finding{}, err
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	if n := len(w.Deliveries()) - before; n != 1 {
		return received(w, "one request per event, although its URL was registered twice", fmt.Sprint(n))
	}
	return Finding{}, nil
}

// removedWebhook requires that a removed webhook receives nothing more: neither retries nor new events.
func removedWebhook(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	w, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusInternalServerError))
	if err != nil {
		return Finding{}, err
	}
	if w.Registration.Request == nil {
		return c.notApplicable()
	}
	if err := w.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	before := len(w.Deliveries())
	if before == 0 {
		return Finding{Inconclusive: "no webhook was received while it was registered"}, nil
	}
	if err := w.Remove(ctx); err != nil {
		return Finding{}, err
	}
	_, _ = s.SendEvent(ctx, w.Account) // may fail, because no endpoint is left
	if err := w.Advance(ctx, afterAllRetries); err != nil {
		return Finding{}, err
	}
	if n := len(w.Deliveries()) - before; n > 0 {
		return received(w, "no webhooks after the removal", fmt.Sprintf("%d more", n))
	}
	return Finding{}, nil
}

// isolation requires that an account's events reach only its own webhook, which no other account can read or change.
func isolation(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	mine, err := s.Subscribe(ctx, c.ID, inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	if mine.Registration.Request == nil {
		return c.notApplicable()
	}
	account := s.OtherKey + "-reg-tenant-isolation"
	theirs, err := s.SubscribeAs(ctx, account, c.ID+"/other", inbox.Status(http.StatusOK))
	if err != nil {
		return Finding{}, err
	}
	if found, err := inaccessible(ctx, s, account, mine); err != nil || !found.Met() {
		return found, err
	}
	for _, w := range []*session.Webhook{mine, theirs} {
		if err := w.Deliver(ctx); err != nil {
			return Finding{}, err
		}
	}
	before := len(theirs.Deliveries())
	if err := mine.Send(ctx); err != nil {
		return Finding{}, err
	}
	if err := mine.Deliver(ctx); err != nil {
		return Finding{}, err
	}
	switch own, other := len(mine.Deliveries()), len(theirs.Deliveries())-before; {
	case other > 0:
		return received(theirs, "an account's events at its own webhook only", fmt.Sprintf("%d at the webhook of another", other))
	case own != 2:
		return received(mine, "an account's two events at its own webhook", fmt.Sprintf("%d there", own))
	}
	return Finding{}, nil
}

// inaccessible requires that an account can neither read nor change the webhook of another.
func inaccessible(ctx context.Context, s *session.Session, account string, w *session.Webhook) (Finding, error) {
	operations, err := s.Dashboard(openapi.DashboardRead, openapi.DashboardUpdate, openapi.DashboardRemove)
	if err != nil {
		return Finding{}, err
	}
	for _, op := range operations {
		if _, _, named := op.DashboardID(&template.Scope{}); !named {
			continue // the operation concerns the caller's own webhook
		}
		call, ok, err := s.AskFor(ctx, op, account, w.Registration)
		if err != nil {
			return Finding{}, err
		}
		if ok && call.Got.Status < 300 {
			return unexpected(call, "a refusal, because the webhook belongs to another account", call.Name()+" with another key: "+call.Got.Summary())
		}
	}
	return Finding{}, nil
}

// secretOnce requires that the response to a registration contains the secret of the webhook, and no later response does.
func secretOnce(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	place := s.Provider.Webhooks().Registration().Secret
	if place == "" {
		return c.notApplicable()
	}
	if err := acceptsOrdinary(ctx, s, c); err != nil {
		return Finding{}, err
	}
	account := s.Account(c.ID)
	registration, err := s.Register(ctx, account, s.Scheme()+"://"+publicHost+"/hooks")
	if err != nil {
		return Finding{}, err
	}
	value, _ := openapi.Pointer(registration.Got.Body, place)
	secret, _ := value.(string)
	if secret == "" {
		return unexpected(registration, "a secret at "+place, "none")
	}
	operations, err := s.Dashboard(openapi.DashboardRead, openapi.DashboardList)
	if err != nil {
		return Finding{}, err
	}
	for _, op := range operations {
		call, ok, err := s.AskFor(ctx, op, account, registration)
		if err != nil {
			return Finding{}, err
		}
		if ok && bytes.Contains(call.Got.Body, []byte(secret)) {
			return unexpected(call, "a response without the secret, which was shown once", call.Name()+" with the secret")
		}
	}
	return Finding{}, nil
}

// minSecret is the minimum size of a secret, in bytes.
const minSecret = 24

// secretStrength requires long secrets that differ between accounts.
func secretStrength(ctx context.Context, s *session.Session, c Case) (Finding, error) {
	if !s.Mock {
		return Finding{Inconclusive: "the server is not an idmock: its signing secrets cannot be read"}, nil
	}
	signature := s.Provider.Webhooks().Signature(nil)
	if !signature.Signs() {
		return c.notApplicable()
	}
	var secrets []string
	for _, account := range []string{s.Account(c.ID), s.OtherKey + "-reg-secret-strength"} {
		if err := s.Freeze(ctx, account); err != nil { // creates the account
			return Finding{}, err
		}
		secret, err := s.Secret(ctx, account, signature)
		if err != nil {
			return Finding{}, err
		}
		key, err := signature.Key([]byte(secret))
		if err != nil {
			return Finding{Expected: "a valid signing secret", Got: err.Error()}, nil
		}
		if len(key) < minSecret {
			return Finding{Expected: fmt.Sprintf("a secret of at least %d bytes", minSecret), Got: fmt.Sprintf("%d bytes", len(key))}, nil
		}
		secrets = append(secrets, secret)
	}
	if secrets[0] == secrets[1] {
		return Finding{Expected: "a different secret for each account", Got: "the same secret for two accounts"}, nil
	}
	return Finding{}, nil
}
