package mockserver

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// dashboard does what a screen of the provider's dashboard does: show the webhook, set it, send a test event.
func (s *step) dashboard(ctx context.Context, p *provider, c *openapi.Call, scope *template.Scope, verb, event string) (openapi.Reply, error) {
	have, err := s.dashboardEndpoint(ctx, p)
	if err != nil {
		return openapi.Reply{}, err
	}
	switch verb {
	case "update":
		if have, err = s.updateWebhook(ctx, p, c, scope, have); err != nil {
			return openapi.Reply{}, err
		}
	case "test":
		if have == nil {
			return openapi.Reply{}, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "no webhook URL is set: set one before testing it"}
		}
		if err := s.test(ctx, p, event, *have); err != nil {
			return openapi.Reply{}, err
		}
	}
	scope.Endpoint = map[string]any{}
	if have != nil {
		scope.Endpoint = p.EndpointValues(have.ID, have.URL, have.Switches)
	}
	return p.Reply(c.Operation, "", nil, scope)
}

// dashboardEndpoint returns the one endpoint that the dashboard shows: the one set there, else the account's first.
func (s *step) dashboardEndpoint(ctx context.Context, p *provider) (*webhook.Endpoint, error) {
	set, err := s.engine.settingsOf(ctx, s.account)
	if err != nil {
		return nil, err
	}
	var found *webhook.Endpoint
	for _, ep := range set.Endpoints {
		if ep.Provider == p.Name && (found == nil || ep.Source == sourceDashboard) {
			found = &ep
		}
	}
	return found, nil
}

func (s *step) updateWebhook(ctx context.Context, p *provider, c *openapi.Call, scope *template.Scope, have *webhook.Endpoint) (*webhook.Endpoint, error) {
	url, err := c.Operation.WebhookURL(scope)
	if err != nil {
		return nil, err
	}
	if url == "" {
		if have == nil {
			return nil, nil
		}
		err := s.engine.RemoveEndpoint(ctx, s.account.name, have.ID)
		if errors.Is(err, store.ErrNotFound) {
			err = nil
		}
		return nil, err
	}
	given, err := c.Operation.WebhookSwitches(scope)
	if err != nil {
		return nil, err
	}
	ep := webhook.Endpoint{Account: s.account.name, Provider: p.Name, URL: url, Switches: map[string]string{}, Source: sourceDashboard}
	if have != nil { // what the screen shows is what is changed on it, wherever it was registered
		ep.ID = have.ID
		maps.Copy(ep.Switches, have.Switches)
	}
	maps.Copy(ep.Switches, given)
	made, err := s.engine.SetEndpoint(ctx, ep)
	if errors.Is(err, control.ErrInvalid) {
		return nil, &openapi.Error{Kind: openapi.Invalid, Field: "webhook_url", Message: "webhook_" + err.Error()}
	}
	return &made, err
}

// test plans an event that no call caused: it tells of a made-up run.
func (s *step) test(ctx context.Context, p *provider, event string, ep webhook.Endpoint) error {
	r, err := s.sample(ctx, p)
	if err != nil {
		return err
	}
	d := delivery{ID: s.account.name36("d"), Provider: p.Name, Event: event, Endpoint: ep.ID, URL: ep.URL, Run: r, Due: s.now, Manual: true}
	_, err = s.plan(ctx, d)
	return err
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

// sample is a run that never was: of the first operation that starts one, as the document shows it.
func (s *step) sample(ctx context.Context, p *provider) (*run, error) {
	op, err := p.starter()
	if err != nil {
		return nil, err
	}
	r := &run{Provider: p.Name, Operation: op.ID, Scenario: scenarios.Default, Started: s.now}
	_, request, err := op.Request("")
	if err != nil {
		return nil, err
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
