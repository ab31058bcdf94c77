package mockserver

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/openapi/signing"
	"github.com/idmock/idmock/scenarios"
)

// Ready is nil when calls can be answered.
func (e *Engine) Ready(ctx context.Context) error {
	_, err := e.store.Stats(ctx)
	return err
}

// Providers lists what is served.
func (e *Engine) Providers(context.Context) ([]control.Provider, error) {
	all := []control.Provider{}
	for _, name := range e.names {
		p := e.providers.of(name)
		told := control.Provider{Name: name, Title: p.Title, Base: p.Prefix, Hosts: append([]string{}, p.Hosts...),
			Operations: []control.Operation{}, Events: []control.Event{}, Credentials: p.CredentialNames(), Switches: p.Switches(), Webhook: webhookOf(p)}
		operations, err := p.Operations()
		if err != nil {
			return nil, err
		}
		for _, op := range operations {
			told.Operations = append(told.Operations, control.Operation{ID: op.ID, Method: op.Method, Path: op.Path,
				Summary: op.Summary, Tag: op.Tag, Dashboard: op.Dashboard, Examples: append([]string{}, op.Examples()...)})
		}
		for _, event := range p.Events() {
			told.Events = append(told.Events, control.Event{Name: event.Name, Description: event.Description})
		}
		for _, one := range p.Simulations() {
			told.Simulations = append(told.Simulations, control.Simulation{Name: one.Name, Description: one.Description})
		}
		if screens := p.Screens(); len(screens) > 0 {
			if told.Screens, err = json.Marshal(screens); err != nil {
				return nil, err
			}
		}
		all = append(all, told)
	}
	return all, nil
}

func webhookOf(p *provider) control.Webhook {
	told := control.Webhook{Method: p.WebhookMethod(), Timeout: journal.Millis(p.Timeout()), Accept: append([]string{}, p.Accept()...),
		Retry: []journal.Millis{}, Signature: signatureOf(p.Signature(nil))}
	for _, wait := range p.Retry() {
		told.Retry = append(told.Retry, journal.Millis(wait))
	}
	for value, s := range p.Signatures() {
		if told.Signatures == nil {
			told.Signatures = map[string]control.Signature{}
		}
		told.Signatures[value] = signatureOf(s)
	}
	return told
}

func signatureOf(s signing.Config) control.Signature {
	return control.Signature{Scheme: s.Scheme, Encoding: s.Encoding, Secret: s.Secret}
}

// Scenarios lists what an account, or everybody, can play.
func (e *Engine) Scenarios(ctx context.Context, account string) ([]control.Scenario, error) {
	all := []control.Scenario{}
	a := e.known(cmp.Or(account, everybody))
	if a == nil { // asking opens no account
		a = e.known(everybody)
	}
	for _, name := range e.names {
		library, err := e.providers.of(name).library(a)
		if err != nil {
			return nil, err
		}
		told, err := tellScenarios(e.providers.of(name).Provider, library)
		if err != nil {
			return nil, err
		}
		all = append(all, told...)
	}
	return all, nil
}

// ScenarioText returns the file of a scenario that an account, or everybody, can play.
func (e *Engine) ScenarioText(_ context.Context, account, provider, name string) ([]byte, error) {
	p := e.providers.of(provider)
	if p == nil {
		return nil, fmt.Errorf("no provider is called %q, want one of %v: %w", provider, e.names, store.ErrNotFound)
	}
	a := e.known(cmp.Or(account, everybody))
	if a == nil { // asking opens no account
		a = e.known(everybody)
	}
	library, err := p.library(a)
	if err != nil {
		return nil, err
	}
	m, err := library.Machine(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", provider, err, store.ErrNotFound)
	}
	return []byte(m.Scenario.Text), nil
}

func operationsOf(s *scenarios.Scenario) []string {
	all := []string{}
	for _, rule := range s.Rules {
		all = append(all, rule.Calls()...)
	}
	return all
}

// magic finds the values in a select of the usual form: something == "value", perhaps several times over.
func magic(expression string) []string {
	var values []string
	for _, found := range regexp.MustCompile(`== *"([^"]+)"`).FindAllStringSubmatch(expression, -1) {
		values = append(values, found[1])
	}
	return values
}
