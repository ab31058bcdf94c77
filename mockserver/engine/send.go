package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/idmock/idmock/internal/suggest"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Send plans an event at once, without a scenario, for every endpoint of the account that takes it. It is about a run of
// the account, or about one that is generated for it and not kept. Nothing is expected of it, and no rule waits for its
// end. A preview renders and signs the requests instead, with IDs of its own, and plans nothing.
func (e *Engine) Send(ctx context.Context, want control.SendRequest) (control.Sent, error) {
	p, err := e.Library.Find(want.Provider)
	if err != nil {
		return control.Sent{}, err
	}
	if p.Event(want.Event) == nil {
		return control.Sent{}, control.Invalidf("unknown event %q of %s%s", want.Event, p.Name, suggest.Meant(want.Event, p.EventNames()))
	}
	if len(want.Data) > 0 {
		if data, err := template.DecodeJSON(want.Data); err != nil {
			return control.Sent{}, control.Invalidf("data: %w", err)
		} else if _, ok := data.(map[string]any); !ok {
			return control.Sent{}, control.Invalidf("data: must be an object: it is laid over the event's body")
		}
	}
	want.Account = e.Accounts.Caller(want.Account, p.Provider)
	var sent control.Sent
	err = tx.Retry(func() error { // reset meanwhile
		a, err := e.Accounts.Open(ctx, want.Account)
		if err == nil {
			sent, err = e.sendNow(ctx, a, p, want)
		}
		return err
	}, nil)
	return sent, err
}

func (e *Engine) sendNow(ctx context.Context, a *account.Account, p *library.Provider, want control.SendRequest) (control.Sent, error) {
	sent := control.Sent{Account: a.Name(), Deliveries: []string{}}
	if endpoints, err := e.Deliveries.Endpoints.For(ctx, a, p.Name, want.Event, false); err != nil || len(endpoints) == 0 && !p.Event(want.Event).Addressed() {
		return sent, cmp.Or(err, noEndpoint(a, p, want))
	}
	s := e.begin(a, p)
	r, err := s.subjectOf(ctx, want)
	if err == nil {
		r, err = s.reporting(r, want)
	}
	if err != nil {
		return sent, err
	}
	endpoints, err := e.Deliveries.Endpoints.ForRun(ctx, a, p, want.Event, r, false)
	if err != nil || len(endpoints) == 0 {
		return sent, cmp.Or(err, noEndpoint(a, p, want))
	}
	sent.Run, sent.Warnings = r.Reference, warnings(p.Webhooks(), want)
	for _, ep := range endpoints {
		if want.Preview {
			preview, err := delivery.Preview(ctx, e.Deliveries, s.Tx, a, r, want.Event, want.Data, ep)
			if err != nil {
				return sent, err
			}
			sent.Previews = append(sent.Previews, preview)
			continue
		}
		id, err := e.Deliveries.PlanManual(ctx, s.Tx, a, r, want.Event, want.Data, ep)
		if err != nil {
			return sent, err
		}
		sent.Deliveries = append(sent.Deliveries, id)
	}
	if want.Preview {
		return sent, nil
	}
	return sent, s.Commit(ctx)
}

// noEndpoint is the error of an event that reaches no endpoint. A preview shows that nothing would be sent.
func noEndpoint(a *account.Account, p *library.Provider, want control.SendRequest) error {
	if want.Preview {
		return nil
	}
	return control.Invalidf("no endpoint of account %q takes %s of %s: register one with POST %s/endpoints", a.Name(), want.Event, p.Name, control.Base)
}

// subjectOf is the run that an event is about.
func (s *step) subjectOf(ctx context.Context, want control.SendRequest) (*run.Run, error) {
	if want.Run == "" {
		return s.sample(ctx, want.Subject)
	}
	if want.Subject != "" {
		return nil, control.Invalidf("subject: the run has one: leave out run or subject")
	}
	r, err := run.Find(ctx, s, s.Account(), s.provider.Name, want.Run)
	if err == nil && r == nil {
		err = fmt.Errorf("run %q of account %q: %w: unknown, or ended long ago", want.Run, s.Account(), store.ErrNotFound)
	}
	return r, err
}

// reporting returns a copy of a run with the outcome that an event is to report. The run itself stays as it is.
func (s *step) reporting(r *run.Run, want control.SendRequest) (*run.Run, error) {
	if reports := s.provider.Event(want.Event).Reports; want.Outcome == "" && len(want.Data) == 0 && want.Run == "" && len(reports) > 0 {
		want.Outcome = reports[0] // a generated run has come to what the event says
	}
	if want.Outcome == "" { // the data may say it
		data, err := template.ParseData(want.Data)
		if err != nil || len(want.Data) == 0 {
			return r, nil
		}
		o := s.provider.Webhooks().Implied(want.Event, data)
		if o == nil {
			return r, nil
		}
		want.Outcome = o.Name
	}
	table := s.provider.Outcomes()
	o := table.Find(want.Outcome)
	if o == nil {
		return nil, control.Invalidf("unknown outcome %q of %s%s", want.Outcome, s.provider.Name, suggest.Meant(want.Outcome, table.Names()))
	}
	if event := s.provider.Event(want.Event); !event.Reporting(o.Name) {
		return nil, control.Invalidf("outcome: %s cannot report %s, use one of %s", want.Event, o.Name, strings.Join(event.Reports, ", "))
	}
	scope, err := s.scope(r)
	if err != nil {
		return nil, err
	}
	values, err := o.Values(scope)
	if err != nil {
		return nil, err
	}
	set := maps.Clone(r.State.Set)
	if set == nil {
		set = map[string]any{}
	}
	maps.Copy(set, values)
	return r.Snapshot(set, s.account, s.provider.Provider)
}

// warnings lists members of data that the event does not have, and the first that says another outcome than the one of the request.
func warnings(w openapi.Webhooks, want control.SendRequest) (all []string) {
	data, err := template.ParseData(want.Data)
	if err != nil {
		return nil
	}
	var unknown func(n *template.Node, path []string)
	unknown = func(n *template.Node, path []string) {
		names, open := w.DataMembers(want.Event, path)
		for _, m := range n.Members() {
			at := append(slices.Clip(path), m.Key)
			if !open && !slices.Contains(names, m.Key) {
				all = append(all, fmt.Sprintf("%s has no %s%s", want.Event, strings.Join(at, "."), suggest.Meant(m.Key, names)))
				continue
			}
			unknown(m.Value, at)
		}
	}
	unknown(data, nil)
	if path, other := w.Contradiction(want.Event, data, want.Outcome); path != "" {
		all = append(all, fmt.Sprintf("%s is that of the outcome %s, but the event reports %s", path, other.Name, want.Outcome))
	}
	return all
}

// sample is a run that is not stored: of the first operation that starts one, as the document shows it, for the documented
// subject or another.
func (s *step) sample(ctx context.Context, subject string) (*run.Run, error) {
	op, err := s.provider.Starter()
	if errors.Is(err, library.ErrNoStarter) && subject == "" { // a provider without runs has events all the same
		return &run.Run{Provider: s.provider.Name, Operation: scenarios.Start, Scenario: scenarios.Default, Started: s.Now, Reference: s.account.UUID(s.provider.Name)}, nil
	}
	if err != nil {
		return nil, err
	}
	r := &run.Run{Provider: s.provider.Name, Operation: op.ID, Scenario: scenarios.Default, Started: s.Now}
	_, request, err := op.Request(subject)
	if err != nil {
		return nil, control.Invalidf("subject: %w", err)
	}
	c := &openapi.Call{Operation: op}
	if request != nil {
		if r.Request, err = request.Append(nil, nil); err != nil {
			return nil, err
		}
		if c.Body, err = template.DecodeJSON(r.Request); err != nil {
			return nil, err
		}
		c.Subject = op.Subject(c.Scope())
	}
	r.Subject = c.Subject
	scope, err := run.RequestScope(s.account, s.provider.Provider, c, "", s.Now)
	if err != nil {
		return nil, err
	}
	return r, s.refer(ctx, op, r, scope)
}
