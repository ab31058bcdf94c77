package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/store"
)

const (
	// maxEntries and maxBytes bound the journal of a played scenario, all of which is judged.
	maxEntries = 1 << 20
	maxBytes   = 1 << 30
	// waits are told no finer than this, since the journal's times are whole milliseconds.
	waits = 10 * time.Millisecond
)

// judge follows a scenario as it plays, tells of it line by line, and counts what came of it.
type judge struct {
	out   io.Writer
	start time.Time // account time of the first line
	cut   bool      // it was ended before its time

	planned, delivered, attempts int
	expected, met                int
	reached                      bool            // at least one attempt got as far as the receiver
	strange                      bool            // it answered 401 or 403: it does not know who is asking
	last                         string          // why the last attempt failed
	broken                       string          // what is wrong with the scenario itself
	spoilt                       map[string]bool // deliveries whose last attempt went wrong on purpose
	failures                     []failure
}

// play plays the scenario and returns when nothing of it is to come any more.
func (j *judge) play(ctx context.Context, e *mockserver.Engine, want control.PlayRequest, instant bool) error {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	over := make(chan error, 1)
	running.Go(func() { over <- play(ctx, e, want, instant) })
	batches := make(chan []store.Entry)
	running.Go(func() {
		for batch, err := range e.Follow(ctx, want.Account, 0) {
			if err != nil {
				return
			}
			select {
			case batches <- batch:
			case <-ctx.Done():
				return
			}
		}
	})
	var last uint64
	for {
		select {
		case batch := <-batches:
			for _, entry := range batch {
				j.tell(entry)
				last = entry.Seq
			}
		case err := <-over:
			// What was written at the end may not have been followed yet.
			rest, readErr := e.Read(context.WithoutCancel(ctx), want.Account, last, maxEntries)
			for _, entry := range rest {
				j.tell(entry)
			}
			return errors.Join(err, readErr)
		}
	}
}

// play begins the scenario, lets the account's clock go on, and returns when it has come to the end.
func play(ctx context.Context, e *mockserver.Engine, want control.PlayRequest, instant bool) error {
	if _, err := e.Play(ctx, want); err != nil {
		return err
	}
	if instant {
		return e.Finish(ctx, want.Account)
	}
	frozen := false
	if _, err := e.SetClock(ctx, want.Account, control.ClockChange{Frozen: &frozen}); err != nil {
		return err
	}
	return e.Ended(ctx, want.Account)
}

// verdict says what it all came to.
func (j *judge) verdict() error {
	fmt.Fprintf(j.out, "%d of %s delivered in %s, %d of %s met\n", j.delivered, count(j.planned, "webhook"), count(j.attempts, "attempt"),
		j.met, count(j.expected, "expectation"))
	switch {
	case j.cut:
		return verdict{exitUntested, "stopped before the scenario was over: let it play to its end, or faster with --speed instant"}
	case j.broken != "":
		return verdict{exitUntested, "the scenario failed, so the receiver was not judged: " + j.broken}
	case len(j.failures) > 0 && j.attempts > 0 && !j.reached:
		return verdict{exitUntested, "the receiver could not be reached: " + j.failures[0].text}
	case len(j.failures) > 0 && j.strange:
		return verdict{exitWrong, "the receiver failed: " + j.failures[0].text + ": does it check with another key? Start it with this account's, or give its own with --credential"}
	case len(j.failures) > 0:
		return verdict{exitWrong, "the receiver failed: " + j.failures[0].text}
	case j.planned == 0:
		return verdict{exitUntested, "the scenario sends no webhook, so there was nothing to judge: play one that does"}
	}
	return nil
}
