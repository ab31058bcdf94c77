package engine

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
)

// dashboard answers a request of the provider's dashboard: show webhooks, set them, send a test event.
func (q *request) dashboard(ctx context.Context) (openapi.Reply, error) {
	op := q.call.Operation
	have, err := q.dashboardEndpoint(ctx)
	if err != nil {
		return openapi.Reply{}, err
	}
	if _, missing, named := op.DashboardID(q.scope); named && have == nil {
		return q.provider.Reply(op, missing, nil, q.scope)
	}
	switch op.DashboardVerb() {
	case openapi.DashboardCreate, openapi.DashboardUpdate:
		have, err = q.setWebhook(ctx, have)
	case openapi.DashboardRemove:
		err = q.removeWebhook(ctx, have)
	case openapi.DashboardList:
		err = q.listWebhooks(ctx)
	case openapi.DashboardTest:
		err = q.testWebhook(ctx, have)
	case openapi.DashboardResend:
		id, missing := op.DashboardResend(q.scope)
		q.scope.Delivery = map[string]any{"id": id}
		if err = q.engine.Deliveries.ResendSame(ctx, q.account, q.provider.Name, id); errors.Is(err, store.ErrNotFound) {
			return q.provider.Reply(op, missing, nil, q.scope)
		}
	}
	if err != nil {
		return openapi.Reply{}, err
	}
	q.scope.Endpoint = map[string]any{}
	if have != nil {
		if q.scope.Endpoint, err = q.provider.EndpointValues(*have); err != nil {
			return openapi.Reply{}, err
		}
	}
	return q.provider.Reply(op, "", nil, q.scope)
}

// ownEndpoints lists the account's own endpoints of the provider.
func (q *request) ownEndpoints(ctx context.Context) ([]webhook.Endpoint, error) {
	all, err := q.engine.Deliveries.Endpoints.Endpoints(ctx, q.Account())
	return slices.DeleteFunc(slices.Clone(all), func(ep webhook.Endpoint) bool { return ep.Provider != q.provider.Name }), err
}

// dashboardEndpoint returns the endpoint that a request to the dashboard is about: the one that it names, or else the one
// that the dashboard shows, which is the one set there or the account's first. It is nil where there is none.
func (q *request) dashboardEndpoint(ctx context.Context) (*webhook.Endpoint, error) {
	op := q.call.Operation
	own, err := q.ownEndpoints(ctx)
	if err != nil || op.DashboardVerb() == openapi.DashboardCreate {
		return nil, err
	}
	id, _, named := op.DashboardID(q.scope)
	var found *webhook.Endpoint
	for _, ep := range own {
		if named && ep.ID == id || !named && (found == nil || ep.Source == delivery.SourceDashboard) {
			found = &ep
		}
	}
	return found, nil
}

func (q *request) setWebhook(ctx context.Context, have *webhook.Endpoint) (*webhook.Endpoint, error) {
	op := q.call.Operation
	want, err := op.Webhook(q.scope)
	if err != nil {
		return nil, err
	}
	if want.URL == "" {
		return nil, q.removeWebhook(ctx, have)
	}
	ep := webhook.Endpoint{Account: q.Account(), Provider: q.provider.Name, Switches: map[string]string{}, Source: delivery.SourceDashboard}
	if have != nil { // the screen changes the webhook that it shows, wherever it was registered
		ep.ID, ep.Events, ep.Headers, ep.From, ep.Form = have.ID, have.Events, have.Headers, have.From, have.Form
		maps.Copy(ep.Switches, have.Switches)
	}
	if err := q.engine.Deliveries.Endpoints.CheckDashboardURL(q.provider.Webhooks().Registration(), want.URL); err != nil {
		return nil, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "webhook_url: " + err.Error()}
	}
	ep.URL = want.URL
	maps.Copy(ep.Switches, want.Switches)
	if want.Events != nil {
		ep.Events = want.Events
	}
	if want.Header != nil {
		ep.Headers = want.Header
	}
	if want.Form != nil {
		ep.Form = jsontext.Value(want.Form)
	}
	if op.DashboardVerb() == openapi.DashboardCreate {
		if ep.ID, err = q.newWebhookID(ctx, ep); err != nil {
			return nil, err
		}
	}
	set, err := q.engine.Deliveries.Endpoints.SetEndpoint(ctx, ep)
	if errors.Is(err, control.ErrInvalid) {
		return nil, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "webhook_" + err.Error()}
	}
	return &set, err
}

// newWebhookID is the ID of a webhook that is created: a new one, or that of the same URL and events where the provider
// has no two such.
func (q *request) newWebhookID(ctx context.Context, ep webhook.Endpoint) (string, error) {
	id := q.account.NextID("e")
	if q.provider.Webhooks().Registration().Duplicates != "" {
		return id, nil
	}
	own, err := q.ownEndpoints(ctx)
	for _, have := range own {
		if have.URL == ep.URL && slices.Equal(have.Events, ep.Events) {
			return have.ID, nil
		}
	}
	return id, err
}

func (q *request) removeWebhook(ctx context.Context, have *webhook.Endpoint) error {
	if have == nil {
		return nil
	}
	err := q.engine.Deliveries.Endpoints.RemoveEndpoint(ctx, q.Account(), have.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (q *request) listWebhooks(ctx context.Context) error {
	own, err := q.ownEndpoints(ctx)
	q.scope.Endpoints = []any{}
	for _, ep := range own {
		values, err := q.provider.EndpointValues(ep)
		if err != nil {
			return err
		}
		q.scope.Endpoints = append(q.scope.Endpoints, values)
	}
	return err
}

// testWebhook sends an event to the webhook: after the response to this request, or before it, so that the response
// reports the result.
func (q *request) testWebhook(ctx context.Context, have *webhook.Endpoint) error {
	event, now := q.call.Operation.DashboardTest()
	if have == nil {
		return &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "no webhook URL is set: set one before testing it"}
	}
	r, err := q.sample(ctx, "")
	if err != nil {
		return err
	}
	if !now {
		_, err := q.engine.Deliveries.PlanManual(ctx, q.Tx, q.account, r, event, nil, *have)
		return err
	}
	id, result := q.engine.Deliveries.SendNow(ctx, q.Tx, q.account, r, event, *have)
	q.scope.Delivery = map[string]any{"id": id, "accepted": result.Accepted}
	if result.Response != nil {
		q.scope.Delivery["status"] = result.Response.Status
	}
	if !result.Accepted {
		q.scope.Delivery["error"] = result.Error
	}
	return nil
}
