package openapi

import (
	"encoding/json"
	"fmt"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/openapi/settings"
)

// DashboardVerb is the action of an operation that replaces a screen of the provider's dashboard.
type DashboardVerb string

// The actions on webhooks. The empty verb is an operation of the API.
const (
	DashboardRead   DashboardVerb = "read"
	DashboardList   DashboardVerb = "list"
	DashboardCreate DashboardVerb = "create"
	DashboardUpdate DashboardVerb = "update"
	DashboardRemove DashboardVerb = "remove"
	DashboardTest   DashboardVerb = "test"
	DashboardResend DashboardVerb = "resend" // concerns a delivery, not a webhook
)

// Reads reports whether the action changes and sends nothing.
func (v DashboardVerb) Reads() bool { return v == DashboardRead || v == DashboardList }

// DashboardVerb returns the action of a dashboard operation, empty for other operations.
func (op *Operation) DashboardVerb() DashboardVerb {
	switch d := op.dashboard; {
	case d == nil:
		return ""
	case d.Test != "":
		return DashboardTest
	case d.Resend.Expression != nil:
		return DashboardResend
	case d.Create.Expression != nil:
		return DashboardCreate
	case d.Update.Expression != nil:
		return DashboardUpdate
	case d.Remove:
		return DashboardRemove
	case d.List:
		return DashboardList
	default:
		return DashboardRead
	}
}

// DashboardTest returns the event that a test request sends, and whether it is sent before the response.
func (op *Operation) DashboardTest() (event string, now bool) {
	return op.dashboard.Test, op.dashboard.Now
}

// DashboardID returns the id of the webhook that a dashboard request concerns, and the example for an unknown id. ok is
// false if an account has a single webhook, without an id.
func (op *Operation) DashboardID(s *template.Scope) (id, missing string, ok bool) {
	if op.dashboard.ID.Expression == nil {
		return "", "", false
	}
	v, err := op.dashboard.ID.Value(s)
	if err != nil || v == nil {
		return "", op.dashboard.Missing, true
	}
	return fmt.Sprint(v), op.dashboard.Missing, true
}

// DashboardResend returns the id of the delivery that a dashboard request resends, and the example for an unknown id.
func (op *Operation) DashboardResend(s *template.Scope) (id, missing string) {
	v, err := op.dashboard.Resend.Value(s)
	if err != nil || v == nil {
		return "", op.dashboard.Missing
	}
	return fmt.Sprint(v), op.dashboard.Missing
}

// Webhook is the webhook that a dashboard request sets.
type Webhook struct {
	URL      string            // empty removes the webhook
	Switches map[string]string // by name; others are unchanged
	Events   []string          // nil: unchanged
	Header   [][2]string       // sent with each delivery; nil: unchanged
	Form     json.RawMessage   // other fields of the screen; nil: unchanged
}

// Webhook returns the webhook that a request creates or updates.
func (op *Operation) Webhook(s *template.Scope) (Webhook, error) {
	d, w := op.dashboard, Webhook{Switches: map[string]string{}}
	url := d.Update
	if d.Create.Expression != nil {
		url = d.Create
	}
	if v, err := url.Value(s); err != nil {
		return w, err
	} else if v != nil {
		w.URL = fmt.Sprint(v)
	}
	for name, e := range d.Switches {
		v, err := e.Value(s)
		if err != nil {
			return w, fmt.Errorf("switch %s: %w", name, err)
		}
		if v != nil {
			w.Switches[name] = fmt.Sprint(v)
		}
	}
	for _, part := range []struct {
		name string
		from settings.Expression
		into any
	}{{"events", d.Events, &w.Events}, {"headers", d.Headers, &w.Header}, {"form", d.Form, &w.Form}} {
		if part.from.Expression == nil {
			continue
		}
		v, err := part.from.Value(s)
		if err != nil {
			return w, fmt.Errorf("%s: %w", part.name, err)
		}
		text, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(text, part.into)
		}
		if err != nil {
			return w, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return w, nil
}
