package mockserver

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
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
	if d < 0 {
		return control.Advanced{}, control.Invalidf("advance by %v: %w", d, clock.ErrBackwards)
	}
	if name != everybody {
		return e.advance(ctx, name, d)
	}
	e.mu.Lock() // an account that is opened meanwhile starts with the clock before or after this, and is advanced or not
	names := slices.Sorted(maps.Keys(e.accounts))
	err := e.clock.Advance(d)
	total := control.Advanced{Now: e.clock.Now()}
	e.mu.Unlock()
	if err != nil {
		return total, err
	}
	results := make([]control.Advanced, len(names))
	failures := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { results[i], failures[i] = e.advance(ctx, name, d) })
	}
	all.Wait()
	for _, r := range results {
		total.Settled += r.Settled
		total.Held += r.Held
	}
	return total, errors.Join(failures...)
}

func (e *Engine) advance(ctx context.Context, name string, d time.Duration) (control.Advanced, error) {
	a, err := e.lock(ctx, name)
	if err != nil {
		return control.Advanced{}, err
	}
	defer e.moved.add(a.name)
	defer a.settling.Unlock()
	if err := a.wait(ctx); err != nil { // what the scheduler began is over before the clock moves
		return control.Advanced{}, err
	}
	a.begin()
	defer a.end()
	was := a.stand() // or the wall time that settling takes would be added
	settled, err := e.settle(ctx, a, was.Add(d))
	now := a.move()
	moved := journal.New(a.name, now.Now, time.Now(), journal.Clock{Now: now.Now, Rate: now.Rate, Frozen: now.Frozen, AdvancedBy: journal.Millis(now.Now.Sub(was))})
	if _, tellErr := e.store.Commit(ctx, store.Change{Entries: []store.Entry{moved}}); err == nil {
		err = tellErr
	}
	_, held, heldErr := e.store.Pending(ctx, a.name)
	if err == nil {
		err = heldErr
	}
	return control.Advanced{Now: now.Now, Settled: settled, Held: held}, err
}

var errStopping = errors.New("the server is stopping")

// settle runs the account's jobs up to a time, instant by instant. The caller holds a.settling. When ctx ends, what is
// under way is finished: an app must not see a delivery broken off because somebody else lost patience.
func (e *Engine) settle(ctx context.Context, a *account, until time.Time) (int, error) {
	work, done := e.linger(ctx)
	defer done()
	count := 0
	next := e.newAhead(work, a)
	defer next.close()
	for ctx.Err() == nil {
		if e.stopping.Load() {
			return count, errStopping
		}
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
			e.settled(next.perform(work, jobs[0], due)(work), jobs[0])
		} else {
			e.instant(work, a, jobs)
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

// Seed is what all that is made up comes from.
func (e *Engine) Seed() uint64 { return e.seed }
