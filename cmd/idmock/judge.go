package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/idmock/idmock/mockserver"
	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// judge follows a scenario as it plays, tells of it line by line, and counts what came of it.
type judge struct {
	out   io.Writer
	start time.Time // account time of the first entry
	cut   bool      // it was ended before its time

	delivered, met, attempts, answered int
	failures                           []string
}

// play plays the scenario and returns when nothing of it is to come any more.
func (j *judge) play(ctx context.Context, e *mockserver.Engine, want control.PlayRequest, instant bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		if _, err := e.Play(ctx, want); err != nil {
			done <- err
			return
		}
		if instant {
			done <- e.Finish(ctx, want.Account)
			return
		}
		run := false
		_, err := e.SetClock(ctx, want.Account, control.ClockChange{Frozen: &run})
		if err == nil {
			err = e.Ended(ctx, want.Account)
		}
		done <- err
	}()
	var after uint64
	entries := make(chan []store.Entry)
	go func() {
		for batch, err := range e.Follow(ctx, want.Account, after) {
			if err != nil {
				return
			}
			select {
			case entries <- batch:
			case <-ctx.Done():
				return
			}
		}
	}()
	for {
		select {
		case batch := <-entries:
			for _, entry := range batch {
				j.tell(entry)
				after = entry.Seq
			}
		case err := <-done:
			// What was written last may not have been followed yet.
			for rest, readErr := e.Read(context.WithoutCancel(ctx), want.Account, after, 1<<20); ; {
				for _, entry := range rest {
					j.tell(entry)
				}
				if err == nil {
					err = readErr
				}
				return err
			}
		}
	}
}

func (j *judge) tell(entry store.Entry) {
	data, err := journal.Decode(entry)
	if err != nil {
		j.fail("%v", err)
		return
	}
	if j.start.IsZero() {
		j.start = entry.At
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(j.out, "%10s  %s\n", entry.At.Sub(j.start).Round(time.Millisecond), fmt.Sprintf(format, args...))
	}
	switch d := data.(type) {
	case journal.Call:
		say("%s answered %d", d.Operation, d.Status)
		if d.Error != nil {
			say("refused: %s", d.Error.Message)
		}
	case journal.Run:
		next := ""
		if !d.Next.IsZero() {
			next = fmt.Sprintf(", next step in %v", d.Next.Sub(entry.At).Round(time.Millisecond))
		}
		say("run %s is %s%s", d.Reference, d.State, next)
	case journal.Attempt:
		j.attempts++
		again := ""
		if !d.Next.IsZero() {
			again = fmt.Sprintf(", again in %v", d.Next.Sub(entry.At).Round(time.Millisecond))
		}
		if d.Response != nil {
			j.answered++
		}
		if d.Accepted {
			say("%s attempt %d accepted with %d after %v", d.Event, d.N, d.Response.Status, time.Duration(d.Phases.Total).Round(time.Microsecond))
		} else {
			say("%s attempt %d failed: %s%s", d.Event, d.N, d.Error, again)
		}
	case journal.Delivery:
		if d.Outcome == journal.Delivered {
			j.delivered++
			return
		}
		say("%s: %s after %d attempts", d.Event, d.Outcome, d.Attempts)
		j.fail("%s was never accepted (%d attempts)", d.Event, d.Attempts)
	case journal.Expect:
		if d.Pass {
			j.met++
			say("expected %s: met, %s", d.Want, d.Got)
			return
		}
		say("expected %s: MISSED, got %s", d.Want, d.Got)
		j.fail("expected %s, got %s", d.Want, d.Got)
	case journal.RuleError:
		say("rule failed: %s", d.Message)
		j.fail("rule failed: %s", d.Message)
	}
}

func (j *judge) fail(format string, args ...any) {
	j.failures = append(j.failures, fmt.Sprintf(format, args...))
}

// verdict says what it all came to.
func (j *judge) verdict() error {
	summary := fmt.Sprintf("%d delivered in %d attempts, %d expectations met, %d failures", j.delivered, j.attempts, j.met, len(j.failures))
	fmt.Fprintln(j.out, summary)
	switch {
	case j.cut:
		return verdict{exitUntested, "stopped before the scenario was over"}
	case len(j.failures) > 0 && j.attempts > 0 && j.answered == 0:
		return verdict{exitUntested, "the receiver never answered: " + j.failures[0]}
	case len(j.failures) > 0:
		return verdict{exitWrong, "the receiver failed: " + j.failures[0]}
	}
	return nil
}
