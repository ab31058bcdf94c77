package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

// UploadScenarios replaces the scenarios from f.Source and returns the new ones. The Account in f is ignored. Invalid
// files change nothing; the [*Error] lists every mistake.
func (c *Client) UploadScenarios(ctx context.Context, f control.ScenarioFiles) ([]control.Scenario, error) {
	uploaded, err := call[struct{ Scenarios []control.Scenario }](ctx, c, http.MethodPost, "/scenarios", f)
	return uploaded.Scenarios, err
}

// Play plays a scenario now. The result has no body.
func (c *Client) Play(ctx context.Context, p control.PlayRequest) (control.PlayResult, error) {
	played, err := call[struct {
		Run       string `json:"run"`
		Reference string `json:"reference"`
		Status    int    `json:"status"`
		Requests  int    `json:"requests"`
	}](ctx, c, http.MethodPost, "/play", p)
	return control.PlayResult{Run: played.Run, Reference: played.Reference, Status: played.Status, Requests: played.Requests}, err
}

// Send sends an event without a scenario.
func (c *Client) Send(ctx context.Context, s control.SendRequest) (control.Sent, error) {
	return call[control.Sent](ctx, c, http.MethodPost, "/send", s)
}

// Simulate triggers a simulation of the provider on every matching run.
func (c *Client) Simulate(ctx context.Context, s control.SimulateRequest) (control.Simulated, error) {
	return call[control.Simulated](ctx, c, http.MethodPost, "/simulate", s)
}

// Arm makes later requests play a scenario.
func (c *Client) Arm(ctx context.Context, a control.ArmRequest) error {
	return send(ctx, c, http.MethodPost, "/arm", a)
}

// SetDefault sets the scenario for requests that select none. An empty scenario restores the provider's.
func (c *Client) SetDefault(ctx context.Context, d control.DefaultRequest) error {
	return send(ctx, c, http.MethodPost, "/default", d)
}

// SetFault adds a fault and returns it with its ID. The ID and Account in f are ignored.
func (c *Client) SetFault(ctx context.Context, f control.Fault) (control.Fault, error) {
	body := struct {
		Fault     string            `json:"fault"`
		On        string            `json:"on,omitempty"`
		Args      map[string]string `json:"args,omitempty"`
		Provider  string            `json:"provider,omitempty"`
		Event     string            `json:"event,omitempty"`
		Operation string            `json:"operation,omitempty"`
		Endpoint  string            `json:"endpoint,omitempty"`
		Delivery  string            `json:"delivery,omitempty"`
		Times     int               `json:"times,omitempty"`
	}{f.Fault, f.On, f.Args, f.Provider, f.Event, f.Operation, f.Endpoint, f.Delivery, f.Times}
	return call[control.Fault](ctx, c, http.MethodPost, "/faults", body)
}

// RemoveFault removes one fault, or all with an empty ID.
func (c *Client) RemoveFault(ctx context.Context, id string) error {
	return send(ctx, c, http.MethodDelete, withID("/faults", id), nil)
}

func withID(path, id string) string {
	if id == "" {
		return path
	}
	return path + "/" + url.PathEscape(id)
}

// Expectation selects journal entries to wait for. Empty fields match anything.
type Expectation struct {
	Outcome  string `json:"outcome,omitempty"` // empty: delivered
	Event    string `json:"event,omitempty"`
	Provider string `json:"provider,omitempty"`
	Run      string `json:"run,omitempty"`
	Delivery string `json:"delivery,omitempty"`
	Count    *int   `json:"count,omitempty"`   // nil: 1
	After    uint64 `json:"after,omitempty"`   // only entries after this Seq
	Timeout  string `json:"timeout,omitempty"` // such as 30s; empty: 10s
}

// Wait blocks until enough entries match and returns them. The error has status 408 after the timeout.
func (c *Client) Wait(ctx context.Context, e Expectation) ([]store.Entry, error) {
	found, err := call[struct{ Entries []entry }](ctx, c, http.MethodPost, "/wait", e)
	entries := make([]store.Entry, len(found.Entries))
	for i, e := range found.Entries {
		entries[i] = e.Entry
	}
	return entries, err
}
