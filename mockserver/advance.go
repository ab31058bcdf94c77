package mockserver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Advance moves an account's clock by d and settles all that falls due on the way: each instant's jobs at that instant
// on the clock, in order, and what follows from them, before the next instant begins. Deliveries of one instant to
// different endpoints go out side by side. It returns when all of it has settled, or with ctx's error; then the clock
// stands where it had come to. For the empty name it does so with every account, side by side.
func (e *Engine) Advance(ctx context.Context, name string, d time.Duration) (control.Advanced, error) {
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return control.Advanced{}, err
	}
	results := make([]control.Advanced, len(accounts))
	failures := make([]error, len(accounts))
	var all sync.WaitGroup
	for i, a := range accounts {
		all.Go(func() { results[i], failures[i] = e.advance(ctx, a, d) })
	}
	all.Wait()
	total := control.Advanced{Now: results[0].Now}
	for _, r := range results {
		total.Settled += r.Settled
	}
	return total, errors.Join(failures...)
}

func (e *Engine) advance(ctx context.Context, a *account, d time.Duration) (control.Advanced, error) {
	a.settling.Lock()
	defer e.nudge(ctx, a.name)
	defer a.settling.Unlock()
	if err := a.wait(ctx); err != nil { // what the scheduler began is over before the clock moves
		return control.Advanced{}, err
	}
	was := a.clock.State()
	a.clock.Freeze() // or the wall time that settling takes would be added
	defer func() {
		if !was.Frozen {
			a.clock.Unfreeze()
		}
	}()
	settled, err := e.settle(ctx, a, a.clock.Now().Add(d))
	now := a.clock.State()
	moved := journal.New(a.name, now.Now, time.Now(), journal.Clock{Now: now.Now, Rate: was.Rate, Frozen: was.Frozen, AdvancedBy: journal.Millis(now.Now.Sub(was.Now))})
	if _, tellErr := e.store.Commit(ctx, store.Change{Entries: []store.Entry{moved}}); err == nil {
		err = tellErr
	}
	return control.Advanced{Now: now.Now, Settled: settled}, err
}

// settle runs the account's jobs up to a time, instant by instant. The caller holds a.settling.
func (e *Engine) settle(ctx context.Context, a *account, until time.Time) (int, error) {
	count := 0
	next := e.newAhead(ctx, a)
	defer next.close()
	for ctx.Err() == nil {
		due, ok, err := e.store.Next(ctx, a.name)
		if err != nil {
			return count, err
		}
		if !ok || due.After(until) {
			a.clock.AdvanceTo(until)
			return count, nil
		}
		a.clock.AdvanceTo(due)
		jobs, err := e.store.Claim(ctx, a.name, due, burst, lease)
		if err != nil {
			return count, err
		}
		if len(jobs) == 1 && isDelivery(jobs[0]) {
			e.settled(next.perform(ctx, jobs[0], due)(ctx), jobs[0])
		} else {
			e.instant(ctx, a, jobs)
		}
		count += len(jobs)
	}
	return count, fmt.Errorf("advance stopped at %s: %w", a.clock.Now().Format(time.RFC3339), context.Cause(ctx))
}

// instant runs jobs of one instant: attempts side by side, their outcomes and all else in order, so that the journal is
// the same every time.
func (e *Engine) instant(ctx context.Context, a *account, jobs []store.Job) {
	finish := make([]func(context.Context) error, len(jobs))
	var attempts sync.WaitGroup
	for i, job := range jobs {
		if !isDelivery(job) { // worth no goroutine
			finish[i] = e.perform(ctx, a, job)
			continue
		}
		attempts.Go(func() { finish[i] = e.perform(ctx, a, job) })
	}
	attempts.Wait()
	for i, job := range jobs {
		e.settled(finish[i](ctx), job)
	}
}

// wait returns when nothing of the account is under way.
func (a *account) wait(ctx context.Context) error {
	for {
		quiet, changed := a.quiet()
		if quiet {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Idle returns when nothing of the account is due or under way, or with ctx's error. What is due later does not count.
func (e *Engine) Idle(ctx context.Context, name string) error {
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		for {
			if err := a.wait(ctx); err != nil {
				return err
			}
			moved := a.clock.Changed()
			quiet, changed := a.quiet()
			due, ok, err := e.store.Next(ctx, a.name)
			if err != nil {
				return err
			}
			if quiet && (!ok || due.After(a.clock.Now())) {
				break
			}
			select { // due, and about to be claimed: its end is told by changed
			case <-changed:
			case <-moved:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}

// SetClock freezes an account's clock, lets it go on, or changes its rate.
func (e *Engine) SetClock(ctx context.Context, name string, c control.ClockChange) (clock.State, error) {
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return clock.State{}, err
	}
	var state clock.State
	for _, a := range accounts {
		if c.Rate != nil {
			if err := a.clock.SetRate(*c.Rate); err != nil {
				return clock.State{}, fmt.Errorf("%w: %w", control.ErrInvalid, err)
			}
		}
		if c.Frozen != nil && *c.Frozen {
			a.clock.Freeze()
		} else if c.Frozen != nil {
			a.clock.Unfreeze()
		}
		state = a.clock.State()
		told := journal.New(a.name, state.Now, time.Now(), journal.Clock{Now: state.Now, Rate: state.Rate, Frozen: state.Frozen})
		if _, err := e.store.Commit(ctx, store.Change{Entries: []store.Entry{told}}); err != nil {
			return clock.State{}, err
		}
		e.nudge(ctx, a.name)
	}
	return state, nil
}

// Finish moves an account's clock from one due job to the next until nothing is to come any more.
func (e *Engine) Finish(ctx context.Context, name string) error {
	for {
		if err := e.Idle(ctx, name); err != nil {
			return err
		}
		a, err := e.account(ctx, name)
		if err != nil {
			return err
		}
		due, ok, err := e.store.Next(ctx, name)
		if err != nil || !ok {
			return err
		}
		if _, err := e.Advance(ctx, name, max(0, due.Sub(a.clock.Now()))); err != nil {
			return err
		}
	}
}

// Ended returns when an account has nothing to come any more, as its clock goes, or with ctx's error.
func (e *Engine) Ended(ctx context.Context, name string) error {
	a, err := e.account(ctx, name)
	if err != nil {
		return err
	}
	for {
		quiet, changed := a.quiet()
		pending, err := e.store.Pending(ctx, name)
		if err != nil || quiet && pending == 0 {
			return err
		}
		select { // a job's end is told by changed, whenever it comes
		case <-changed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// Seed is what all that is made up comes from.
func (e *Engine) Seed() uint64 { return e.seed }
