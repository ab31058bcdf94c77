package control

import (
	"context"
	"encoding/json"
)

// Runs plays scenarios.
type Runs interface {
	// Play plays a scenario now: its start rule or, if it has none, requests to its first operation, made from the documented
	// example. The result is that of the last request.
	Play(ctx context.Context, p PlayRequest) (PlayResult, error)
	// Record writes a scenario file that reproduces a run from the journal. It returns store.ErrNotFound if the journal has no
	// entry of the run.
	Record(ctx context.Context, account, provider, run, name string) ([]byte, error)
	// Arm selects the scenario of future requests.
	Arm(ctx context.Context, a ArmRequest) error
	// Defaults returns the default scenarios that were set, by provider.
	Defaults(ctx context.Context, account string) (map[string]string, error)
	// SetDefault sets the default scenario of a provider.
	SetDefault(ctx context.Context, d DefaultRequest) error
	// Simulate plays the matching rule of one run, or of every run that has one, oldest first.
	Simulate(ctx context.Context, s SimulateRequest) (Simulated, error)
}

// PlayRequest selects a scenario to play.
type PlayRequest struct {
	Account  string            `json:"-"` // from the query
	Provider string            `json:"provider"`
	Scenario string            `json:"scenario"`
	Subject  string            `json:"subject,omitzero"`  // replaces the example's
	Body     json.RawMessage   `json:"body,omitzero"`     // of the request; nil: the documented example
	Headers  map[string]string `json:"headers,omitzero"`  // additional request headers
	Requests int               `json:"requests,omitzero"` // to make; 0: one
}

// MaxRequests is the largest number of requests of one PlayRequest.
const MaxRequests = 1000

// PlayResult is the result of playing a scenario or calling an operation.
type PlayResult struct {
	Run       string // empty: none
	Reference string // the provider's name for the run, if it has one
	Status    int    // of the provider's response; 0: no request was made
	Body      []byte // of the provider's response, unchanged
	Requests  int    // that were made
	Preview   *Preview
}

// Preview is a request that is shown instead of sent.
type Preview struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"` // of an operation: the path below the provider's base
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
	Problem *Problem    `json:"problem,omitzero"` // that the provider would report
}

// Problem is what the document does not allow in a request.
type Problem struct {
	Field   string `json:"field,omitempty"` // empty: none in particular
	Message string `json:"message"`
}

// ArmRequest selects the scenario of future requests.
type ArmRequest struct {
	Account  string `json:"-"` // from the query; "": all accounts without an armed scenario of their own
	Provider string `json:"provider"`
	Scenario string `json:"scenario"`
	Calls    int    `json:"calls"`   // number of requests; 0: until a reset
	Subject  string `json:"subject"` // restricts it to requests for this subject
}

// DefaultRequest sets the default scenario of a provider.
type DefaultRequest struct {
	Account  string `json:"-"` // from the query; "": all accounts without a default of their own
	Provider string `json:"provider"`
	Scenario string `json:"scenario"` // empty: remove the setting
}

// SimulateRequest selects an external event to simulate, and the affected runs.
type SimulateRequest struct {
	Account  string          `json:"-"`                // from the query; "": all accounts
	Name     string          `json:"name"`             // of a simulation of the provider
	Provider string          `json:"provider"`         // empty: every provider with such a simulation
	Run      string          `json:"run,omitzero"`     // reference; empty: every run with a matching rule
	Subject  string          `json:"subject,omitzero"` // restricts it to runs of this subject
	Data     json.RawMessage `json:"data,omitzero"`    // body in the rule's expressions; nil: empty
}

// Simulated is the result of a simulation.
type Simulated struct {
	Runs   []SimulatedRun `json:"runs"` // in the order in which their rules ran
	Played int            `json:"played"`
}

// SimulatedRun is a run whose rule ran.
type SimulatedRun struct {
	Account  string `json:"account"`
	Provider string `json:"provider"`
	Run      string `json:"run"`
	Scenario string `json:"scenario"`
	Rule     string `json:"rule"`
}

// Sender sends events without a scenario.
type Sender interface {
	// Send plans a delivery of an event to every matching endpoint, due now.
	Send(ctx context.Context, want SendRequest) (Sent, error)
}

// SendRequest describes an event to send.
type SendRequest struct {
	Account  string          `json:"-"` // from the query; "": the default caller
	Provider string          `json:"provider"`
	Event    string          `json:"event"`
	Data     json.RawMessage `json:"data,omitzero"`    // overlays the event's template
	Outcome  string          `json:"outcome,omitzero"` // that the event reports; empty: the run's
	Run      string          `json:"run,omitzero"`     // reference of the run that the event reports; empty: a new run
	Subject  string          `json:"subject,omitzero"` // of the new run; empty: the documented example's
	Preview  bool            `json:"preview,omitzero"` // only show what would be sent
}

// Sent lists the planned deliveries.
type Sent struct {
	Account    string   `json:"account"`
	Run        string   `json:"run"`        // reference
	Deliveries []string `json:"deliveries"` // one per endpoint
	// Warnings are members of the data that the event does not have, or that say another outcome than the one that was asked for.
	Warnings []string `json:"warnings,omitzero"`

	Previews []Preview `json:"previews,omitempty"` // one per endpoint, instead of deliveries
}

// Operations describes and calls a provider's operations, for forms on the page.
type Operations interface {
	// Form returns the parameters and body fields of an operation, or store.ErrNotFound.
	Form(ctx context.Context, provider, operation string) (Form, error)
	// Call calls an operation with the account's credential. The journal records it as any other request.
	Call(ctx context.Context, c CallRequest) (PlayResult, error)
}

// Form describes a request to an operation.
type Form struct {
	ID        string          `json:"id"`
	Method    string          `json:"method"`
	Path      string          `json:"path"` // below the provider's base
	Summary   string          `json:"summary"`
	MediaType string          `json:"media_type,omitempty"` // of the body; empty: no body
	Example   json.RawMessage `json:"example,omitempty"`    // documented body
	Fields    []FormField     `json:"fields"`
}

// FormField is a parameter, or a member of the body.
type FormField struct {
	Name        string          `json:"name"`
	In          string          `json:"in"`             // path, query, header or body
	Type        string          `json:"type,omitempty"` // JSON type; empty: any
	Format      string          `json:"format,omitempty"`
	Description string          `json:"description,omitempty"`
	Required    bool            `json:"required"`
	Subject     bool            `json:"subject,omitempty"` // holds the run's subject
	Enum        []string        `json:"enum,omitempty"`
	Example     json.RawMessage `json:"example,omitempty"`
}

// CallRequest calls an operation.
type CallRequest struct {
	Account    string            `json:"-"` // from the query
	Provider   string            `json:"provider"`
	Operation  string            `json:"operation"`
	Scenario   string            `json:"scenario"`   // requested scenario; empty: none
	Parameters map[string]string `json:"parameters"` // path and query parameters
	Body       json.RawMessage   `json:"body"`       // nil: the documented example, if the operation has a body
	Headers    map[string]string `json:"headers"`    // additional request headers
	Quiet      bool              `json:"quiet"`      // not in the journal; only for operations that read dashboard settings
	Preview    bool              `json:"preview"`    // only show the request
}
