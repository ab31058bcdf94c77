package scheduler

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/account"
)

// fireAll runs timers and all else that is due, and hands the account back to Run. The caller started work of the account.
// Expressions of scenarios run here, and so not on a goroutine that other accounts need.
func (s *Scheduler) fireAll(ctx context.Context, a *account.Account, jobs []claimed) {
	defer s.Accounts.Woken.Add(a.Name())
	defer s.firing.remove(a.Name())
	defer a.EndWork()
	for len(jobs) > 0 && ctx.Err() == nil {
		for jobs = s.begin(ctx, a, jobs); len(jobs) > 0; jobs = s.begin(ctx, a, jobs) {
			n := timers(jobs)
			s.fire(ctx, a, jobs[:n])
			jobs = jobs[n:]
		}
		if s.stopping.Load() {
			return
		}
		jobs = s.claim(ctx, a, burst)
	}
}

// firing are the accounts whose timers run.
type firing struct {
	mu       sync.Mutex
	accounts map[string]bool
}

func (f *firing) add(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts[account] = true
}

func (f *firing) remove(account string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.accounts, account)
}

func (f *firing) has(account string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.accounts[account]
}

// Responds returns nil if Run responds, or an error if it is stuck or was stopped when ctx ends.
func (s *Scheduler) Responds(ctx context.Context) error {
	pong := make(chan struct{})
	select {
	case s.pings <- pong:
		<-pong
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the scheduler does not respond: %w", ctx.Err())
	}
}

// renewals renew the leases of jobs while work at them goes on. The zero value has none.
type renewals struct {
	mu     sync.Mutex
	timers map[string]*time.Timer // by job
}

func (r *renewals) start(s *Scheduler, job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.timers == nil {
		r.timers = map[string]*time.Timer{}
	}
	r.timers[job] = time.AfterFunc(lease/2, func() {
		if s.Store.Renew(s.work, job, lease) != nil {
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		if timer := r.timers[job]; timer != nil {
			timer.Reset(lease / 2)
		}
	})
}

func (r *renewals) stop(job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if timer := r.timers[job]; timer != nil {
		timer.Stop()
		delete(r.timers, job)
	}
}
