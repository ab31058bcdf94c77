package scheduler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/clock"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// Advance advances an account's clock by d and settles everything that falls due on the way: each instant's jobs at that
// instant, in order, and their effects, before the next instant begins. Deliveries of one instant to different
// endpoints go out side by side. It returns when all of it has settled, or with ctx's error; then the clock stays where it
// had come to. For the default account it does so for every account, side by side. The error is store.ErrNotFound for an
// account that is not open.
func (s *Scheduler) Advance(ctx context.Context, name string, d time.Duration) (control.Advanced, error) {
	if d < 0 {
		return control.Advanced{}, control.Invalidf("advance by %v: %w", d, clock.ErrBackwards)
	}
	if name != account.Default {
		return s.advance(ctx, name, d)
	}
	now, names, err := s.Accounts.AdvanceTemplate(d)
	total := control.Advanced{Now: now}
	if err != nil {
		return total, err
	}
	results := make([]control.Advanced, len(names))
	failures := make([]error, len(names))
	var all sync.WaitGroup
	for i, name := range names {
		all.Go(func() { results[i], failures[i] = s.advance(ctx, name, d) })
	}
	all.Wait()
	for i, r := range results {
		total.Settled += r.Settled
		total.Ends = total.Ends.Plus(r.Ends)
		total.Held += r.Held
		if errors.Is(failures[i], store.ErrNotFound) {
			failures[i] = nil // deleted meanwhile
		}
	}
	return total, errors.Join(failures...)
}

func (s *Scheduler) advance(ctx context.Context, name string, d time.Duration) (control.Advanced, error) {
	a, err := s.Accounts.Lock(name)
	if err != nil {
		return control.Advanced{}, err
	}
	defer s.Accounts.Woken.Add(name)
	defer a.Advancing.Unlock()
	if err := a.WaitQuiet(ctx); err != nil { // work of Run ends before the clock moves
		return control.Advanced{}, err
	}
	a.StartWork()
	defer a.EndWork()
	ends := a.Ends()
	was := a.Pause() // or the wall time that settling takes would be added
	settled, err := s.settle(ctx, a, was.Add(d))
	now := a.Resume()
	commitErr := tx.Retry(func() error {
		t := a.Begin(now.Now)
		t.Log(journal.Clock{Now: now.Now, Rate: now.Rate, Frozen: now.Frozen, AdvancedBy: journal.Millis(now.Now.Sub(was))})
		if _, err := account.PutRecord(context.WithoutCancel(ctx), s.Accounts, t, a); err != nil {
			return err
		}
		return t.Commit(context.WithoutCancel(ctx))
	}, a.NotGone)
	if err == nil {
		err = commitErr
	}
	_, held, heldErr := s.Store.Pending(context.WithoutCancel(ctx), name)
	if err == nil {
		err = heldErr
	}
	return control.Advanced{Now: now.Now, Settled: settled, Ends: a.Ends().Since(ends), Held: held}, err
}

var errStopping = errors.New("the server is stopping")

// settle runs the account's jobs up to a time, instant by instant. The caller has locked a.Advancing. When ctx ends, work
// under way is finished: an application must not see a delivery broken off because a client lost patience.
func (s *Scheduler) settle(ctx context.Context, a *account.Account, until time.Time) (int, error) {
	work, done := s.linger(ctx)
	defer done()
	count := 0
	ahead := s.newPrefetch(work, a)
	defer ahead.close()
	for ctx.Err() == nil {
		if s.stopping.Load() {
			return count, errStopping
		}
		due, ok, err := s.Store.Next(ctx, a.Name())
		if err != nil {
			return count, err
		}
		if !ok || due.After(until) {
			if elsewhere, err := s.busyElsewhere(ctx, a.Name()); err != nil || elsewhere {
				if err != nil {
					return count, err
				}
				continue
			}
			a.Clock().AdvanceTo(until)
			return count, nil
		}
		a.Clock().AdvanceTo(due)
		jobs, err := s.Store.Claim(ctx, a.Name(), due, burst, lease)
		if err != nil {
			return count, err
		}
		if all := s.decode(jobs); len(all) == 1 && all[0].Work.Attempt != nil {
			s.settled(ahead.attempt(work, all[0], due)(work), all[0])
		} else {
			s.instant(work, a, all)
		}
		count += len(jobs)
	}
	return count, fmt.Errorf("advance stopped at %s: %w", a.Now().Format(time.RFC3339), context.Cause(ctx))
}

// linger returns a context for attempts that goes on when ctx ends, until Cut.
func (s *Scheduler) linger(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	end := context.AfterFunc(s.work, cancel)
	return ctx, func() { end(); cancel() }
}

// instant runs jobs of one instant: attempts side by side, their outcomes and all else in order, so that the journal is
// the same every time.
func (s *Scheduler) instant(ctx context.Context, a *account.Account, jobs []claimed) {
	finish := make([]func(context.Context) error, len(jobs))
	var attempts sync.WaitGroup
	for i, job := range jobs {
		if job.Work.Attempt != nil {
			attempts.Go(func() { finish[i] = s.attempt(ctx, a, job) })
		}
	}
	attempts.Wait()
	for i := 0; i < len(jobs); {
		if n := timers(jobs[i:]); n > 0 {
			s.fire(ctx, a, jobs[i:i+n])
			i += n
			continue
		}
		s.settled(finish[i](ctx), jobs[i])
		i++
	}
}

// prefetch prepares the next delivery of a lane while the one before it is under way, which halves the time that a long
// queue takes. It is used from one goroutine.
type prefetch struct {
	scheduler *Scheduler
	account   *account.Account
	jobs      chan claimed
	ready     chan *delivery.Prepared
	busy      string // ID of the job that is being prepared; empty if none is
}

func (s *Scheduler) newPrefetch(ctx context.Context, a *account.Account) *prefetch {
	p := &prefetch{scheduler: s, account: a, jobs: make(chan claimed), ready: make(chan *delivery.Prepared, 1)}
	go func() {
		for job := range p.jobs {
			m, err := s.Deliveries.Prepare(ctx, a, job.Work.Attempt.Delivery)
			if err != nil {
				m = nil // it is prepared again in its turn, which reports the error
			}
			p.ready <- m
		}
	}()
	return p
}

// close ends the goroutine.
func (p *prefetch) close() { close(p.jobs) }

// attempt makes the attempt of a job, from the prepared one unless it is stale, and has the next one prepared.
func (p *prefetch) attempt(ctx context.Context, job claimed, until time.Time) func(context.Context) error {
	s, a := p.scheduler, p.account
	var m *delivery.Prepared
	if p.busy != "" {
		m = <-p.ready
		if p.busy != job.ID || m == nil || s.Deliveries.IsStale(ctx, a, m) {
			m = nil
		}
		p.busy = ""
	}
	next, ok, err := s.Store.Peek(ctx, a.Name(), job.Lane, until)
	if err == nil && ok {
		if work, err := tx.Decode(next); err == nil && work.Attempt != nil {
			p.busy = next.ID
			p.jobs <- claimed{Job: next, Work: work}
		}
	}
	if m == nil {
		return s.attempt(ctx, a, job)
	}
	s.Deliveries.Responses.WaitSent(ctx, *job.Work.Attempt)
	return s.Deliveries.Attempt(ctx, a, job.Job, m)
}
