package mockserver

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/scenarios"
)

// lease is how long a claimed job is left to whoever claimed it, in wall time: longer than any delivery timeout.
const lease = 10 * time.Minute

// maxTold is how much of a body that a fault may have made larger goes into the journal, in bytes.
const maxTold = 256 << 10

// delivery is one event for one endpoint, as it is stored. It carries its run as it was when the delivery was planned,
// so that each attempt tells the same whatever happens to the run meanwhile.
type delivery struct {
	ID       string            `json:"id"`
	Provider string            `json:"provider"`
	Event    string            `json:"event"`
	Endpoint string            `json:"endpoint"`
	URL      string            `json:"url"` // at the time of planning; an attempt uses the endpoint's URL of its own time
	Rule     string            `json:"rule,omitempty"`
	Run      *run              `json:"run"`
	Data     jsontext.Value    `json:"data,omitempty"` // laid over the event's template
	Expect   *scenarios.Expect `json:"expect,omitempty"`
	Due      time.Time         `json:"due"` // account time of the next attempt
	Attempts int               `json:"attempts,omitzero"`
	Manual   bool              `json:"manual,omitzero"`
	Else     *scenarios.Timer  `json:"else,omitempty"`    // what plays if it is judged wrong
	ElseOf   string            `json:"else_of,omitempty"` // the scenario that sent it, if not the run's own
	Instead  *instead          `json:"instead,omitempty"` // of what would be sent; nil changes nothing
	Hooked   bool              `json:"hooked,omitzero"`   // its end may play a rule of its run's
	Faults   []scenarios.Fault `json:"faults,omitempty"`
	Of       string            `json:"of,omitempty"`     // the delivery of which it is a copy, under whose ID it is sent
	Copied   bool              `json:"copied,omitzero"`  // copies are to be the same to the last byte
	Anew     bool              `json:"anew,omitzero"`    // a copy that is signed again
	Lane     string            `json:"lane,omitempty"`   // its own; empty: the endpoint's
	Kept     bool              `json:"kept,omitzero"`    // until others have gone first
	Hold     string            `json:"hold,omitempty"`   // what holds it back: byHand, or the ID of a hold
	Passed   string            `json:"passed,omitempty"` // the hold that lets its next attempt pass; byHand: they all do

	stored store.Doc // as it was read
}

func deliveryKey(account, id string) string { return "delivery/" + account + keyEnd + id }

func (d *delivery) doc(account string) (store.Doc, error) {
	data, err := json.Marshal(d, json.Deterministic(true))
	return store.Doc{Key: deliveryKey(account, d.ID), Rev: d.stored.Rev, Data: data}, err
}

// job is the next attempt. Its lane is the endpoint: deliveries to one endpoint keep their order, unless a fault says
// otherwise.
func (d *delivery) job(account string) store.Job {
	return store.Job{ID: "send " + account + " " + d.ID, Account: account, Lane: cmp.Or(d.Lane, d.Endpoint), Due: d.Due,
		Payload: []byte("send " + deliveryKey(account, d.ID)), Hold: d.Hold}
}

// prepared is an attempt with everything done but the sending.
type prepared struct {
	delivery *delivery
	provider *provider
	endpoint webhook.Endpoint
	gone     bool // the endpoint was removed: there is nobody to tell any more
	message  webhook.Message
	signedBy string
	faults   []string // that play
	hints    []string // about those that do not
	failure  error    // of rendering
	at       time.Time
}

// prepare reads a delivery and renders and signs its next attempt.
func (e *Engine) prepare(ctx context.Context, a *account, key string) (*prepared, error) {
	doc, err := e.store.Get(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("delivery %s: %w", key, err)
	}
	d := e.fresh.take(doc)
	if d == nil {
		d = &delivery{stored: doc}
		if err := json.Unmarshal(doc.Data, d); err != nil {
			return nil, fmt.Errorf("delivery %s: %w", key, err)
		}
	}
	p := e.providers.of(d.Provider)
	if p == nil {
		return nil, fmt.Errorf("delivery %s: no provider is called %q", key, d.Provider)
	}
	made := &prepared{delivery: d, provider: p, at: time.Now()}
	ep, ok, err := e.endpoint(ctx, a, d.Endpoint)
	if err != nil {
		return nil, err
	}
	if made.endpoint, made.gone = ep, !ok; ok {
		made.failure = e.message(a, made)
	}
	return made, nil
}

// stale reports whether an attempt that was prepared ahead of its time has to be prepared again: the delivery or its
// endpoint changed, or its signature would be old.
func (e *Engine) stale(ctx context.Context, a *account, m *prepared) bool {
	doc, err := e.store.Get(ctx, m.delivery.stored.Key)
	if err != nil || doc.Rev != m.delivery.stored.Rev || time.Since(m.at) > time.Second {
		return true
	}
	ep, ok, err := e.endpoint(ctx, a, m.delivery.Endpoint)
	return err != nil || ok == m.gone || ep.URL != m.endpoint.URL || ep.From != m.endpoint.From || !maps.Equal(ep.Switches, m.endpoint.Switches) ||
		!slices.Equal(ep.Headers, m.endpoint.Headers)
}

// attempt makes a prepared attempt and returns what commits its outcome. Between the two nothing is written, so that
// outcomes can be committed in an order of the caller's.
func (e *Engine) attempt(ctx context.Context, a *account, job store.Job, m *prepared) (finish func(context.Context) error) {
	d := m.delivery
	if m.gone {
		return func(ctx context.Context) error {
			return e.again(ctx, a, d, func() error {
				s := e.step(a, a.clock.Now())
				s.change.Done = []string{job.ID}
				const gone = "the endpoint was removed"
				return s.over(ctx, d, end{outcome: journal.Unroutable, got: gone, failure: gone})
			})
		}
	}
	if id, err := e.holder(ctx, a, d); err != nil {
		return func(context.Context) error { return err }
	} else if id != "" {
		return func(ctx context.Context) error { return e.putAside(ctx, a, job, d, id) }
	}
	if d.Kept {
		mine, err := e.overdue(ctx, a, d)
		if err != nil || !mine {
			return func(context.Context) error { return err }
		}
	}
	d.Attempts++
	// What cannot be rendered fails as an attempt: it must be seen where the webhook is missed.
	made := webhook.Attempt{N: d.Attempts, Sent: time.Now(), Class: webhook.Malformed, Request: webhook.Request{URL: m.endpoint.URL}}
	if m.failure != nil {
		made.Error = m.failure.Error()
	} else {
		made = e.sender.Send(ctx, d.Attempts, m.message)
	}
	return func(ctx context.Context) error {
		return e.again(ctx, a, d, func() error { return e.outcome(ctx, a, m, job, made) })
	}
}

// message renders and signs the next attempt of a delivery.
func (e *Engine) message(a *account, m *prepared) error {
	p, d, ep := m.provider, m.delivery, m.endpoint
	scope, over, err := e.said(a, m)
	if err != nil {
		return err
	}
	m.message = webhook.Message{ID: d.ID, Event: d.Event, URL: ep.URL, Timeout: p.Timeout(), Accept: p.accept}
	if m.message.From, err = e.source(p, ep); err != nil {
		return err
	}
	if len(d.Faults) > 0 {
		return e.misdeliver(a, m, scope, over)
	}
	rendered, err := p.Deliver(d.Event, over, scope, time.Now())
	rendered.Header = append(rendered.Header, e.headersOf(ep)...)
	if err == nil && d.Instead != nil {
		rendered, err = d.Instead.of(p, d.Event, rendered, scope)
	}
	m.message.Header, m.message.Body, m.signedBy = rendered.Header, rendered.Body, rendered.SignedBy
	return err
}

// said returns what a delivery tells: what its expressions see, and what is laid over the event's template.
func (e *Engine) said(a *account, m *prepared) (*template.Scope, *template.Node, error) {
	d, ep := m.delivery, m.endpoint
	scope, err := e.scopeOf(a, m.provider, d.Run, d.Due)
	if err != nil {
		return nil, nil, err
	}
	if scope.Endpoint, err = m.provider.endpointValues(ep); err != nil {
		return nil, nil, err
	}
	scope.Delivery = map[string]any{"id": cmp.Or(d.Of, d.ID)}
	if len(d.Data) == 0 {
		return scope, nil, nil
	}
	over, err := template.ParseData(d.Data)
	return scope, over, err
}

// outcome commits what an attempt came to: delivered, a further attempt, or the end.
func (e *Engine) outcome(ctx context.Context, a *account, m *prepared, job store.Job, made webhook.Attempt) error {
	p, d, ep := m.provider, m.delivery, m.endpoint
	now := a.clock.Now()
	s := e.step(a, now)
	s.change.Done = []string{job.ID}
	told := tellAttempt(m, made)
	if e.log.Enabled(ctx, slog.LevelInfo) {
		e.log.Info("delivery", "account", a.name, "provider", d.Provider, "event", d.Event, "url", ep.URL,
			"attempt", made.N, "outcome", string(made.Class), "took", made.Phases.Total.Round(time.Microsecond), "address", made.Remote)
	}
	if made.Class == webhook.Canceled { // the server is stopping: the attempt did not happen as far as the receiver is to blame
		return nil
	}
	wait, again := e.next(a, m, made)
	if p.Gone() && made.Response != nil && made.Response.Status == http.StatusGone {
		again = false
		if err := e.RemoveEndpoint(ctx, ep.Account, ep.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if made.Accepted || !again {
		s.tell(told)
		ended := end{outcome: journal.Delivered, failure: made.Error}
		if !made.Accepted {
			ended.outcome, ended.notified = journal.Exhausted, e.exhausted(a, m)
		}
		if made.Response != nil {
			ended.status = made.Response.Status
		}
		ended.got, ended.pass = d.judge(made)
		return s.over(ctx, d, ended)
	}
	d.Due, d.Passed = now.Add(wait), ""
	told.Next = d.Due
	s.tell(told)
	doc, err := d.doc(a.name)
	if err != nil {
		return err
	}
	s.change.Docs, s.change.Jobs = []store.Doc{doc}, []store.Job{d.job(a.name)}
	return s.commit(ctx)
}

// over ends a delivery.
func (s *step) over(ctx context.Context, d *delivery, e end) error {
	// It stays as it was before its last attempt, which the journal tells: all that a resend needs.
	s.change.Docs = append(s.change.Docs, store.Doc{Key: d.stored.Key, Rev: d.stored.Rev, Data: d.stored.Data, Done: true})
	s.tell(journal.Delivery{Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Outcome: e.outcome, Attempts: d.Attempts, Notified: e.notified})
	if d.Expect != nil {
		s.tell(journal.Expect{Delivery: d.ID, Run: d.Run.Reference, Rule: d.Rule, Want: d.Expect.String(), Got: e.got, Pass: e.pass})
	}
	if d.Hooked {
		if err := s.ended(ctx, d, e); err != nil {
			return err
		}
	}
	return s.commit(ctx)
}

// exhausted returns whom the provider tells that the last attempt failed.
func (e *Engine) exhausted(a *account, m *prepared) []string {
	scope, _, err := e.said(a, m)
	if err != nil {
		return nil
	}
	return m.provider.Exhausted(scope)
}

// judge says what the receiver did and whether the scenario expected it.
func (d *delivery) judge(made webhook.Attempt) (got string, pass bool) {
	took := made.Phases.Total.Round(time.Millisecond)
	if made.Response == nil {
		return made.Error, false
	}
	got = fmt.Sprintf("status %d after %v", made.Response.Status, took)
	if d.Expect == nil {
		return got, true
	}
	accept, err := webhook.ParseAccept(d.Expect.Status)
	if err != nil {
		return err.Error(), false
	}
	inTime := d.Expect.Within == 0 || made.Phases.Total <= d.Expect.Within
	return got, accept.Has(made.Response.Status) && inTime
}

func tellAttempt(m *prepared, made webhook.Attempt) journal.Attempt {
	d, ep := m.delivery, m.endpoint
	told := journal.Attempt{
		Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint, URL: ep.URL,
		N: made.N, Planned: d.Due, Sent: made.Sent, Accepted: made.Accepted, Class: string(made.Class), Error: made.Error, Hint: made.Hint,
		Phases: journal.Phases{
			DNS: journal.Millis(made.Phases.DNS), Connect: journal.Millis(made.Phases.Connect), TLS: journal.Millis(made.Phases.TLS),
			Write: journal.Millis(made.Phases.Write), Wait: journal.Millis(made.Phases.Wait), Read: journal.Millis(made.Phases.Read),
			Total: journal.Millis(made.Phases.Total),
		},
		Request: journal.Request{Method: made.Request.Method, URL: made.Request.URL, Headers: made.Request.Header,
			Body: body(made.Request.Body)},
		SentTo: made.SentTo, From: sourceOf(made), SignedBy: m.signedBy, Fault: m.faults,
	}
	if made.Remote.IsValid() {
		told.Remote = made.Remote.String()
	}
	if len(m.hints) > 0 {
		told.Hint = strings.Join(append(m.hints, told.Hint), "; ")
		told.Hint = strings.TrimSuffix(told.Hint, "; ")
	}
	if len(m.faults) > 0 { // what was made too large need not fill the journal
		told.Request.Body = journal.NewBody(made.Request.Body[:min(len(made.Request.Body), maxTold)], int64(len(made.Request.Body)))
	}
	if r := made.Response; r != nil {
		told.Response = &journal.Response{Status: r.Status, Headers: r.Header, Body: journal.NewBody(r.Body, r.Size)}
	}
	return told
}

// source is the address of this machine that a webhook comes from: the endpoint's, the one that was given for the provider,
// or what its folder says.
func (e *Engine) source(p *provider, ep webhook.Endpoint) (netip.Addr, error) {
	if ep.From != "" {
		return webhook.ParseSource(ep.From)
	}
	if given, ok := e.sources[p.Name]; ok {
		return given, nil
	}
	return p.Source(), nil
}

// sourceOf tells where an attempt came from, where that was chosen.
func sourceOf(made webhook.Attempt) string {
	if !made.From.IsValid() {
		return ""
	}
	return made.From.String()
}

// endpoint finds an endpoint of the account's, or of everybody's.
func (e *Engine) endpoint(ctx context.Context, a *account, id string) (webhook.Endpoint, bool, error) {
	owners, err := e.own(ctx, a)
	if err != nil {
		return webhook.Endpoint{}, false, err
	}
	for _, owner := range owners {
		set, err := e.settingsOf(ctx, owner)
		if err != nil {
			return webhook.Endpoint{}, false, err
		}
		for _, ep := range set.Endpoints {
			if ep.ID == id {
				return ep, true, nil
			}
		}
	}
	return webhook.Endpoint{}, false, nil
}
