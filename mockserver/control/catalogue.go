package control

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/idmock/idmock/mockserver/journal"
)

// Catalogue is what the server can play.
type Catalogue interface {
	// Providers returns those that are served, in their order.
	Providers(ctx context.Context) ([]Provider, error)
	// Scenarios returns those that an account can play, or everybody for "", by provider.
	Scenarios(ctx context.Context, account string) ([]Scenario, error)
	// ScenarioText returns the file of a scenario that an account, or everybody for "", can play, as YAML. The error is
	// store.ErrNotFound when there is none of that name.
	ScenarioText(ctx context.Context, account, provider, name string) ([]byte, error)
	// Schema returns the JSON Schema of scenario files, with the names that the providers have.
	Schema(ctx context.Context) ([]byte, error)
	// Ready is nil when calls can be answered; otherwise it says what is missing.
	Ready(ctx context.Context) error
}

// Provider is what there is to know of a provider from outside.
type Provider struct {
	Name        string      `json:"name"`
	Title       string      `json:"title"`
	Base        string      `json:"base"`  // path below which it is served, such as /acme
	Hosts       []string    `json:"hosts"` // names by which it is served without that path
	Operations  []Operation `json:"operations"`
	Events      []Event     `json:"events"`
	Credentials []string    `json:"credentials"` // names of what an account has with it
	// Switches are what an endpoint may choose, by name, with the values of each, the default first; none means any text.
	Switches map[string][]string `json:"switches,omitempty"`
	// Simulations are what can be made to happen to runs whose scenario has a rule for it.
	Simulations []Simulation `json:"simulations,omitempty"`
	Webhook     Webhook      `json:"webhook"`
	// Screens are those of its dashboard, as package openapi describes them; what their buttons do are operations.
	Screens json.RawMessage `json:"screens,omitempty"`
}

// Webhook is how a provider delivers, and how a receiver can tell that it was the provider.
type Webhook struct {
	Method    string           `json:"method"`
	Timeout   journal.Millis   `json:"timeout_ms"` // of an attempt
	Accept    []string         `json:"accept"`     // statuses that acknowledge, such as 2xx
	Retry     []journal.Millis `json:"retry_ms"`   // from each failed attempt to the next
	Signature Signature        `json:"signature"`
	// Signatures are those that an endpoint's switch called signature may choose instead, by its value.
	Signatures map[string]Signature `json:"signatures,omitempty"`
}

// Signature is how a delivery is signed, in the words of a provider's folder.
type Signature struct {
	Scheme   string `json:"scheme"` // empty: it is not signed
	Encoding string `json:"encoding,omitempty"`
	Secret   string `json:"secret,omitempty"` // name of the credential that is the secret
}

// Operation is one call that a provider takes.
type Operation struct {
	ID        string   `json:"id"`
	Method    string   `json:"method"`
	Path      string   `json:"path"` // below the provider's base
	Summary   string   `json:"summary"`
	Tag       string   `json:"tag"`
	Dashboard bool     `json:"dashboard"` // stands in for a screen, is not the provider's API
	Examples  []string `json:"examples"`  // names of its documented answers
}

// Event is what a provider tells a webhook.
type Event struct {
	Name        string `json:"name"`
	Description string `json:"description"`
}

// Simulation is something that can be made to happen to a run by hand.
type Simulation struct {
	Name        string `json:"name"`
	Description string `json:"description"` // in a sentence
}

// Scenario is a scenario that can be played.
type Scenario struct {
	Provider    string   `json:"provider"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Select      string   `json:"select,omitempty"`   // the expression that chooses it by a call's content
	Magic       []string `json:"magic,omitempty"`    // values that make the expression true
	Source      string   `json:"source"`             // "built-in", or the file it came from
	Operations  []string `json:"operations"`         // that it has rules for
	Plays       string   `json:"plays,omitempty"`    // the operation that is called to play it; empty: none is, as it begins by itself or cannot
	Simulate    []string `json:"simulate,omitempty"` // what of the provider's simulations it has rules for
}

func (a *api) providers(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Catalogue.Providers(r.Context())
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) scenarios(w http.ResponseWriter, r *http.Request) error {
	all, err := a.Catalogue.Scenarios(r.Context(), account(r))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, all)
}

func (a *api) scenarioText(w http.ResponseWriter, r *http.Request) error {
	text, err := a.Catalogue.ScenarioText(r.Context(), account(r), r.PathValue("provider"), r.PathValue("name"))
	if err != nil {
		return err
	}
	write(w, http.StatusOK, "application/yaml", text)
	return nil
}

func (a *api) schema(w http.ResponseWriter, r *http.Request) error {
	schema, err := a.Catalogue.Schema(r.Context())
	if err != nil {
		return err
	}
	write(w, http.StatusOK, "application/schema+json", schema)
	return nil
}
