package openapi

import (
	"encoding/json"
	"fmt"

	"github.com/idmock/idmock/internal/template"
)

// DashboardVerb is the effect of an operation that represents a screen of the provider's dashboard.
type DashboardVerb string

// The effects of screens on webhooks. Operations of the API have no verb.
const (
	DashboardRead   DashboardVerb = "read"
	DashboardList   DashboardVerb = "list"
	DashboardCreate DashboardVerb = "create"
	DashboardUpdate DashboardVerb = "update"
	DashboardRemove DashboardVerb = "remove"
	DashboardTest   DashboardVerb = "test"
	DashboardResend DashboardVerb = "resend" // of a delivery, not of a webhook
)

// DashboardVerb returns the effect of a dashboard operation; it is empty for others.
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

// DashboardTest returns the event that a test call sends, and whether it is sent before the call is answered.
func (op *Operation) DashboardTest() (event string, now bool) {
	return op.dashboard.Test, op.dashboard.Now
}

// DashboardID names the webhook that a dashboard operation is about, and the example to answer with when there is none of
// that name. ok is false where the dashboard knows one webhook an account, which needs no name.
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

// DashboardResend names the delivery whose event a dashboard operation sends once more, and the example to answer with when
// there is none of that name.
func (op *Operation) DashboardResend(s *template.Scope) (id, missing string) {
	v, err := op.dashboard.Resend.Value(s)
	if err != nil || v == nil {
		return "", op.dashboard.Missing
	}
	return fmt.Sprint(v), op.dashboard.Missing
}

// Webhook holds the settings of a screen of the dashboard.
type Webhook struct {
	URL      string            // empty takes the webhook away
	Switches map[string]string // those that are set here, by name
	Events   []string          // nil leaves them as they are
	Header   [][2]string       // sent with each delivery; nil leaves them as they are
	Form     json.RawMessage   // further fields that the screen shows again; nil: unchanged
}

// Webhook returns the settings in a call that creates or updates a webhook.
func (op *Operation) Webhook(s *template.Scope) (Webhook, error) {
	d, made := op.dashboard, Webhook{Switches: map[string]string{}}
	url := d.Update
	if d.Create.Expression != nil {
		url = d.Create
	}
	if v, err := url.Value(s); err != nil {
		return made, err
	} else if v != nil {
		made.URL = fmt.Sprint(v)
	}
	for name, e := range d.Switches {
		v, err := e.Value(s)
		if err != nil {
			return made, fmt.Errorf("switch %s: %w", name, err)
		}
		if v != nil {
			made.Switches[name] = fmt.Sprint(v)
		}
	}
	for _, part := range []struct {
		name string
		from Expression
		into any
	}{{"events", d.Events, &made.Events}, {"headers", d.Headers, &made.Header}, {"form", d.Form, &made.Form}} {
		if part.from.Expression == nil {
			continue
		}
		v, err := part.from.Value(s)
		if err != nil {
			return made, fmt.Errorf("%s: %w", part.name, err)
		}
		text, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(text, part.into)
		}
		if err != nil {
			return made, fmt.Errorf("%s: %w", part.name, err)
		}
	}
	return made, nil
}

// Exhausted returns the addresses to notify, besides the journal, after the last attempt of a delivery has failed.
func (p *Provider) Exhausted(s *template.Scope) []string {
	if p.set.Webhook.Exhausted.Expression == nil {
		return nil
	}
	v, err := p.set.Webhook.Exhausted.Value(s)
	if err != nil { // an endpoint that was not registered in the dashboard has nothing to say
		return nil
	}
	list, _ := v.([]any)
	told := make([]string, len(list))
	for i, one := range list {
		told[i] = fmt.Sprint(one)
	}
	return told
}
