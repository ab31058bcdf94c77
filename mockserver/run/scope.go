package run

import (
	"time"

	"github.com/idmock/idmock/internal/fake"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Snapshot returns the run as its deliveries carry it: with the variables that a send has set, and without its
// waits. Its deliveries share one scope.
func (r *Run) Snapshot(set map[string]any, a *account.Account, p *openapi.Provider) (*Run, error) {
	then := *r
	then.State.Set, then.Waits, then.scope = set, nil, nil
	then.Instant, then.Steps = time.Time{}, 0
	scope, err := then.Scope(a, p, then.Started)
	if err == nil {
		then.encoded, err = then.encode() // once for all of its deliveries
	}
	then.scope = scope
	return &then, err
}

// Values are the run in expressions.
func (r *Run) Values() map[string]any {
	m := make(map[string]any, len(r.State.Set)+6)
	for k, v := range r.State.Set {
		m[k] = v
	}
	m["id"], m["reference"], m["scenario"] = r.Reference, r.Reference, r.Scenario
	if r.Operation != scenarios.Start { // no request started it
		m["operation"] = r.Operation
	}
	m["subject"], m["started"] = r.Subject, r.Started
	return m
}

// RequestScope returns the scope of a request's expressions. root is the server's base URL as the request says it.
func RequestScope(a *account.Account, p *openapi.Provider, c *openapi.Call, root string, now time.Time) (*template.Scope, error) {
	credentials, err := a.Credentials(p)
	if err != nil {
		return nil, err
	}
	s := c.Scope()
	s.Account, s.Now, s.Base = credentials, now, a.BaseURL(p, root)
	s.Person = Person(a, c.Subject)
	return s, nil
}

// Person generates the person of a subject when it is first needed.
func Person(a *account.Account, subject string) *fake.Lazy {
	return fake.Later(fake.Seed(a.Seed(), "subject", subject))
}

// Scope returns the scope of the run's expressions without a request: in a timeline, in a webhook.
func (r *Run) Scope(a *account.Account, p *openapi.Provider, now time.Time) (*template.Scope, error) {
	if r.scope != nil {
		s := *r.scope
		s.Now = now
		return &s, nil
	}
	if err := r.remembered(); err != nil {
		return nil, err
	}
	s, err := RequestScope(a, p, &openapi.Call{Subject: r.Subject, Body: r.body}, "", now)
	if err != nil {
		return nil, err
	}
	s.Run = r.Values()
	s.Person = r.Person(a, p)
	return s, nil
}

// Person generates the person of the run's subject when it is first needed. A run without a subject has a person of its own
// with a provider whose responses show the run.
func (r *Run) Person(a *account.Account, p *openapi.Provider) *fake.Lazy {
	if r.Subject == "" && p.Echoes() {
		return Person(a, r.Reference)
	}
	return Person(a, r.Subject)
}
