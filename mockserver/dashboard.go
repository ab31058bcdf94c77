package mockserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// dashboard does what a screen of the provider's dashboard does: show webhooks, set them, send a test event.
func (s *step) dashboard(ctx context.Context, p *provider, c *openapi.Call, scope *template.Scope) (openapi.Reply, error) {
	op, verb := c.Operation, c.Operation.DashboardVerb()
	have, err := s.dashboardEndpoint(ctx, p, op, scope)
	if err != nil {
		return openapi.Reply{}, err
	}
	if _, missing, named := op.DashboardID(scope); named && have == nil {
		return p.Reply(op, missing, nil, scope)
	}
	switch verb {
	case openapi.DashboardCreate, openapi.DashboardUpdate:
		have, err = s.setWebhook(ctx, p, op, scope, have)
	case openapi.DashboardRemove:
		err = s.removeWebhook(ctx, have)
	case openapi.DashboardList:
		err = s.listWebhooks(ctx, p, scope)
	case openapi.DashboardTest:
		err = s.testWebhook(ctx, p, op, scope, have)
	case openapi.DashboardResend:
		id, missing := op.DashboardResend(scope)
		if scope.Delivery, err = s.resendFrom(ctx, p, id); errors.Is(err, store.ErrNotFound) {
			return p.Reply(op, missing, nil, scope)
		}
	}
	if err != nil {
		return openapi.Reply{}, err
	}
	scope.Endpoint = map[string]any{}
	if have != nil {
		if scope.Endpoint, err = p.endpointValues(*have); err != nil {
			return openapi.Reply{}, err
		}
	}
	return p.Reply(op, "", nil, scope)
}

// dashboardEndpoint returns the endpoint that a call to the dashboard is about: the one that it names, or else the one
// that the dashboard shows, which is the one set there or the account's first. It is nil where there is none.
func (s *step) dashboardEndpoint(ctx context.Context, p *provider, op *openapi.Operation, scope *template.Scope) (*webhook.Endpoint, error) {
	set, err := s.engine.settingsOf(ctx, s.account)
	if err != nil {
		return nil, err
	}
	id, _, named := op.DashboardID(scope)
	var found *webhook.Endpoint
	for _, ep := range set.Endpoints {
		switch {
		case ep.Provider != p.Name:
		case named && ep.ID == id, !named && (found == nil || ep.Source == sourceDashboard):
			found = &ep
		}
	}
	if op.DashboardVerb() == openapi.DashboardCreate {
		return nil, nil
	}
	return found, nil
}

func (s *step) setWebhook(ctx context.Context, p *provider, op *openapi.Operation, scope *template.Scope, have *webhook.Endpoint) (*webhook.Endpoint, error) {
	given, err := op.Webhook(scope)
	if err != nil {
		return nil, err
	}
	if given.URL == "" {
		return nil, s.removeWebhook(ctx, have)
	}
	ep := webhook.Endpoint{Account: s.account.name, Provider: p.Name, Switches: map[string]string{}, Source: sourceDashboard}
	if have != nil { // what the screen shows is what is changed on it, wherever it was registered
		ep.ID, ep.Events, ep.Headers, ep.From, ep.Form = have.ID, have.Events, have.Headers, have.From, have.Form
		maps.Copy(ep.Switches, have.Switches)
	}
	if err := s.engine.registrable(p.Registration(), given.URL); err != nil {
		return nil, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "webhook_url: " + err.Error()}
	}
	ep.URL = given.URL
	maps.Copy(ep.Switches, given.Switches)
	if given.Events != nil {
		ep.Events = given.Events
	}
	if given.Header != nil {
		ep.Headers = given.Header
	}
	if given.Form != nil {
		ep.Form = jsontext.Value(given.Form)
	}
	if op.DashboardVerb() == openapi.DashboardCreate {
		if ep.ID, err = s.duplicate(ctx, p, ep); err != nil {
			return nil, err
		}
	}
	made, err := s.engine.SetEndpoint(ctx, ep)
	if errors.Is(err, control.ErrInvalid) {
		return nil, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "webhook_" + err.Error()}
	}
	return &made, err
}

// duplicate is the ID of a webhook that is one more: a new one, whatever the dashboard knows already, or that of the same
// URL and events where the provider has no two such.
func (s *step) duplicate(ctx context.Context, p *provider, ep webhook.Endpoint) (string, error) {
	made := s.account.name36("e")
	if p.Registration().Duplicates != "" {
		return made, nil
	}
	set, err := s.engine.settingsOf(ctx, s.account)
	if err != nil {
		return "", err
	}
	for _, have := range set.Endpoints {
		if have.Provider == ep.Provider && have.URL == ep.URL && slices.Equal(have.Events, ep.Events) {
			return have.ID, nil
		}
	}
	return made, nil
}

func (s *step) removeWebhook(ctx context.Context, have *webhook.Endpoint) error {
	if have == nil {
		return nil
	}
	err := s.engine.RemoveEndpoint(ctx, s.account.name, have.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

func (s *step) listWebhooks(ctx context.Context, p *provider, scope *template.Scope) error {
	set, err := s.engine.settingsOf(ctx, s.account)
	if err != nil {
		return err
	}
	scope.Endpoints = []any{}
	for _, ep := range set.Endpoints {
		if ep.Provider != p.Name {
			continue
		}
		values, err := p.endpointValues(ep)
		if err != nil {
			return err
		}
		scope.Endpoints = append(scope.Endpoints, values)
	}
	return nil
}

// endpointValues is what expressions see of an endpoint.
func (p *provider) endpointValues(ep webhook.Endpoint) (map[string]any, error) {
	values := p.EndpointValues(ep.ID, ep.URL, ep.Switches)
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

// testWebhook sends an event to the webhook: with the answer to this call, or before it, so that the answer can tell.
func (s *step) testWebhook(ctx context.Context, p *provider, op *openapi.Operation, scope *template.Scope, have *webhook.Endpoint) error {
	event, now := op.DashboardTest()
	if have == nil {
		return &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "no webhook URL is set: set one before testing it"}
	}
	r, err := s.sample(ctx, p, "")
	if err != nil {
		return err
	}
	d := delivery{ID: s.account.name36("d"), Provider: p.Name, Event: event, Endpoint: have.ID, URL: have.URL, Run: r, Due: s.now, Manual: true}
	if !now {
		_, err := s.plan(ctx, d)
		return err
	}
	// One attempt and no other, whatever comes of it: somebody is looking at the screen.
	made := webhook.Attempt{N: 1, Sent: time.Now(), Class: webhook.Malformed, Request: webhook.Request{URL: have.URL}}
	m := &prepared{delivery: &d, provider: p, endpoint: *have}
	if err := s.engine.message(s.account, m); err != nil {
		made.Error = err.Error()
	} else {
		made = s.engine.sender.Send(ctx, 1, m.message)
	}
	d.Attempts = 1
	outcome := journal.Delivered
	if !made.Accepted {
		outcome = journal.Exhausted
	}
	s.tellPlanned(d)
	s.tell(tellAttempt(m, made))
	s.tell(journal.Delivery{Delivery: d.ID, Provider: p.Name, Event: event, Run: r.Reference, Endpoint: d.Endpoint, URL: d.URL, Outcome: outcome, Attempts: 1})
	scope.Delivery = map[string]any{"id": d.ID, "accepted": made.Accepted}
	if made.Response != nil {
		scope.Delivery["status"] = made.Response.Status
	}
	if !made.Accepted {
		scope.Delivery["error"] = made.Error
	}
	return nil
}

// resendFrom sends the event of one of the account's deliveries once more, under the id that it had: to the receiver it is
// the same event. The error is store.ErrNotFound where the account has no such delivery.
func (s *step) resendFrom(ctx context.Context, p *provider, id string) (map[string]any, error) {
	known, err := s.engine.Delivery(ctx, id)
	if err == nil && (known.Account != s.account.name || known.Provider != p.Name) {
		err = fmt.Errorf("delivery %q: %w", id, store.ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	_, err = s.engine.resend(ctx, id, control.Resend{}, true)
	return map[string]any{"id": id}, err
}

// starter returns the first operation that starts a run.
func (p *provider) starter() (*openapi.Operation, error) {
	operations, err := p.Operations()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(operations, (*openapi.Operation).Starts)
	if i < 0 {
		return nil, errors.New("no operation of this provider starts a run")
	}
	return operations[i], nil
}

// sample is a run that never was: of the first operation that starts one, as the document shows it, for the documented
// subject or another.
func (s *step) sample(ctx context.Context, p *provider, subject string) (*run, error) {
	op, err := p.starter()
	if err != nil {
		return nil, err
	}
	r := &run{Provider: p.Name, Operation: op.ID, Scenario: scenarios.Default, Started: s.now}
	_, request, err := op.Request(subject)
	if err != nil {
		return nil, control.Invalidf("subject: %w", err)
	}
	c := &openapi.Call{Operation: op}
	if request != nil {
		if r.Request, err = request.Append(nil, nil); err != nil {
			return nil, err
		}
		if c.Body, err = template.DecodeJSON(r.Request); err != nil {
			return nil, err
		}
		c.Subject = op.Subject(c.Scope())
	}
	r.Subject = c.Subject
	scope, err := s.engine.scope(s.account, p, c, s.now)
	if err != nil {
		return nil, err
	}
	return r, s.refer(ctx, p, op, r, scope)
}
