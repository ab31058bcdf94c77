package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/library"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

// Timer is a claimed job that continues a timeline.
type Timer struct {
	store.Job
	Work tx.Work
}

// place is where the timeline continues.
func (t Timer) place() *tx.Step { return cmp.Or(t.Work.Step, t.Work.Timeout) }

// Fire plays due steps of timelines of an account, in order, each at the time for which it was planned, however late the
// machine is, so that later steps do not drift. It calls done with the end of each.
//
// Steps that change only their own run, or nothing because their event reaches no endpoint, share a commit: such a request
// costs little more than its own commit.
func (e *Engine) Fire(ctx context.Context, a *account.Account, timers []Timer, done func(Timer, error)) {
	ctx = account.Prefetch(ctx, e.Accounts, a.Name())
	g := &group{engine: e, account: a, done: done}
	for i, timer := range timers {
		if g.pass(ctx, timers, i) {
			continue
		}
		if g.has(timer) { // it must see what the earlier step wrote
			g.commit(ctx)
		}
		s, err := e.due(ctx, a, timer)
		at := timer.place()
		if err == nil && s != nil && s.IsOnly(tx.RunKey(a.Name(), at.Provider, at.Run)) {
			s.seal()
			g.moved = append(g.moved, timer)
			g.add(timers, i, s.Tx)
			continue
		}
		g.commit(ctx)
		if err == nil && s != nil {
			err = s.Commit(ctx)
		}
		if errors.Is(err, store.ErrConflict) {
			err = e.fireAgain(ctx, a, timer)
		}
		done(timer, err)
	}
	g.commit(ctx)
}

// group is steps that are committed together.
type group struct {
	engine  *Engine
	account *account.Account
	done    func(Timer, error)

	timers []Timer  // in a row
	moved  []Timer  // those of them that change their run
	units  []*tx.Tx // their work, in order
	passed *tx.Tx   // the last of units, if it is for steps that pass
}

// add adds the timer at a place in a list, with its work.
func (g *group) add(timers []Timer, i int, unit *tx.Tx) {
	g.timers, g.units, g.passed = timers[i-len(g.timers):i+1], append(g.units, unit), nil
}

// has reports whether a step of the same run is in the group and changes it.
func (g *group) has(timer Timer) bool {
	at := timer.place()
	return slices.ContainsFunc(g.moved, func(have Timer) bool {
		other := have.place()
		return other.Run == at.Run && other.Provider == at.Provider
	})
}

// pass adds a due step to the group without reading its run, if the step does nothing but send events that no endpoint
// takes: the run stays as it is, and the journal says where the events went.
func (g *group) pass(ctx context.Context, timers []Timer, i int) bool {
	timer := timers[i]
	e, at := g.engine, timer.Work.Step
	if at == nil || at.Own == "" {
		return false
	}
	p := e.Library.Provider(at.Provider)
	if p == nil {
		return false
	}
	m, err := p.Machine(at.Edition, at.Own)
	if err != nil {
		return false
	}
	events, ok := m.Sends(scenarios.Timer{Rule: at.Rule, Step: at.Step})
	if !ok || !e.reachNone(ctx, g.account, p, events) {
		return false
	}
	if g.passed == nil {
		t := g.account.Begin(timer.Due)
		t.Reserve(len(timers) - i)
		g.add(timers, i, t)
		g.passed = t
	} else {
		g.timers, g.passed.Now = timers[i-len(g.timers):i+1], timer.Due
	}
	g.passed.EndJob(timer.ID)
	for _, event := range events {
		if !p.Event(event).OnRequest { // no endpoint asked for it
			logUnroutable(g.passed, g.account.NextID(delivery.IDPrefix), p.Name, event, at.Run)
		}
	}
	return true
}

// reachNone reports whether no endpoint takes any of these events.
func (e *Engine) reachNone(ctx context.Context, a *account.Account, p *library.Provider, events []string) bool {
	for _, name := range events {
		event := p.Event(name)
		if event == nil || event.Addressed() {
			return false
		}
		endpoints, err := e.Deliveries.Endpoints.For(ctx, a, p.Name, name, event.OnRequest)
		if err != nil || len(endpoints) > 0 {
			return false
		}
	}
	return true
}

// commit commits the group and empties it. After a conflict, because a run has moved meanwhile, each step is played by
// itself.
func (g *group) commit(ctx context.Context) {
	if len(g.units) == 0 {
		return
	}
	err := tx.CommitAll(ctx, g.units...)
	for _, timer := range g.timers {
		one := err
		if errors.Is(err, store.ErrConflict) {
			one = g.engine.fireAgain(ctx, g.account, timer)
		}
		g.done(timer, one)
	}
	for _, unit := range g.units {
		unit.Release()
	}
	g.timers, g.moved, g.units, g.passed = nil, nil, nil, nil
}

// fireAgain plays a due step by itself, after a conflict.
func (e *Engine) fireAgain(ctx context.Context, a *account.Account, timer Timer) error {
	gone, at := false, timer.place()
	again := func() bool {
		if a.IsGone() {
			return false
		}
		// Either a request moved the run meanwhile, or the job is gone with its run. Only the first is worth another try.
		r, err := run.Find(ctx, e.Store, a.Name(), at.Provider, at.Run)
		gone = err == nil && r == nil
		return !gone
	}
	if !again() {
		if gone {
			return nil
		}
		return store.ErrConflict
	}
	err := tx.Retry(func() error {
		s, err := e.due(ctx, a, timer)
		if err == nil && s != nil {
			err = s.Commit(ctx)
		}
		return err
	}, again)
	if gone {
		return nil
	}
	return err
}

// due plays a due step and returns it uncommitted; nil if there is nothing to do any more.
func (e *Engine) due(ctx context.Context, a *account.Account, timer Timer) (*step, error) {
	at := timer.place()
	s := e.stepOf(a, e.Library.Provider(at.Provider), a.Begin(timer.Due))
	s.EndJob(timer.ID)
	r, err := run.Find(ctx, s, a.Name(), at.Provider, at.Run)
	if err != nil || r == nil { // the run was reset; its timer goes too
		return s, err
	}
	turn := scenarios.Due
	if timer.Work.Timeout != nil {
		w, waits := r.EndWait(timer.ID)
		if !waits { // the request came in, and ended the job, just as its time was over
			return nil, nil
		}
		turn = scenarios.Missed
		s.logExpected(r, w, "no such request", false)
	}
	rule, err := s.resume(ctx, r, at, turn)
	if err != nil { // the timeline ends here, and the run stays as it was
		s.ruleFailed(r, rule, err)
	}
	return s, r.Put(s.Tx)
}
