package engine

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/idmock/idmock/internal/outcome"
	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// ScenarioHeader is the header with which a request chooses its scenario.
const ScenarioHeader = "X-Idmock-Scenario"

// HintHeader is the header of a response that says why a request was refused or matched nothing. The body is the provider's own.
const HintHeader = "X-Idmock-Hint"

// Incoming are the parts of a request for the journal that [openapi.Call] lacks.
type Incoming struct {
	Method, Path string
	Headers      [][2]string
	Scenario     string // that the request itself asks for
	Prefer       string // its Prefer header: the response that it asks for
	Root         string // base URL of the server as the request says it
	Quiet        bool   // reads dashboard settings for the page: no part of the history
	Started      time.Time
}

// Response is a provider's response to a request, and its timing.
type Response struct {
	openapi.Reply
	Run  string // the reference of the run; empty if the request has none
	Hint string // why the request was refused or is about nothing; empty if neither is so
	Hang bool   // never respond

	// Faults are applied to how the response goes out; its body and status have them already.
	Faults *fault.Answer
	// Wait delays the response as the scenario says. It may be nil, and returns ctx's error if that ends first.
	Wait func(ctx context.Context) error
	// Sent must be called once the response is out or cannot be sent: its webhooks follow now. It may be nil.
	Sent func()
}

// request is a request that is being answered.
type request struct {
	step
	call  *openapi.Call
	in    Incoming
	scope *template.Scope
	entry journal.Call
	begun run.Run // the run that it starts
}

// requests are reused, with all that ends with them.
var requests = sync.Pool{New: func() any { return new(request) }}

// release ends the use of a request that was committed or failed. Its response remains valid.
func (q *request) release() {
	q.Release()
	*q = request{}
	requests.Put(q)
}

// newRun returns a run that was not stored yet. It ends with the request.
func (q *request) newRun(m *scenarios.Machine, operation, subject string) *run.Run {
	q.begun = runOf(&q.step, m, operation, subject)
	return &q.begun
}

// Handle answers a request to a provider in its own form: it finds or starts the run, plays its scenario and commits the
// effects, once. The error is the server's own failure; an invalid request gets a response.
func (e *Engine) Handle(r *http.Request, p *library.Provider, in Incoming) (Response, error) {
	ctx := r.Context()
	match := p.Match
	if e.Strict {
		match = p.MatchStrict
	}
	call, invalid := match(r)
	call.Account = e.Accounts.OwnerOf(p.Provider, call.Account)
	invalid = e.Accounts.Admit(ctx, p.Provider, call, invalid)
	var response Response
	err := tx.Retry(func() error { // the run was moved meanwhile: decide again
		ctx := account.Prefetch(ctx, e.Accounts, call.Account)
		a, err := e.Accounts.Open(ctx, call.Account)
		if err != nil {
			return err
		}
		q, err := e.newRequest(a, p, call, in)
		if err != nil {
			return err
		}
		defer q.release()
		if invalid != nil {
			response, err = q.finish(ctx, Response{}, invalid)
		} else {
			response, err = q.respond(ctx)
		}
		return err
	}, nil)
	if errors.Is(err, store.ErrFull) {
		return e.refuseFull(ctx, p, call, in, err)
	}
	if errors.Is(err, store.ErrUnavailable) {
		e.Logger.Error("request failed", "provider", p.Name, "error", err)
		return e.refuseUnavailable(p, call, in)
	}
	return response, err
}

// refuseFull answers a request for which there is no room, in the provider's form.
func (e *Engine) refuseFull(ctx context.Context, p *library.Provider, call *openapi.Call, in Incoming, reason error) (Response, error) {
	a := e.Accounts.Known(call.Account)
	if a == nil {
		a = e.Accounts.Known(account.Default)
	}
	q, err := e.newRequest(a, p, call, in)
	if err != nil {
		return Response{}, err
	}
	defer q.release()
	return q.finish(ctx, Response{}, &openapi.Error{Kind: openapi.Unavailable, Message: reason.Error()})
}

// unavailable is the response of a server whose store cannot be reached.
var unavailable = &openapi.Error{Kind: openapi.Unavailable, Message: "the server's store is unavailable: try again"}

// refuseUnavailable answers a request while the store cannot be reached, in the provider's form. There is no journal to write to.
func (e *Engine) refuseUnavailable(p *library.Provider, call *openapi.Call, in Incoming) (Response, error) {
	a := e.Accounts.Known(account.Default)
	scope, err := run.RequestScope(a, p.Provider, call, in.Root, a.Now())
	if err != nil {
		return Response{}, err
	}
	reply, err := p.Refuse(unavailable, scope)
	reply.Header = append(reply.Header, [2]string{"Retry-After", "1"})
	return Response{Reply: reply, Hint: unavailable.Message}, err
}

func (e *Engine) newRequest(a *account.Account, p *library.Provider, c *openapi.Call, in Incoming) (*request, error) {
	a.LearnURL(in.Root)
	q := requests.Get().(*request)
	q.step = step{Tx: a.Begin(a.Now()), engine: e, account: a, provider: p}
	q.call, q.in, q.entry.Provider = c, in, p.Name
	q.Request = a.NextID("c")
	if c.Operation != nil {
		q.entry.Operation = c.Operation.ID
	}
	var err error
	q.scope, err = run.RequestScope(a, p.Provider, c, in.Root, q.Now)
	return q, err
}

// respond answers a valid request.
func (q *request) respond(ctx context.Context) (Response, error) {
	if q.in.Prefer != "" {
		if response, asked, err := q.prefer(ctx); asked {
			return q.finish(ctx, response, err)
		}
	}
	if q.call.Operation.DashboardVerb() != "" {
		reply, err := q.dashboard(ctx)
		if q.in.Quiet && err == nil {
			return Response{Reply: reply}, nil
		}
		return q.finish(ctx, Response{Reply: reply}, err)
	}
	if err := q.openWallet(ctx); err != nil {
		return q.finish(ctx, Response{}, err)
	}
	chosen, err := q.choose(ctx)
	if err != nil {
		return q.finish(ctx, Response{}, err)
	}
	if chosen.run == nil {
		response, err := q.missing(ctx)
		return q.finish(ctx, response, err)
	}
	return q.play(ctx, chosen)
}

// play plays a scenario on the run that a request is about, and commits the effects.
func (q *request) play(ctx context.Context, c choice) (Response, error) {
	r := c.run
	q.entry.Run, q.entry.Scenario = r.Reference, c.machine.Scenario.Name
	first, was := q.Mark(), r.State.Set[outcome.Key]
	response, err := q.rules(ctx, c.machine, r)
	if err != nil {
		return q.finish(ctx, Response{}, err)
	}
	refused := response.Faults != nil && response.Faults.Refuse != 0
	if refused && r.IsNew() {
		q.entry.Run = ""
	}
	// The request is logged before its effects: its response is known only now.
	q.logRequest(first, response)
	if r.Reference != "" && (!refused || !r.IsNew()) {
		if err := q.logRun(first+1, r, c.before, q.entry.Rule, ""); err != nil {
			return Response{}, err
		}
		if err := q.enlist(ctx, r); err != nil {
			return Response{}, err
		}
		if err := r.Put(q.Tx); err != nil {
			return Response{}, err
		}
		if q.call.Operation.Starts() && !refused {
			if err := r.PutAlias(ctx, q.Tx, q.call.Operation.Alias(q.scope)); err != nil {
				return Response{}, err
			}
		}
		if !refused {
			if err := q.pay(ctx, r, was); err != nil {
				return Response{}, err
			}
		}
	}
	return response, q.Commit(ctx)
}

// enlist has the lists of the provider show a new run.
func (q *request) enlist(ctx context.Context, r *run.Run) error {
	if !r.IsNew() {
		return nil
	}
	for _, list := range q.call.Operation.ListedIn() {
		if err := r.Enlist(ctx, q.Tx, list); err != nil {
			return err
		}
	}
	return nil
}

// rules steps the scenario and renders its response.
func (q *request) rules(ctx context.Context, m *scenarios.Machine, r *run.Run) (Response, error) {
	was := r.State
	effects, err := r.Step(m, scenarios.Input{On: q.call.Operation.ID, Scope: q.scope})
	if errors.Is(err, scenarios.ErrNoRule) { // the first documented success is the response
		effects, err = []scenarios.Effect{scenarios.Reply{Rule: -1}}, nil
	}
	if err != nil {
		q.Log(journal.RuleError{Run: r.Reference, Scenario: m.Scenario.Name, Message: err.Error()})
		return Response{}, err
	}
	reply := effects[0].(scenarios.Reply) // a request's first effect is always its reply
	if reply.Rule >= 0 {
		q.entry.Rule = ruleName(m, reply.Rule)
	}
	faults, err := q.drawFaults(ctx, reply.Faults)
	if err != nil {
		return Response{}, err
	}
	if faults != nil && faults.Refuse != 0 {
		r.Undo(was)
		return q.refuse(faults)
	}
	response := Response{Run: r.Reference, Hang: reply.Hang, Faults: faults}
	if response.Reply, err = q.render(reply); err != nil {
		return Response{}, err
	}
	if faults != nil {
		reply.Delay += faults.Later
		response.applyFaults()
	}
	base := q.Now.Add(reply.Delay)
	if reply.Delay > 0 {
		response.Wait = q.waitUntil(base)
	}
	if r.Reference == "" {
		return response, nil // nothing outlives a request that is about no run
	}
	waits, restore := r.Waits, q.Save()
	if err := q.apply(ctx, m, r, effects[1:], base); err != nil {
		restore()
		return response, err
	}
	q.endWaits(ctx, r, q.call.Operation.ID, waits)
	if !response.Hang {
		q.bind(&response)
	}
	return response, nil
}

// waitUntil returns a function that waits for an account time.
func (q *request) waitUntil(at time.Time) func(context.Context) error {
	clock := q.account.Clock()
	return func(ctx context.Context) error { return clock.Wait(ctx, at) }
}

// bind keeps webhooks of the request from overtaking the response. A scenario in which the webhook comes first delays the
// reply, or has a fault say so.
func (q *request) bind(response *Response) {
	bound, wait := q.engine.Deliveries.Responses.Bind(q.Tx)
	if bound == nil {
		return
	}
	response.Sent = bound.Sent
	if wait {
		response.then(bound.Wait)
	}
}

// then has a response wait for something more.
func (r *Response) then(wait func(context.Context) error) {
	before := r.Wait
	r.Wait = func(ctx context.Context) error {
		if before != nil {
			if err := before(ctx); err != nil {
				return err
			}
		}
		return wait(ctx)
	}
}

func (q *request) render(reply scenarios.Reply) (openapi.Reply, error) {
	var rendered openapi.Reply
	var err error
	if reply.BodyOnly {
		rendered = openapi.Reply{Status: http.StatusOK, Header: [][2]string{{"Content-Type", "application/json"}}}
		rendered.Body, err = reply.Body.Append(nil, q.scope)
	} else {
		rendered, err = q.provider.Reply(q.call.Operation, reply.Example, reply.Body, q.scope)
	}
	if reply.Status != 0 {
		rendered.Status = reply.Status
	}
	rendered.Header = append(rendered.Header, reply.Header...)
	return rendered, err
}

// finish commits a request that plays no rule. A reason to refuse it becomes the provider's own error.
func (q *request) finish(ctx context.Context, response Response, reason error) (Response, error) {
	if errors.Is(reason, store.ErrConflict) {
		return Response{}, reason
	}
	if reason != nil {
		var invalid *openapi.Error
		if !errors.As(reason, &invalid) {
			invalid = &openapi.Error{Kind: openapi.Internal, Message: reason.Error()}
			q.engine.Logger.Error("request failed", "provider", q.provider.Name, "operation", q.entry.Operation, "error", reason)
		}
		q.entry.Error = &journal.CallError{Kind: string(invalid.Kind), Message: invalid.Message, Field: invalid.Field}
		rendered, err := q.provider.Refuse(invalid, q.scope)
		if err != nil {
			return Response{}, err
		}
		response = Response{Reply: rendered, Hint: invalid.Message}
	}
	q.bind(&response)
	q.logRequest(q.Mark(), response)
	return response, q.Commit(ctx)
}

func (q *request) logRequest(mark int, response Response) {
	entry := &q.entry
	entry.ID = q.Request
	entry.Method, entry.Path = q.in.Method, q.in.Path
	entry.Request = journal.Payload{Headers: q.in.Headers, Body: journal.ShortBody(q.call.Raw)}
	entry.Status = response.Status
	entry.Response = journal.Payload{Headers: response.Header, Body: journal.ShortBody(response.Body)}
	entry.Duration = journal.Millis(time.Since(q.in.Started))
	if response.Hang {
		entry.Status, entry.Response = 0, journal.Payload{}
		entry.Error = &journal.CallError{Kind: "hang", Message: "the scenario never responds to this request"}
	} else if response.Faults != nil {
		*entry = withFaults(*entry, response)
	}
	q.LogAt(mark, entry)
}
