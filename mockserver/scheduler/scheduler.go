package scheduler

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/delivery"
	"github.com/idmock/idmock/mockserver/engine"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

const (
	// lease is how long a claimed job is left to the worker that claimed it, in wall time. It is renewed while the work goes on, so
	// that another process takes over the jobs of one that ended.
	lease = 10 * time.Second
	// again is the pause before the next attempt to reach a store that failed.
	again = 500 * time.Millisecond
	// burst is how many due jobs of one account are claimed at once.
	burst = 64
	// gather is how long commits are gathered after one that woke the scheduler: a burst of them wakes it once, and the
	// first at once.
	gather = 200 * time.Microsecond
	// pause is the least time between two looks at one account: jobs that fall due one after the other are run together.
	pause = time.Millisecond
)

// Config configures a scheduler. All fields are required.
type Config struct {
	Store      store.Store
	Accounts   *account.Accounts
	Engine     *engine.Engine
	Deliveries *delivery.Service
	Logger     *slog.Logger
}

// Scheduler runs the jobs of all accounts. It is safe for concurrent use.
type Scheduler struct {
	Config
	attempts sync.WaitGroup
	firing   firing
	renewals renewals
	pings    chan chan struct{}
	stopping atomic.Bool // no further attempt begins

	// work is the context of attempts: they go on when the call that began them ends, until Cut.
	work context.Context
	cut  context.CancelFunc
}

// New returns a scheduler. Run runs it.
func New(c Config) *Scheduler {
	s := &Scheduler{Config: c, firing: firing{accounts: map[string]bool{}}, pings: make(chan chan struct{})}
	s.work, s.cut = context.WithCancel(context.Background())
	return s
}

// Stop has no further attempt begin. Run ends with its context.
func (s *Scheduler) Stop() { s.stopping.Store(true) }

// Cut ends the attempts under way.
func (s *Scheduler) Cut() { s.cut() }

// Drain returns when no attempt is under way and no account is being advanced.
func (s *Scheduler) Drain() {
	s.attempts.Wait()
	s.Accounts.WaitUnlocked()
}

// Run runs jobs when they fall due, until ctx ends. Every account has a clock of its own, so it waits for the wall
// time at which each account's next job is due as its clock runs now.
func (s *Scheduler) Run(ctx context.Context) {
	woken := make(chan []string)
	var waker sync.WaitGroup
	defer waker.Wait()
	waker.Go(func() { s.wake(ctx, woken) })
	q := &queue{index: map[string]*appointment{}}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour // with nothing to wait for: woken says when there is
		if len(q.heap) > 0 {
			wait = time.Until(q.heap[0].at)
		}
		timer.Reset(wait)
		var accounts []string
		select {
		case <-ctx.Done():
			return
		case pong := <-s.pings:
			close(pong)
		case accounts = <-woken:
		case <-s.Accounts.Woken.Ready():
			accounts = s.Accounts.Woken.Take()
		case <-timer.C:
		}
		for _, name := range accounts {
			s.appoint(ctx, q, name)
		}
		for len(q.heap) > 0 && !q.heap[0].at.After(time.Now()) {
			name := q.heap[0].account
			q.remove(name)
			s.dispatch(s.work, name)
			s.appoint(ctx, q, name)
			q.delay(name, time.Now().Add(pause))
		}
	}
}

// wake hands on accounts that may have another next job, until ctx ends.
func (s *Scheduler) wake(ctx context.Context, woken chan<- []string) {
	for {
		accounts, err := s.Store.Wake(ctx)
		if ctx.Err() != nil || errors.Is(err, store.ErrClosed) {
			return
		}
		if err != nil {
			select {
			case <-time.After(again):
			case <-ctx.Done():
			}
			continue
		}
		select {
		case woken <- accounts:
		case <-ctx.Done():
			return
		}
		select {
		case <-time.After(gather):
		case <-ctx.Done():
			return
		}
	}
}

// appoint notes when to look at an account again.
func (s *Scheduler) appoint(ctx context.Context, q *queue, name string) {
	due, ok, err := s.Store.Next(ctx, name)
	if err != nil {
		q.set(name, time.Now().Add(again))
		return
	}
	if !ok { // nor is an account opened that was deleted
		q.remove(name)
		return
	}
	a, err := s.Accounts.Open(ctx, name)
	if err != nil {
		q.set(name, time.Now().Add(again))
		return
	}
	wait, ok := a.Clock().WallUntil(due)
	if !ok || s.firing.has(name) || !a.Advancing.TryRLock() { // an advance of the account runs its jobs, and wakes the scheduler when done
		q.remove(name)
		return
	}
	a.Advancing.RUnlock()
	q.set(name, time.Now().Add(wait))
}

// dispatch starts all jobs of an account that are due. Each delivery runs on its own, so that a slow endpoint delays no other;
// timers, which evaluate expressions of scenarios, run in order on a goroutine of the account.
func (s *Scheduler) dispatch(ctx context.Context, name string) {
	a := s.Accounts.Known(name)
	if a == nil { // it was deleted
		return
	}
	a.StartWork() // before anything is claimed: between a claim and its work the account must not look idle
	for {
		jobs := s.claim(ctx, a, burst)
		if len(jobs) == 0 {
			a.EndWork()
			return
		}
		if rest := s.begin(ctx, a, jobs); len(rest) > 0 {
			s.firing.add(name)
			s.attempts.Go(func() { s.fireAll(ctx, a, rest) })
			return
		}
	}
}

// begin starts the deliveries before the first timer and returns the rest.
func (s *Scheduler) begin(ctx context.Context, a *account.Account, jobs []claimed) (rest []claimed) {
	for i, job := range jobs {
		if job.Work.Attempt == nil {
			return jobs[i:]
		}
		a.StartWork()
		s.attempts.Go(func() { s.deliver(ctx, a, job) })
	}
	return nil
}

// timers returns how many jobs at the beginning are no attempts.
func timers(jobs []claimed) int {
	n := slices.IndexFunc(jobs, func(job claimed) bool { return job.Work.Attempt != nil })
	if n < 0 {
		return len(jobs)
	}
	return n
}

// fire plays steps of timelines.
func (s *Scheduler) fire(ctx context.Context, a *account.Account, jobs []claimed) {
	s.Engine.Fire(ctx, a, jobs, func(job claimed, err error) { s.settled(err, job) })
}

// claimed is a job that this process works at.
type claimed = engine.Timer

// decode reads the work of jobs. One that cannot be read is logged and left to its lease.
func (s *Scheduler) decode(jobs []store.Job) []claimed {
	all := make([]claimed, 0, len(jobs))
	for _, job := range jobs {
		work, err := tx.Decode(job)
		if err != nil {
			s.settled(err, claimed{Job: job})
			continue
		}
		s.renewals.start(s, job.ID)
		all = append(all, claimed{Job: job, Work: work})
	}
	return all
}

// claim claims due jobs, unless the account is being advanced, which runs them then.
func (s *Scheduler) claim(ctx context.Context, a *account.Account, limit int) []claimed {
	if !a.Advancing.TryRLock() {
		return nil
	}
	defer a.Advancing.RUnlock()
	var jobs []store.Job
	if a.Alive(func() (err error) {
		jobs, err = s.Store.Claim(ctx, a.Name(), a.Now(), limit, lease)
		return err
	}) != nil {
		return nil
	}
	return s.decode(jobs)
}

// deliver makes an attempt, and then those that have fallen due meanwhile: the next of its lane above all, which needs no
// round through Run. The caller started work of the account.
func (s *Scheduler) deliver(ctx context.Context, a *account.Account, job claimed) {
	defer a.EndWork()
	for {
		if job.Work.Attempt == nil {
			s.fire(ctx, a, []claimed{job})
		} else {
			s.settled(s.attempt(ctx, a, job)(ctx), job)
		}
		if ctx.Err() != nil || s.stopping.Load() {
			return
		}
		next := s.claim(ctx, a, 1)
		if len(next) == 0 {
			return
		}
		job = next[0]
	}
}

// attempt makes an attempt and returns a function that commits it.
func (s *Scheduler) attempt(ctx context.Context, a *account.Account, job claimed) (finish func(context.Context) error) {
	s.Deliveries.Responses.WaitSent(ctx, *job.Work.Attempt)
	m, err := s.Deliveries.Prepare(account.Prefetch(ctx, s.Accounts, a.Name()), a, job.Work.Attempt.Delivery)
	if err != nil {
		return func(context.Context) error { return err }
	}
	return s.Deliveries.Attempt(ctx, a, job.Job, m)
}

// settled logs failures that should not happen. A conflict is none: the job was reset during the attempt.
func (s *Scheduler) settled(err error, job claimed) {
	s.renewals.stop(job.ID)
	if job.Work.Attempt != nil && job.Work.Attempt.Before != "" {
		s.Deliveries.Responses.Attempted(job.ID)
	}
	if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrClosed) {
		return
	}
	s.Logger.Error("job failed", "job", job.ID, "error", err)
}
