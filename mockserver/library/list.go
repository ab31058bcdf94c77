package library

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/openapi/settings"
	"github.com/idmock/idmock/openapi/signing"
	"github.com/idmock/idmock/scenarios"
)

var _ control.Fidelities = (*Library)(nil)

// notFound is the error for a provider that is not served. It is store.ErrNotFound.
func (l *Library) notFound(name string) error {
	return fmt.Errorf("provider %q: %w%s", name, store.ErrNotFound, l.meant(name))
}

// EventNames lists the providers and the events of each.
func (l *Library) EventNames(context.Context) (providers []string, events map[string][]string, err error) {
	events = map[string][]string{}
	for _, name := range l.names {
		for _, event := range l.Provider(name).Events() {
			events[name] = append(events[name], event.Name)
		}
	}
	return slices.Clone(l.names), events, nil
}

// Providers describes the providers that are served.
func (l *Library) Providers(context.Context) ([]control.Provider, error) {
	all := []control.Provider{}
	for _, name := range l.names {
		p, err := describe(l.Provider(name))
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func describe(p *Provider) (control.Provider, error) {
	d := control.Provider{Name: p.Name, Title: p.Title, Base: p.Prefix, Hosts: append([]string{}, p.Hosts...),
		Operations: []control.Operation{}, Events: []control.Event{}, Credentials: p.CredentialNames(), Switches: p.Switches(), Webhook: describeWebhook(p)}
	operations, err := p.Operations()
	if err != nil {
		return d, err
	}
	for _, op := range operations {
		d.Operations = append(d.Operations, control.Operation{ID: op.ID, Method: op.Method, Path: op.Path,
			Summary: op.Summary, Tag: op.Tag, Dashboard: op.Dashboard, Examples: append([]string{}, op.Examples()...)})
	}
	for _, event := range p.Events() {
		described := control.Event{Name: event.Name, Description: event.Description, OnRequest: event.OnRequest}
		for _, o := range p.Outcomes().All() {
			if event.Reporting(o.Name) {
				described.Outcomes = append(described.Outcomes, o.Name)
			}
		}
		d.Events = append(d.Events, described)
	}
	for _, o := range p.Outcomes().All() {
		d.Outcomes = append(d.Outcomes, control.Outcome{Name: o.Name, Label: o.Label, Verdict: string(o.Verdict), Description: o.About})
	}
	for _, simulation := range p.Simulations() {
		d.Simulations = append(d.Simulations, control.Simulation{Name: simulation.Name, Description: simulation.Description})
	}
	if screens := p.Screens(); len(screens) > 0 {
		d.Screens, err = json.Marshal(screens)
	}
	return d, err
}

func describeWebhook(p *Provider) control.Webhook {
	d := control.Webhook{Method: p.Webhooks().Method(), Timeout: journal.Millis(p.Webhooks().Timeout()), Accept: append([]string{}, p.Webhooks().Accept()...),
		Retry: []journal.Millis{}, Signature: describeSignature(p.Webhooks().Signature(nil))}
	for _, wait := range p.Webhooks().Retry().Waits {
		d.Retry = append(d.Retry, journal.Millis(wait))
	}
	for value, s := range p.Webhooks().Signatures() {
		if d.Signatures == nil {
			d.Signatures = map[string]control.Signature{}
		}
		d.Signatures[value] = describeSignature(s)
	}
	return d
}

func describeSignature(s signing.Config) control.Signature {
	return control.Signature{Scheme: s.Scheme, Encoding: s.Encoding, Secret: s.Secret}
}

// Scenarios lists the scenarios that an account can play.
func (l *Library) Scenarios(_ context.Context, account string) ([]control.Scenario, error) {
	all := []control.Scenario{}
	for _, name := range l.names {
		p := l.Provider(name)
		library, err := l.Of(account, p)
		if err != nil {
			return nil, err
		}
		listed, err := list(p.Provider, library)
		if err != nil {
			return nil, err
		}
		all = append(all, listed...)
	}
	return all, nil
}

// ScenarioText returns the file of a scenario that an account can play.
func (l *Library) ScenarioText(_ context.Context, account, provider, name string) ([]byte, error) {
	p := l.Provider(provider)
	if p == nil {
		return nil, l.notFound(provider)
	}
	library, err := l.Of(account, p)
	if err != nil {
		return nil, err
	}
	m, err := library.Machine(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w: %w", provider, err, store.ErrNotFound)
	}
	return []byte(m.Scenario.Text), nil
}

// Schema returns the JSON Schema of scenario files of the providers that are served.
func (l *Library) Schema(context.Context) ([]byte, error) { return Schema(l.Openapi()) }

// Catalogue lists the scenarios that these providers can play, as the control API of a server with them does.
func Catalogue(providers []*openapi.Provider) ([]control.Scenario, error) {
	all := []control.Scenario{}
	for _, p := range providers {
		files, err := shipped(p)
		if err != nil {
			return nil, err
		}
		library, err := scenarios.NewLibrary(files)
		if err != nil {
			return nil, err
		}
		listed, err := list(p, library)
		if err != nil {
			return nil, err
		}
		all = append(all, listed...)
	}
	return all, nil
}

// list describes all scenarios of a provider. The simulations of each include those of the provider's
// default scenario.
func list(p *openapi.Provider, library *scenarios.Library) ([]control.Scenario, error) {
	var all []control.Scenario
	for _, s := range library.All() {
		d := control.Scenario{Provider: p.Name, Name: s.Name, Description: s.Description, Source: s.File, Operations: []string{}, Sends: []string{}}
		for _, rule := range s.Rules {
			d.Operations = append(d.Operations, rule.Calls()...)
			for _, step := range rule.Steps() {
				if step.Send != "" && !slices.Contains(d.Sends, step.Send) {
					d.Sends = append(d.Sends, step.Send)
				}
			}
		}
		m, err := library.Machine(s.Name)
		if err != nil {
			return nil, err
		}
		op, err := Starts(p, m)
		if err != nil {
			return nil, err
		}
		d.Outcomes = outcomes(s, scenarios.Start)
		if op != nil {
			d.Plays = op.ID
			d.Outcomes = outcomes(s, op.ID)
			if n := requests(m, op.ID); n > 1 {
				d.Requests = n
			}
		}
		d.Simulate = m.Simulations(newVocabulary(p).Simulations(p.Name))
		if s.Select != nil {
			d.Select = s.Select.String()
			d.Magic = MagicValues(d.Select)
		}
		all = append(all, d)
	}
	return all, nil
}

// requests returns how many requests to an operation it takes until its rule's faults of responses that are limited to a
// number of times no longer apply.
func requests(m *scenarios.Machine, operation string) int {
	n := 1
	for i := range m.Rules() {
		rule := m.Rule(i)
		if !rule.Matches(operation) {
			continue
		}
		for _, reply := range rule.Reply {
			for _, f := range reply.Faults {
				n = max(n, 1+fault.LimitsOf(f, scenarios.InReply).Times)
			}
		}
		break
	}
	return min(n, control.MaxRequests)
}

// Starts returns the operation that is requested to play a scenario; nil where none is.
func Starts(p *openapi.Provider, m *scenarios.Machine) (*openapi.Operation, error) {
	operations, err := p.Operations()
	if err != nil || m.Has(scenarios.Start) {
		return nil, err
	}
	for _, op := range operations {
		if op.Starts() && m.Has(op.ID) {
			return op, nil
		}
	}
	for _, op := range operations { // or one that needs no run
		if missing, finds := op.Finds(); !op.Dashboard && m.Has(op.ID) && (!finds || missing == "") {
			return op, nil
		}
	}
	return nil, nil
}

// outcomes lists the outcomes that a run has in turn when a rule starts it without a condition, timeline included. Those that an
// expression decides are left out.
func outcomes(s *scenarios.Scenario, start string) []string {
	var names []string
	add := func(n *template.Node) {
		if v, ok := n.Fixed(); ok {
			if name, ok := v.(string); ok && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, rule := range s.Rules {
		if rule.When != nil || !rule.Matches(start) {
			continue
		}
		add(rule.Outcome)
		for _, step := range rule.Steps() {
			add(step.Outcome)
		}
		break
	}
	return names
}

// MagicValues finds the values in a select of the usual form: something == "value", perhaps several times.
func MagicValues(expression string) []string {
	var values []string
	for _, found := range regexp.MustCompile(`== *"([^"]+)"`).FindAllStringSubmatch(expression, -1) {
		values = append(values, found[1])
	}
	return values
}

func provenance(s settings.Source) control.Provenance {
	return control.Provenance{Source: s.Source, Confidence: s.Confidence, Guesses: s.Guesses}
}

// Fidelity describes how closely the mock follows a provider, as its directory says.
func (l *Library) Fidelity(_ context.Context, name string) (control.Fidelity, error) {
	p := l.Provider(name)
	if p == nil {
		return control.Fidelity{}, l.notFound(name)
	}
	f := control.Fidelity{Provider: name, Operations: []control.OperationFidelity{}, Events: []control.EventFidelity{}, Guesses: append([]string{}, p.Guesses()...),
		Totals: map[string]int{}, Skipped: []control.SkippedOperation{}}
	operations, err := p.Operations()
	if err != nil {
		return control.Fidelity{}, err
	}
	for _, op := range operations {
		f.Operations = append(f.Operations, control.OperationFidelity{ID: op.ID, Method: op.Method, Path: op.Path,
			Fidelity: string(op.Fidelity()), Own: op.Dashboard || op.Mock, Provenance: provenance(op.Source())})
		if !op.Dashboard && !op.Mock {
			f.Totals[string(op.Fidelity())]++
		}
	}
	for _, event := range p.Events() {
		fidelity, err := event.Fidelity()
		if err != nil {
			return control.Fidelity{}, err
		}
		f.Events = append(f.Events, control.EventFidelity{Name: event.Name, Fidelity: string(fidelity), Provenance: provenance(event.Source())})
	}
	skipped, err := p.Skipped()
	if err != nil {
		return control.Fidelity{}, err
	}
	for _, s := range skipped {
		f.Skipped = append(f.Skipped, control.SkippedOperation{Method: s.Method, Path: s.Path, Place: s.Pointer(), Schema: s.Schema, Reason: s.Reason})
	}
	return f, nil
}

// Operation returns an operation of a provider. The error is store.ErrNotFound if there is none.
func (l *Library) Operation(provider, id string) (*Provider, *openapi.Operation, error) {
	p := l.Provider(provider)
	if p == nil {
		return nil, nil, l.notFound(provider)
	}
	op, err := p.Operation(id)
	if err == nil && op == nil {
		err = fmt.Errorf("operation %q of %s: %w", id, provider, store.ErrNotFound)
	}
	return p, op, err
}

// Form describes the request of an operation.
func (l *Library) Form(_ context.Context, provider, operation string) (control.Form, error) {
	_, op, err := l.Operation(provider, operation)
	if err != nil {
		return control.Form{}, err
	}
	form, err := op.Form()
	if err != nil {
		return control.Form{}, err
	}
	d := control.Form{ID: op.ID, Method: op.Method, Path: op.Path, Summary: op.Summary, MediaType: form.MediaType, Fields: []control.FormField{}}
	if json.Valid(form.Example) {
		d.Example = form.Example
	}
	for _, f := range form.Fields {
		d.Fields = append(d.Fields, control.FormField{Name: f.Name, In: f.In, Type: f.Type, Format: f.Format,
			Description: f.Description, Required: f.Required, Subject: f.Subject, Enum: f.Enum, Example: f.Example})
	}
	return d, nil
}
