package delivery

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/faults"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook"
	"github.com/idmock/idmock/mockserver/webhook/fault"
)

// Attempt makes a prepared attempt, after the response that it waits for, and returns a function that commits its outcome. Between
// the two nothing is written, so that outcomes can be committed in an order of the caller's.
func (s *Service) Attempt(ctx context.Context, a *account.Account, job store.Job, m *Prepared) (finish func(context.Context) error) {
	d := m.delivery
	if m.removed {
		return func(ctx context.Context) error {
			return s.retryEnd(ctx, a, d, func() error {
				t := a.Begin(a.Now())
				t.EndJob(job.ID)
				const reason = "the endpoint was removed"
				return s.end(ctx, t, a, d, End{Outcome: journal.Unroutable, Got: reason, Failure: reason})
			})
		}
	}
	if id, err := s.Holds().holder(ctx, a, d); err != nil {
		return func(context.Context) error { return err }
	} else if id != "" {
		return func(ctx context.Context) error { return s.Holds().holdDue(ctx, a, job, d, id) }
	}
	if d.Reordered {
		if mine, err := s.leaveBuffer(ctx, a, d); err != nil || !mine {
			return func(context.Context) error { return err }
		}
	}
	d.Attempts++
	result := s.send(ctx, m)
	return func(ctx context.Context) error {
		return s.retryEnd(ctx, a, d, func() error { return s.commit(ctx, a, m, job, result) })
	}
}

// send makes the attempt. One that cannot be rendered fails as an attempt: it must be seen where the webhook is missed.
func (s *Service) send(ctx context.Context, m *Prepared) webhook.Attempt {
	n := m.delivery.Attempts
	if m.failure != nil {
		return webhook.Attempt{N: n, Sent: time.Now(), Class: webhook.Malformed, Request: webhook.Request{URL: m.endpoint.URL}, Error: m.failure.Error()}
	}
	return s.Sender.Send(ctx, n, m.message)
}

// retryEnd repeats the end of a delivery as long as only its run was moved meanwhile, by a request for instance,
// or the count of what the account's faults send.
func (s *Service) retryEnd(ctx context.Context, a *account.Account, d *Delivery, commit func() error) error {
	if !d.Awaited && fault.Size(d.Faults) == 0 {
		return commit()
	}
	moved := false
	err := tx.Retry(commit, func() bool {
		if a.IsGone() {
			return false
		}
		doc, err := s.Store.Get(ctx, d.stored.Key)
		moved = err != nil || doc.Rev != d.stored.Rev // the delivery itself was moved, or reset
		return !moved
	})
	if moved {
		return store.ErrConflict
	}
	return err
}

// commit commits the result of an attempt: delivered, a further attempt, or the end.
func (s *Service) commit(ctx context.Context, a *account.Account, m *Prepared, job store.Job, result webhook.Attempt) error {
	p, d, ep := m.provider, m.delivery, m.endpoint
	if s.Logger.Enabled(ctx, slog.LevelInfo) {
		logger := s.Logger
		if hint := hintOf(m, result); hint != "" { // as on the page
			logger = logger.With("error", result.Error, "hint", hint)
		}
		logger.Info("delivery", "account", a.Name(), "provider", d.Provider, "event", d.Event, "url", ep.URL,
			"attempt", result.N, "outcome", string(result.Class), "took", result.Phases.Total.Round(time.Microsecond), "address", result.Remote)
	}
	if result.Class == webhook.Canceled { // the server is stopping, which is not the receiver's failure
		return nil
	}
	if result.Class == webhook.Local {
		return s.again(ctx, a, m, job, result)
	}
	wait, again := nextAttempt(a, m, result)
	if p.Webhooks().Retry().Disables(status(result)) {
		again = false
		if err := s.Endpoints.RemoveEndpoint(ctx, ep.Account, ep.ID); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	now := a.Now()
	t := a.Begin(now)
	t.EndJob(job.ID)
	entry := attemptEntry(m, result)
	entry.Repeated = job.Again
	if result.Accepted || !again {
		t.Log(entry)
		return s.end(ctx, t, a, d, s.outcome(a, m, result))
	}
	d.Due, d.ExemptFrom = now.Add(wait), ""
	entry.Next = d.Due
	t.Log(entry)
	before := d.Faults
	ok, err := s.Faults.BoundRetry(ctx, t, a, d.sends(faultsOf(d)))
	if err == nil {
		if !ok {
			d.Faults = faults.WithoutSize(d.Faults)
		}
		err = d.put(t)
	}
	if err == nil {
		t.AddJob(d.job(a.Name()))
		err = t.Commit(ctx)
	}
	if err != nil {
		d.Faults = before
	}
	return err
}

// again repeats an attempt that this machine could not make. It uses up no retry.
func (s *Service) again(ctx context.Context, a *account.Account, m *Prepared, job store.Job, result webhook.Attempt) error {
	d := m.delivery
	s.Logger.Warn("delivery delayed: this machine lacks resources", "account", a.Name(), "event", d.Event, "error", result.Error)
	d.Attempts--
	t := a.Begin(a.Now())
	t.EndJob(job.ID)
	t.AddJob(d.job(a.Name()))
	return t.Commit(ctx)
}

// outcome is how a delivery ends with its last attempt.
func (s *Service) outcome(a *account.Account, m *Prepared, result webhook.Attempt) End {
	e := End{Outcome: journal.Delivered, Failure: result.Error}
	if !result.Accepted {
		e.Outcome, e.Notified = journal.Exhausted, s.notified(a, m)
	}
	if result.Response != nil {
		e.Status = result.Response.Status
	}
	e.Got, e.Pass = m.delivery.evaluate(result)
	return e
}

// end commits the end of a delivery.
func (s *Service) end(ctx context.Context, t *tx.Tx, a *account.Account, d *Delivery, e End) error {
	// It stays as it was before its last attempt, which the journal has: all that a resend needs.
	t.Put(store.Doc{Key: d.stored.Key, Rev: d.stored.Rev, Data: d.stored.Data, Done: true})
	t.Log(journal.Delivery{Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint,
		URL: d.URL, Outcome: e.Outcome, Attempts: d.Attempts, Notified: e.Notified})
	if d.Expect != nil {
		t.Log(journal.Expect{Delivery: d.ID, Run: d.Run.Reference, Rule: d.Step, Want: d.Expect.String(), Got: e.Got, Pass: e.Pass})
	}
	if d.Awaited {
		if err := s.runs.Ended(ctx, t, a, d, e); err != nil {
			return err
		}
	}
	return t.Commit(ctx)
}

// notified returns the addresses that the provider writes to once the last attempt failed.
func (s *Service) notified(a *account.Account, m *Prepared) []string {
	scope, _, err := s.scope(a, m)
	if err != nil {
		return nil
	}
	return m.provider.Webhooks().Exhausted(scope)
}

// evaluate describes the receiver's response and reports whether the scenario expected it.
func (d *Delivery) evaluate(result webhook.Attempt) (got string, pass bool) {
	if result.Response == nil {
		return result.Error, false
	}
	got = fmt.Sprintf("status %d after %v", result.Response.Status, result.Phases.Total.Round(time.Millisecond))
	if d.Expect == nil {
		return got, true
	}
	accept, err := webhook.ParseAccept(d.Expect.Status)
	if err != nil {
		return err.Error(), false
	}
	inTime := d.Expect.Within == 0 || result.Phases.Total <= d.Expect.Within
	return got, accept.Has(result.Response.Status) && inTime
}

// maxPlainBody is how much of an ordinary body goes into the journal, in bytes: as journal.ShortBody.
const maxPlainBody = 64 << 10

// maxFaultyBody is how much of a body that a fault may have enlarged goes into the journal, in bytes.
const maxFaultyBody = 256 << 10

func attemptEntry(m *Prepared, result webhook.Attempt) journal.Attempt {
	d, ep := m.delivery, m.endpoint
	entry := journal.Attempt{
		Delivery: d.ID, Provider: d.Provider, Event: d.Event, Run: d.Run.Reference, Endpoint: d.Endpoint, URL: ep.URL,
		N: result.N, Planned: d.Due, Sent: result.Sent, Accepted: result.Accepted, Class: string(result.Class), Error: result.Error, Hint: result.Hint,
		Phases: journal.Phases{
			DNS: journal.Millis(result.Phases.DNS), Connect: journal.Millis(result.Phases.Connect), TLS: journal.Millis(result.Phases.TLS),
			Write: journal.Millis(result.Phases.Write), Wait: journal.Millis(result.Phases.Wait), Read: journal.Millis(result.Phases.Read),
			Total: journal.Millis(result.Phases.Total),
		},
		Request: journal.Request{Method: result.Request.Method, URL: result.Request.URL, Headers: result.Request.Header,
			Body: journal.NewBody(result.Request.Body[:min(len(result.Request.Body), maxPlainBody)], int64(result.Request.Size))},
		SentTo: result.SentTo, Redirects: result.Redirects, SignedBy: m.signedBy, Fault: m.faults,
	}
	if result.From.IsValid() {
		entry.From = result.From.String()
	}
	if result.Remote.IsValid() {
		entry.Remote = result.Remote.String()
	}
	entry.Hint = hintOf(m, result)
	if body := result.Request.Body; len(m.faults) > 0 {
		entry.Request.Body = journal.NewBody(body[:min(len(body), maxFaultyBody)], int64(result.Request.Size))
	}
	if r := result.Response; r != nil {
		entry.Response = &journal.Response{Status: r.Status, Headers: r.Header, Body: journal.NewBody(r.Body, r.Size)}
	}
	return entry
}

// hintOf is the hint about an attempt, with those about faults that did not apply.
func hintOf(m *Prepared, result webhook.Attempt) string {
	if len(m.hints) == 0 {
		return result.Hint
	}
	return strings.TrimSuffix(strings.Join(append(slices.Clip(m.hints), result.Hint), "; "), "; ")
}

// SendNow makes one attempt and no other of a run's event, in a unit of work, and logs it: for a test from a dashboard,
// as its response reports the result.
func (s *Service) SendNow(ctx context.Context, t *tx.Tx, a *account.Account, r *run.Run, event string, ep webhook.Endpoint) (id string, result webhook.Attempt) {
	d := newManual(t, a, r, event)
	d.Endpoint, d.URL = ep.ID, ep.URL
	logPlanned(t, &d)
	m := &Prepared{delivery: &d, provider: s.Library.Provider(d.Provider), endpoint: ep}
	m.failure = s.render(ctx, a, m)
	d.Attempts = 1
	result = s.send(ctx, m)
	outcome := journal.Delivered
	if !result.Accepted {
		outcome = journal.Exhausted
	}
	t.Log(attemptEntry(m, result))
	t.Log(journal.Delivery{Delivery: d.ID, Provider: d.Provider, Event: event, Run: r.Reference, Endpoint: d.Endpoint, URL: d.URL, Outcome: outcome, Attempts: 1})
	return d.ID, result
}

// PlanManual plans a run's event for an endpoint at once, without a scenario: nothing is expected of it, and no rule waits
// for its end. data, if any, is laid over the event's template. It returns the delivery's ID.
func (s *Service) PlanManual(ctx context.Context, t *tx.Tx, a *account.Account, r *run.Run, event string, data []byte, ep webhook.Endpoint) (string, error) {
	d := newManual(t, a, r, event)
	d.Endpoint, d.URL, d.Data = ep.ID, ep.URL, data
	_, err := s.Plan(ctx, t, a, d)
	return d.ID, err
}

// Preview renders and signs a run's event for an endpoint, without faults, and sends nothing.
func Preview(ctx context.Context, s *Service, t *tx.Tx, a *account.Account, r *run.Run, event string, data []byte, ep webhook.Endpoint) (control.Preview, error) {
	d := newManual(t, a, r, event)
	d.Endpoint, d.URL, d.Data = ep.ID, ep.URL, data
	m := &Prepared{delivery: &d, provider: s.Library.Provider(d.Provider), endpoint: ep}
	if err := s.render(ctx, a, m); err != nil {
		return control.Preview{}, err
	}
	request, err := s.Sender.Preview(m.message)
	return control.Preview{Method: request.Method, URL: request.URL, Headers: request.Header, Body: string(request.Body)}, err
}
