package control

import (
	"context"
	"encoding/json"
	"net/http"
)

// Operations are what an app may call: the page fills in their forms and calls them as an app would.
type Operations interface {
	// Form tells what a call to an operation takes. The error is store.ErrNotFound when there is none of that name.
	Form(ctx context.Context, provider, operation string) (Form, error)
	// Call calls an operation as an app with the account's credential would. It is in the journal like any other call.
	Call(ctx context.Context, c CallRequest) (PlayResult, error)
}

// Form is what a call to an operation takes.
type Form struct {
	ID        string          `json:"id"`
	Method    string          `json:"method"`
	Path      string          `json:"path"` // below the provider's base
	Summary   string          `json:"summary"`
	MediaType string          `json:"media_type,omitempty"` // of the body; empty: there is none
	Example   json.RawMessage `json:"example,omitempty"`    // the documented body
	Fields    []FormField     `json:"fields"`
}

// FormField is one value of a form: a parameter, or a member of the body.
type FormField struct {
	Name        string          `json:"name"`
	In          string          `json:"in"`             // path, query, header or body
	Type        string          `json:"type,omitempty"` // of JSON; empty: any
	Format      string          `json:"format,omitempty"`
	Description string          `json:"description,omitempty"`
	Required    bool            `json:"required"`
	Subject     bool            `json:"subject,omitempty"` // it holds the subject of the run
	Enum        []string        `json:"enum,omitempty"`    // what it may be
	Example     json.RawMessage `json:"example,omitempty"`
}

// CallRequest says what to call, and with what.
type CallRequest struct {
	Account    string            `json:"-"` // from the query
	Provider   string            `json:"provider"`
	Operation  string            `json:"operation"`
	Scenario   string            `json:"scenario"`   // that the call asks for; empty: none
	Parameters map[string]string `json:"parameters"` // of the path and the query, by name
	Body       json.RawMessage   `json:"body"`       // nil: the documented example, if the operation takes a body
	Headers    map[string]string `json:"headers"`    // beside those it needs
}

func (a *api) form(w http.ResponseWriter, r *http.Request) error {
	form, err := a.Operations.Form(r.Context(), r.PathValue("name"), r.PathValue("operation"))
	if err != nil {
		return err
	}
	return send(w, http.StatusOK, form)
}

func (a *api) call(w http.ResponseWriter, r *http.Request) error {
	var c CallRequest
	if err := receive(w, r, &c); err != nil {
		return err
	}
	c.Account = account(r)
	if err := need("provider", c.Provider, "operation", c.Operation); err != nil {
		return err
	}
	result, err := a.Operations.Call(r.Context(), c)
	if err != nil {
		return err
	}
	return sendPlayed(w, result)
}
