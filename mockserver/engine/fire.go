package engine

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/run"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
	"github.com/idmock/idmock/scenarios"
)

// Timer is a claimed job that continues a timeline.
type Timer struct {
	Job  store.Job
	Work tx.Work
}

// place is where the timeline continues.
func (t Timer) place() *tx.Step { return cmp.Or(t.Work.Step, t.Work.Timeout) }

// Fire plays due steps of timelines of an account, in order, each at the time for which it was planned, however late the
// machine is, so that later steps do not drift. It calls done with the end of each.
//
// Steps that change only their own run, because their event reaches no endpoint, share a commit: such a request costs
// little more than its own commit.
func (e *Engine) Fire(ctx context.Context, a *account.Account, timers []Timer, done func(Timer, error)) {
	g := &group{engine: e, account: a, done: done}
	for _, timer := range timers {
		if g.has(timer) { // it must see what the earlier step wrote
			g.commit(ctx)
		}
		s, err := e.due(ctx, a, timer)
		at := timer.place()
		if err == nil && s != nil && s.IsOnly(tx.RunKey(a.Name(), at.Provider, at.Run)) {
			g.timers, g.steps = append(g.timers, timer), append(g.steps, s)
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
	timers  []Timer
	steps   []*step
	done    func(Timer, error)
}

// has reports whether a step of the same run is in the group.
func (g *group) has(timer Timer) bool {
	at := timer.place()
	return slices.ContainsFunc(g.timers, func(have Timer) bool {
		other := have.place()
		return other.Run == at.Run && other.Provider == at.Provider
	})
}

// commit commits the group and empties it. If one of its runs has moved meanwhile, each step is played by itself.
func (g *group) commit(ctx context.Context) {
	if len(g.steps) == 0 {
		return
	}
	all := make([]*tx.Tx, len(g.steps))
	for i, s := range g.steps {
		s.seal()
		all[i] = s.Tx
	}
	err := tx.CommitAll(ctx, all...)
	for _, timer := range g.timers {
		one := err
		if errors.Is(err, store.ErrConflict) {
			one = g.engine.fireAgain(ctx, g.account, timer)
		}
		g.done(timer, one)
	}
	g.timers, g.steps = g.timers[:0], g.steps[:0]
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
	s := e.stepOf(a, e.Library.Provider(at.Provider), a.Begin(timer.Job.Due))
	s.EndJob(timer.Job.ID)
	r, err := run.Find(ctx, s, a.Name(), at.Provider, at.Run)
	if err != nil || r == nil { // the run was reset; its timer goes too
		return s, err
	}
	turn := scenarios.Due
	if timer.Work.Timeout != nil {
		w, waits := r.EndWait(timer.Job.ID)
		if !waits { // the request came in, and ended the job, just as its time was over
			return nil, nil
		}
		turn = scenarios.Missed
		s.logExpected(r, w, "no such request", false)
	} else {
		r.Open--
	}
	rule, err := s.resume(ctx, r, at, turn)
	if err != nil { // the timeline ends here, and the run stays as it was
		s.ruleFailed(r, rule, err)
	}
	return s, r.Put(s.Tx)
}
