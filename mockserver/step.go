package mockserver

import (
	"context"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/scenarios"
)

// step gathers what one step of a run changes, to be committed at once.
type step struct {
	engine  *Engine
	account *account
	now     time.Time // account time
	wall    time.Time
	next    time.Time // of the run's timeline, if it goes on
	change  store.Change
	kept    []string // keys of what is in engine.fresh
	made    *run     // that the change makes, if it does
	awaited []wait   // calls that are expected from now on
	settled []string // jobs of those that no longer are
	first   []string // IDs of the jobs that come before the answer to the call
	release func()   // lets go of the jobs that are held until the call is answered; nil if none is
}

func (e *Engine) step(a *account, now time.Time) *step {
	return &step{engine: e, account: a, now: now, wall: time.Now()}
}

func (s *step) tell(d journal.Data) {
	s.change.Entries = append(s.change.Entries, journal.New(s.account.name, s.now, s.wall, d))
}

func (s *step) commit(ctx context.Context) error {
	err := s.account.alive(func() error {
		_, err := s.engine.store.Commit(ctx, s.change)
		return err
	})
	if err != nil { // what was planned will be planned anew, under other names
		s.engine.fresh.forget(s.kept)
		s.engine.firsts.done(s.first...)
		if s.release != nil {
			s.release()
		}
	}
	if err == nil && len(s.awaited)+len(s.settled) > 0 {
		s.account.expect(s.awaited, s.settled)
	}
	if err == nil && s.made != nil && len(s.engine.providers.of(s.made.Provider).Simulations()) > 0 {
		s.account.runs.add(ctx, s.engine.store, s.account.name, s.made)
	}
	return err
}

// apply turns a step's effects, its reply aside, into jobs and deliveries of the run. Times count from base.
func (s *step) apply(ctx context.Context, p *provider, m *scenarios.Machine, r *run, effects []scenarios.Effect, base time.Time) error {
	for _, effect := range effects {
		switch effect := effect.(type) {
		case scenarios.Schedule:
			r.Timers++
			if due := base.Add(effect.After); s.next.IsZero() || due.Before(s.next) {
				s.next = due
			}
			s.change.Jobs = append(s.change.Jobs, store.Job{
				ID: timerID(s.account), Account: s.account.name, Due: base.Add(effect.After),
				Payload: timerPayload("timer", effect.Timer, over(m, r), runKey(s.account.name, r.Provider, r.Reference)),
			})
		case scenarios.Await:
			s.await(m, r, effect, base)
		case scenarios.Send:
			if err := s.send(ctx, p, m, r, effect, base); err != nil {
				return err
			}
		}
	}
	return nil
}

// over names a scenario that plays over the run's head, with its edition where that is not the run's. It is empty for
// the run's own.
func over(m *scenarios.Machine, r *run) string {
	if m.Scenario.Name == r.Scenario {
		return ""
	}
	if m.Edition != r.Edition {
		return fmt.Sprint(m.Scenario.Name, keyEnd, m.Edition)
	}
	return m.Scenario.Name
}

// send plans an event for each endpoint that is registered for it.
func (s *step) send(ctx context.Context, p *provider, m *scenarios.Machine, r *run, send scenarios.Send, due time.Time) error {
	rule := ruleName(m, send.Rule)
	// What has to be asked for goes to those who ask, unless the scenario is about just that.
	onRequest := send.Expect == nil && p.Event(send.Event).OnRequest
	endpoints, err := s.engine.endpointsFor(ctx, s.account, p.Name, send.Event, onRequest)
	if err != nil || len(endpoints) == 0 && onRequest {
		return err
	}
	then := *r
	then.State.Set, then.Waits = send.Set, nil
	if err := then.tell(s.engine, s.account, p); err != nil {
		return err
	}
	d := delivery{Provider: p.Name, Event: send.Event, Rule: rule, Run: &then, Expect: send.Expect, Due: due}
	if send.Data != nil {
		if d.Data, err = send.Data.Append(nil, nil); err != nil {
			return fmt.Errorf("data of %s: %w", send.Event, err)
		}
	}
	if len(endpoints) == 0 {
		d.ID = s.account.name36("d")
		s.tell(journal.Delivery{Delivery: d.ID, Provider: p.Name, Event: send.Event, Run: r.Reference, Outcome: journal.Unroutable})
		if send.Expect != nil {
			s.tell(journal.Expect{Delivery: d.ID, Run: r.Reference, Rule: rule, Want: send.Expect.String(), Got: "no endpoint is registered"})
		}
		if send.Else == nil {
			return nil
		}
		d.Else = send.Else
		return s.elseNow(ctx, p, m, r, &d, end{outcome: journal.Unroutable, failure: "no endpoint is registered"}, due)
	}
	d.Else, d.ElseOf = send.Else, over(m, r)
	if len(send.Faults) > 0 {
		if d.Faults, err = s.asked(ctx, send.Faults, scenarios.InDelivery, rule+" "+send.Event+" "+r.Subject); err != nil {
			return err
		}
	}
	if err := s.hook(m, r, &d); err != nil {
		return err
	}
	for _, ep := range endpoints {
		d.ID, d.Endpoint, d.URL = s.account.name36("d"), ep.ID, ep.URL
		planned, err := s.plan(ctx, d)
		if err != nil {
			return err
		}
		switch {
		case d.Hooked && planned:
			r.Timers++
		case d.Else != nil && !planned:
			if err := s.elseNow(ctx, p, m, r, &d, end{outcome: journal.Dropped, failure: "never sent: a fault dropped it"}, due); err != nil {
				return err
			}
		}
	}
	return nil
}

// planOne adds a delivery with the job of its first attempt.
func (s *step) planOne(d delivery) error {
	doc, err := d.doc(s.account.name)
	if err != nil {
		return err
	}
	s.change.Docs = append(s.change.Docs, doc)
	s.change.Jobs = append(s.change.Jobs, d.job(s.account.name))
	if !d.Due.After(s.now) {
		d.stored = doc
		d.stored.Rev++
		s.engine.fresh.keep(&d)
		s.kept = append(s.kept, doc.Key)
	}
	s.tellPlanned(d)
	return nil
}

// tellRun writes how a run came to its state. before is the state until now, nil for a new run. rule is empty where the
// cause is one.
func (s *step) tellRun(r *run, before jsontext.Value, cause, rule string) error {
	state, err := json.Marshal(r.State.Set, json.Deterministic(true))
	if err != nil {
		return err
	}
	if before != nil && string(before) == string(state) && s.next.IsZero() {
		return nil
	}
	s.tell(journal.Run{Run: r.Reference, Provider: r.Provider, Operation: r.Operation, Scenario: r.Scenario,
		Subject: r.Subject, Reference: r.Reference, State: state, Before: []byte(before), Cause: cause, Rule: rule, Next: s.next})
	return nil
}

// leadRun is tellRun before what the step has told already: a run changes before it sends.
func (s *step) leadRun(r *run, before jsontext.Value, cause, rule string) error {
	later := s.change.Entries
	s.change.Entries = nil
	err := s.tellRun(r, before, cause, rule)
	s.change.Entries = append(s.change.Entries, later...)
	return err
}

// ruleName says where a rule stands, for people.
func ruleName(m *scenarios.Machine, rule int) string {
	return fmt.Sprintf("%s:%d", strings.TrimSuffix(path.Base(m.File(rule)), path.Ext(m.File(rule))), m.Rule(rule).Line)
}
