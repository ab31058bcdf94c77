package mockserver

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/internal/template"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/webhook/fault"
	"github.com/idmock/idmock/openapi"
	"github.com/idmock/idmock/scenarios"
)

// Reply is what a provider answers to a call, and when.
type Reply struct {
	openapi.Reply
	Run  string // the reference of the run, empty where the call has none
	Hang bool   // never answer

	// Wrong is what faults make of how the answer goes out; its body and status are those of the Reply already.
	Wrong *fault.Answer
	// Wait holds the answer back as long as the scenario says. It returns ctx's error if that ends first.
	Wait func(ctx context.Context) error
	// Sent says that the answer is out: what the call sends at once follows now. It is called exactly once if it is
	// not nil, also when the answer could not be written.
	Sent func()
}

// Incoming is what the journal keeps of a request beside what [openapi.Call] understood.
type Incoming struct {
	Method, Path string
	Headers      [][2]string
	Scenario     string // the scenario that the call itself asks for
	Prefer       string // the answer that the call itself asks for, as its header Prefer says it
	Root         string // URL under which the caller reaches the server, as the request says it
	Started      time.Time
}

// Answer answers a call: it finds or makes the run, steps its scenario, and commits what follows, once. What the caller
// got wrong is answered in the provider's own shape; the error is a fault of ours.
func (e *Engine) Answer(ctx context.Context, p *provider, c *openapi.Call, in Incoming) (Reply, error) {
	for {
		a, err := e.account(ctx, c.Account)
		if err != nil {
			return Reply{}, err
		}
		reply, err := e.answer(ctx, a, p, c, in)
		if !errors.Is(err, store.ErrConflict) { // somebody else moved the run: look again and decide again
			return reply, err
		}
	}
}

func (e *Engine) answer(ctx context.Context, a *account, p *provider, c *openapi.Call, in Incoming) (Reply, error) {
	a.learn(in.Root)
	s := e.step(a, a.clock.Now())
	scope, err := e.scope(a, p, c, s.now)
	if err != nil {
		return Reply{}, err
	}
	scope.Base = e.baseOf(a, p, in.Root)
	call := journal.Call{Provider: p.Name, Operation: c.Operation.ID}
	if in.Prefer != "" {
		if reply, asked, err := s.prefer(ctx, p, c, in.Prefer, scope, &call); asked {
			return s.answer(ctx, p, c, in, scope, call, reply, err)
		}
	}
	if c.Operation.DashboardVerb() != "" {
		reply, err := s.dashboard(ctx, p, c, scope)
		return s.answer(ctx, p, c, in, scope, call, Reply{Reply: reply}, err)
	}
	r, m, before, err := s.open(ctx, p, c, in, scope)
	if err != nil {
		return s.answer(ctx, p, c, in, scope, call, Reply{}, err)
	}
	if r == nil {
		missing, _ := c.Operation.Finds()
		reply, err := s.missing(ctx, p, c, missing, scope, &call)
		return s.answer(ctx, p, c, in, scope, call, reply, err)
	}
	call.Run, call.Scenario = r.Reference, m.Scenario.Name
	reply, err := s.rules(ctx, p, m, c, r, scope, &call)
	if err != nil {
		return s.answer(ctx, p, c, in, scope, call, Reply{}, err)
	}
	// The call comes before what it caused: its entry is written first, and its reply is known only now.
	later := s.change.Entries
	s.change.Entries = nil
	refused := reply.Wrong != nil && reply.Wrong.Refuse != 0
	if refused && r.rev == 0 {
		call.Run = ""
	}
	s.tellCall(c, in, call, reply)
	if r.Reference != "" && (!refused || r.rev > 0) {
		if err := s.tellRun(r, before, call.Rule, ""); err != nil {
			return Reply{}, err
		}
		doc, err := r.doc(a.name)
		if err != nil {
			return Reply{}, err
		}
		s.change.Docs = append(s.change.Docs, doc)
		if c.Operation.Starts() && !refused {
			s.made = r
			if err := s.alias(ctx, r, c.Operation.Alias(scope)); err != nil {
				return Reply{}, err
			}
		}
	}
	s.change.Entries = append(s.change.Entries, later...)
	return reply, s.commit(ctx)
}

// open finds the run that a call is about, or makes one. A call that is about no run at all gets one that is not kept.
// The run is nil where the call asks for one that does not exist.
func (s *step) open(ctx context.Context, p *provider, c *openapi.Call, in Incoming, scope *template.Scope) (*run, *scenarios.Machine, jsontext.Value, error) {
	library, err := p.library(s.account)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, finds := c.Operation.Finds(); finds {
		return s.find(ctx, p, library, c, in, scope)
	}
	m, err := s.chosen(ctx, p, library, c, in, "")
	if m == nil && err == nil {
		if m = library.Magic(scope); m == nil {
			m, err = s.ordinary(ctx, p, library)
		}
	}
	if err != nil {
		return nil, nil, nil, err
	}
	r := &run{Provider: p.Name, Operation: c.Operation.ID, Scenario: m.Scenario.Name, Edition: m.Edition, Subject: c.Subject, Started: s.now}
	if c.Operation.Starts() {
		if err := s.refer(ctx, p, c.Operation, r, scope); err != nil {
			return nil, nil, nil, err
		}
		if err := r.remember(c.Body); err != nil {
			return nil, nil, nil, err
		}
	}
	scope.Run = r.values()
	return r, m, nil, nil
}

// rules steps the scenario and renders its reply.
func (s *step) rules(ctx context.Context, p *provider, m *scenarios.Machine, c *openapi.Call, r *run, scope *template.Scope, call *journal.Call) (Reply, error) {
	was := r.State
	effects, err := r.step(m, scenarios.Input{On: c.Operation.ID, Scope: scope})
	if errors.Is(err, scenarios.ErrNoRule) { // then the first documented success is the answer
		effects, err = []scenarios.Effect{scenarios.Reply{Rule: -1}}, nil
	}
	if err != nil {
		s.tell(journal.RuleError{Run: r.Reference, Scenario: m.Scenario.Name, Message: err.Error()})
		return Reply{}, err
	}
	said := effects[0].(scenarios.Reply) // a call's first effect is always its reply
	if said.Rule >= 0 {
		call.Rule = ruleName(m, said.Rule)
	}
	wrong, err := s.misanswer(ctx, p, c, said.Faults, call)
	if err != nil {
		return Reply{}, err
	}
	if wrong != nil && wrong.Refuse != 0 {
		r.undo(was)
		return s.refused(p, c, scope, wrong)
	}
	reply := Reply{Run: r.Reference, Hang: said.Hang, Wrong: wrong}
	if reply.Reply, err = s.render(p, c, said, scope); err != nil {
		return Reply{}, err
	}
	if wrong != nil {
		said.Delay += wrong.Later
		reply.spoil()
	}
	base := s.now.Add(said.Delay)
	if said.Delay > 0 {
		reply.Wait = func(ctx context.Context) error { return s.account.clock.Wait(ctx, base) }
	}
	if r.Reference == "" {
		return reply, nil // nothing outlives a call that is about no run
	}
	waits := r.Waits
	if err := s.apply(ctx, p, m, r, effects[1:], base); err != nil {
		return reply, err
	}
	if len(waits) > 0 {
		s.met(ctx, p, r, c.Operation.ID, waits)
	}
	if reply.Hang {
		return reply, nil
	}
	reply.Sent = s.hold()
	if len(s.first) > 0 {
		reply.follow(s.engine.firsts.await(s.first))
	}
	return reply, nil
}

// hold keeps what this step sends from overtaking the answer: the deliveries go out once the function returned is
// called. A scenario in which the webhook comes first says so with a delay of the reply.
func (s *step) hold() func() {
	var ids []string
	for _, job := range s.change.Jobs {
		if isDelivery(job) && !slices.Contains(s.first, job.ID) {
			ids = append(ids, job.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	s.release = s.engine.held.hold(ids)
	return s.release
}

func (s *step) render(p *provider, c *openapi.Call, said scenarios.Reply, scope *template.Scope) (openapi.Reply, error) {
	var reply openapi.Reply
	var err error
	if said.Whole {
		reply = openapi.Reply{Status: http.StatusOK, Header: [][2]string{{"Content-Type", "application/json"}}}
		reply.Body, err = said.Body.Append(nil, scope)
	} else {
		reply, err = p.Reply(c.Operation, said.Example, said.Body, scope)
	}
	if said.Status != 0 {
		reply.Status = said.Status
	}
	reply.Header = append(reply.Header, said.Header...)
	return reply, err
}

// answer commits a call that plays no rule. A reason to refuse it becomes the provider's own error.
func (s *step) answer(ctx context.Context, p *provider, c *openapi.Call, in Incoming, scope *template.Scope, call journal.Call, reply Reply, reason error) (Reply, error) {
	if errors.Is(reason, store.ErrConflict) {
		return Reply{}, reason
	}
	if reason != nil {
		var refused *openapi.Error
		if !errors.As(reason, &refused) {
			refused = &openapi.Error{Kind: openapi.Internal, Message: reason.Error()}
			s.engine.log.Error("call failed", "provider", p.Name, "operation", call.Operation, "error", reason)
		}
		call.Error = &journal.CallError{Kind: string(refused.Kind), Message: refused.Message, Field: refused.Field}
		rendered, err := p.Refuse(refused, scope)
		if err != nil {
			return Reply{}, err
		}
		reply = Reply{Reply: rendered}
	}
	reply.Sent = s.hold()
	s.tellCall(c, in, call, reply)
	return reply, s.commit(ctx)
}

// Refuse answers a request that did not match, in the provider's own shape.
func (e *Engine) Refuse(ctx context.Context, p *provider, c *openapi.Call, in Incoming, reason error) (Reply, error) {
	for {
		a, err := e.account(ctx, c.Account)
		if err != nil {
			return Reply{}, err
		}
		s := e.step(a, a.clock.Now())
		a.learn(in.Root)
		scope, err := e.scope(a, p, c, s.now)
		if err != nil {
			return Reply{}, err
		}
		scope.Base = e.baseOf(a, p, in.Root)
		call := journal.Call{Provider: p.Name}
		if c.Operation != nil {
			call.Operation = c.Operation.ID
		}
		reply, err := s.answer(ctx, p, c, in, scope, call, Reply{}, reason)
		if !errors.Is(err, store.ErrConflict) { // reset meanwhile
			return reply, err
		}
	}
}

func (s *step) tellCall(c *openapi.Call, in Incoming, call journal.Call, reply Reply) {
	call.ID = s.account.name36("c")
	call.Method, call.Path = in.Method, in.Path
	call.Request = journal.Payload{Headers: in.Headers, Body: body(c.Raw)}
	call.Status = reply.Status
	call.Response = journal.Payload{Headers: reply.Header, Body: body(reply.Body)}
	call.Duration = journal.Millis(time.Since(in.Started))
	if reply.Hang {
		call.Status, call.Response = 0, journal.Payload{}
		call.Error = &journal.CallError{Kind: "hang", Message: "the scenario never answers this call"}
	} else if reply.Wrong != nil {
		call = tellWrong(call, reply)
	}
	s.tell(call)
}

// keptBody is how much of a body the journal keeps, in bytes, as of a receiver's reply: a few photographs would push
// everything else out of it.
const keptBody = 64 << 10

func body(b []byte) journal.Body { return journal.NewBody(b[:min(len(b), keptBody)], int64(len(b))) }
