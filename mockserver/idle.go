package mockserver

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/control"
)

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

// Idle returns when nothing of the account is due or under way, or with ctx's error. What is due later does not count, nor
// a call that a scenario expects of the application: the end of the time for it is due later.
func (e *Engine) Idle(ctx context.Context, name string) error {
	if name != everybody {
		return e.idle(ctx, name)
	}
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := e.idle(ctx, a.name); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) idle(ctx context.Context, name string) error {
	for {
		a := e.known(name) // again each time: it may be reset meanwhile
		if a == nil {      // or dropped
			return nil
		}
		moved := a.clock.Changed()
		quiet, changed := a.quiet()
		due, ok, err := e.store.Next(ctx, name)
		if err != nil {
			return err
		}
		// What was claimed before Next looked is told by still, as work begins before it claims; what ended since the
		// first look, and may have left something that is due, by changed.
		still, _ := a.quiet()
		if quiet && still && !isClosed(changed) && (!ok || due.After(a.clock.Now())) {
			return nil
		}
		select { // what is due is about to be claimed: its end is told by changed
		case <-changed:
		case <-moved:
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

// rest returns when nobody advances or resets an account any more.
func (e *Engine) rest() {
	e.mu.RLock()
	all := slices.Collect(maps.Values(e.accounts))
	e.mu.RUnlock()
	for _, a := range all {
		a.settling.Lock()
		//lint:ignore SA2001 there is nothing to do but to have waited
		a.settling.Unlock()
	}
}

// Finish moves an account's clock from one due job to the next until nothing is to come any more. An application that is
// expected to call gets five seconds of wall time for that before the clock is moved past its deadline.
func (e *Engine) Finish(ctx context.Context, name string) (control.Advanced, error) {
	var total control.Advanced
	if name == everybody {
		return total, control.Invalidf("to: one account at a time is moved to its end: name it, as ?account=NAME")
	}
	var given time.Time // the deadline for which the application had its time
	for {
		if err := e.Idle(ctx, name); err != nil {
			return total, err
		}
		a, err := e.account(ctx, name)
		if err != nil {
			return total, err
		}
		total.Now = a.clock.Now()
		due, ok, err := e.store.Next(ctx, name)
		if err == nil && !ok {
			total.Held, err = e.Held(ctx, name)
			return total, err
		}
		if err != nil {
			return total, err
		}
		if a.expects(due) && !due.Equal(given) {
			given = due
			if err := a.lenient(ctx, due); err != nil {
				return total, err
			}
			continue // what was due may have been taken away, or something else may be due before it
		}
		advanced, err := e.Advance(ctx, name, max(0, due.Sub(a.clock.Now())))
		total.Settled += advanced.Settled
		if err != nil {
			return total, err
		}
	}
}

// Ended returns when an account, or everybody, has nothing to come any more, as the clock goes, or with ctx's error.
func (e *Engine) Ended(ctx context.Context, name string) error {
	if name != everybody {
		return e.ended(ctx, name)
	}
	accounts, err := e.chosen(ctx, name)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if err := e.ended(ctx, a.name); err != nil {
			return err
		}
	}
	return nil
}

func (e *Engine) ended(ctx context.Context, name string) error {
	for {
		a := e.known(name)
		if a == nil {
			return nil
		}
		quiet, changed := a.quiet()
		pending, _, err := e.store.Pending(ctx, name)
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
