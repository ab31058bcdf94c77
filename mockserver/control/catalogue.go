package control

import (
	"context"
	"encoding/json"

	"github.com/idmock/idmock/mockserver/journal"
)

// Catalogue lists the providers and scenarios that a server offers.
type Catalogue interface {
	// Providers returns the providers in the order in which they are served.
	Providers(ctx context.Context) ([]Provider, error)
	// EventNames returns the names of the providers, in that order, and of the events of each, without reading a document.
	EventNames(ctx context.Context) (providers []string, events map[string][]string, err error)
	// Scenarios returns an account's scenarios, sorted by provider.
	Scenarios(ctx context.Context, account string) ([]Scenario, error)
	// ScenarioText returns the YAML of a scenario, or store.ErrNotFound.
	ScenarioText(ctx context.Context, account, provider, name string) ([]byte, error)
	// Schema returns the JSON Schema of scenario files, including the names that the providers define.
	Schema(ctx context.Context) ([]byte, error)
	// Ready returns nil if the server can handle requests, or the reason why not.
	Ready(ctx context.Context) error
}

// Provider describes a provider.
type Provider struct {
	Name        string      `json:"name"`
	Title       string      `json:"title"`
	Base        string      `json:"base"`  // path prefix, such as /acme
	Hosts       []string    `json:"hosts"` // host names that need no prefix
	Operations  []Operation `json:"operations"`
	Events      []Event     `json:"events"`
	Credentials []string    `json:"credentials"` // names of the credentials that an account has
	// Switches are an endpoint's options: the values of each, the default first. An empty list allows any text.
	Switches map[string][]string `json:"switches,omitempty"`
	// Outcomes are the results of a run, which scenarios, events and polls report.
	Outcomes []Outcome `json:"outcomes,omitempty"`
	// Simulations are the external events that can be simulated for runs whose scenario has a rule for them.
	Simulations []Simulation `json:"simulations,omitempty"`
	Webhook     Webhook      `json:"webhook"`
	// Screens are the screens of its dashboard, as package openapi describes them. Their buttons are operations.
	Screens json.RawMessage `json:"screens,omitempty"`
}

// Webhook describes how a provider delivers webhooks and how a receiver verifies them.
type Webhook struct {
	Method    string           `json:"method"`
	Timeout   journal.Millis   `json:"timeout_ms"` // of an attempt
	Accept    []string         `json:"accept"`     // statuses that acknowledge a delivery, such as 2xx
	Retry     []journal.Millis `json:"retry_ms"`   // delay after each failed attempt
	Signature Signature        `json:"signature"`
	// Signatures are the alternatives that an endpoint can select with its option "signature", by value.
	Signatures map[string]Signature `json:"signatures,omitempty"`
}

// Signature describes how a delivery is signed, in the terms of provider.yaml.
type Signature struct {
	Scheme   string `json:"scheme"` // empty: unsigned
	Encoding string `json:"encoding,omitempty"`
	Secret   string `json:"secret,omitempty"` // name of the credential that is the secret
}

// Operation is an operation of a provider's API.
type Operation struct {
	ID        string   `json:"id"`
	Method    string   `json:"method"`
	Path      string   `json:"path"` // below the provider's base
	Summary   string   `json:"summary"`
	Tag       string   `json:"tag"`
	Dashboard bool     `json:"dashboard"` // replaces a dashboard screen; not part of the provider's API
	Examples  []string `json:"examples"`  // names of the documented responses
}

// Event is a webhook event of a provider.
type Event struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	// Outcomes are those that the event can report.
	Outcomes  []string `json:"outcomes,omitempty"`
	OnRequest bool     `json:"on_request,omitzero"` // goes only to endpoints whose list of events names it
}

// Outcome is a result of a run.
type Outcome struct {
	Name        string `json:"name"`
	Label       string `json:"label"`
	Verdict     string `json:"verdict"` // granted, not-granted or pending
	Description string `json:"description"`
}

// Simulation is an external event that can be simulated for a run.
type Simulation struct {
	Name        string `json:"name"`
	Description string `json:"description"` // one sentence
}

// Scenario describes a scenario.
type Scenario struct {
	Provider    string   `json:"provider"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Select      string   `json:"select,omitempty"`   // expression that selects the scenario by the request
	Magic       []string `json:"magic,omitempty"`    // values for which Select is true
	Source      string   `json:"source"`             // "built-in", or the scenario's file
	Operations  []string `json:"operations"`         // with rules in the scenario
	Sends       []string `json:"sends"`              // events that its own rules send
	Outcomes    []string `json:"outcomes,omitempty"` // that a run has in turn when it is played, unless an expression decides
	Plays       string   `json:"plays,omitempty"`    // operation that POST play calls; empty: it calls none
	Requests    int      `json:"requests,omitzero"`  // to Plays, until faults limited to a number of times no longer apply; 0: one
	Simulate    []string `json:"simulate,omitempty"` // simulations with rules in the scenario
}

// Fidelities reports how closely a server follows its providers.
type Fidelities interface {
	// Fidelity returns the fidelity of a provider, or store.ErrNotFound.
	Fidelity(ctx context.Context, provider string) (Fidelity, error)
}

// Fidelity is how closely the mock follows a provider. A modelled operation has behaviour of its own, a validated one follows
// the schemas, a stubbed one has a fixed response, and a guess has no published source.
type Fidelity struct {
	Provider   string              `json:"provider"`
	Operations []OperationFidelity `json:"operations"`
	Events     []EventFidelity     `json:"events"`
	Guesses    []string            `json:"guesses"` // assumptions without a published source, one sentence each
	Totals     map[string]int      `json:"totals"`  // operations of the provider's own API by fidelity
	Skipped    []SkippedOperation  `json:"skipped"` // operations of the document that are not served
}

// SkippedOperation is an operation of a document that is not served.
type SkippedOperation struct {
	Method string `json:"method,omitempty"` // empty: all operations of the path
	Path   string `json:"path"`             // below the provider's base
	Place  string `json:"place"`            // JSON pointer in the document
	Schema string `json:"schema,omitempty"` // that has the fault
	Reason string `json:"reason"`
}

// OperationFidelity is the fidelity of an operation.
type OperationFidelity struct {
	ID       string `json:"id"`
	Method   string `json:"method"`
	Path     string `json:"path"` // below the provider's base
	Fidelity string `json:"fidelity"`
	Own      bool   `json:"own"` // exists only in the mock: a dashboard screen, or the backend of a browser SDK
	Provenance
}

// Provenance is where an operation or event is known from.
type Provenance struct {
	Source     string   `json:"source,omitempty"`     // page, package or measurement
	Confidence string   `json:"confidence,omitempty"` // such as vendor page, recorded or inferred
	Guesses    []string `json:"guesses,omitempty"`    // parts without a source, such as path or record
}

// EventFidelity is the fidelity of an event.
type EventFidelity struct {
	Name     string `json:"name"`
	Fidelity string `json:"fidelity"`
	Provenance
}
