package scheduler

import (
	"context"
	"time"

	"github.com/idmock/idmock/mockserver/account"
	"github.com/idmock/idmock/mockserver/control"
)

// Idle returns when nothing of the account is due or under way, or with ctx's error. Later jobs do not count, nor
// does a request that a scenario expects: its deadline is due later. The error is store.ErrNotFound for an account that is
// not open.
func (s *Scheduler) Idle(ctx context.Context, name string) error {
	return s.each(ctx, name, s.idle)
}

// Ended returns when an account, or every account for the default one, has nothing left to come, as time passes, or with
// ctx's error.
func (s *Scheduler) Ended(ctx context.Context, name string) error {
	return s.each(ctx, name, s.ended)
}

// each calls wait for an account, or for every account in turn.
func (s *Scheduler) each(ctx context.Context, name string, wait func(context.Context, string) error) error {
	if name != account.Default {
		if _, err := s.Accounts.Find(name); err != nil {
			return err
		}
		return wait(ctx, name)
	}
	accounts, err := s.Accounts.Select(name)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := wait(ctx, a.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Scheduler) idle(ctx context.Context, name string) error {
	for {
		a := s.Accounts.Known(name) // again each time: it may be reset meanwhile
		if a == nil {               // or deleted
			return nil
		}
		moved := a.Clock().Changed()
		quiet, changed := a.Quiet()
		due, ok, err := s.Store.Next(ctx, name)
		if err != nil {
			return err
		}
		// Jobs claimed before Next looked show in still, as work starts before it claims; work that ended since the first look,
		// and may have left something that is due, in changed.
		still, _ := a.Quiet()
		if quiet && still && !isClosed(changed) && (!ok || due.After(a.Now())) {
			if elsewhere, err := s.busyElsewhere(ctx, name); err != nil || !elsewhere {
				return err
			}
			continue
		}
		select { // a due job is about to be claimed: its end closes changed
		case <-changed:
		case <-moved:
		case <-s.look():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (s *Scheduler) ended(ctx context.Context, name string) error {
	for {
		a := s.Accounts.Known(name)
		if a == nil {
			return nil
		}
		quiet, changed := a.Quiet()
		pending, _, err := s.Store.Pending(ctx, name)
		if err != nil || quiet && pending == 0 {
			return err
		}
		select { // a job's end closes changed, whenever it comes
		case <-changed:
		case <-s.look():
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// patience is how long, in wall time, an application gets to make an expected request before the clock is moved past the
// deadline: its own work takes wall time, however fast the clock is moved.
const patience = 5 * time.Second

// Finish moves an account's clock from one due job to the next until nothing is left to come. An application that is
// expected to make a request gets five seconds of wall time before the clock is moved past the deadline.
func (s *Scheduler) Finish(ctx context.Context, name string) (total control.Advanced, err error) {
	if name == account.Default {
		return total, control.Invalidf("to: requires one account: add ?account=NAME")
	}
	begun, err := s.Accounts.Find(name)
	if err != nil {
		return total, err
	}
	before := begun.Ends()
	defer func() { total.Ends = begun.Ends().Since(before) }()
	var waited time.Time // the deadline for which the application had its time
	for {
		if err := s.Idle(ctx, name); err != nil {
			return total, err
		}
		a, err := s.Accounts.Find(name)
		if err != nil {
			return total, err
		}
		total.Now = a.Now()
		due, ok, err := s.Store.Next(ctx, name)
		if err == nil && !ok {
			_, total.Held, err = s.Store.Pending(ctx, name)
			return total, err
		}
		if err != nil {
			return total, err
		}
		if a.Expects(due) && !due.Equal(waited) {
			waited = due
			if err := waitForRequest(ctx, a, due); err != nil {
				return total, err
			}
			continue // the due job may be gone, or another may be due before it
		}
		advanced, err := s.Advance(ctx, name, max(0, due.Sub(a.Now())))
		total.Settled += advanced.Settled
		if err != nil {
			return total, err
		}
	}
}

// waitForRequest gives the application its time for the request with the next deadline. It returns early when the request
// has come.
func waitForRequest(ctx context.Context, a *account.Account, deadline time.Time) error {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		_, changed := a.Quiet()
		if !a.Expects(deadline) {
			return nil
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}
