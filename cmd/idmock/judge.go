package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

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

// story follows a scenario as it plays, tells of it line by line, and judges what came of it.
type story struct {
	played *playedScenario
	out    io.Writer
	start  time.Time // account time of the first line
	cut    bool      // it was ended before its time

	reached  bool            // at least one attempt got as far as the receiver
	strange  bool            // it answered 401 or 403: it does not know who is asking
	last     string          // why the last attempt failed
	broken   string          // what is wrong with the scenario itself
	spoilt   map[string]bool // deliveries whose last attempt went wrong on purpose
	failures []failure       // what there is to say against the receiver
}

// follow plays a scenario and tells of it until nothing of it is to come any more.
func (p *playing) follow(ctx context.Context, account string, story *story) error {
	head, err := p.head(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	entries, broke := make(chan store.Entry), make(chan error, 1)
	over := make(chan error, 1)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() {
		broke <- p.journal(ctx, account, head, true, func(e store.Entry) {
			select {
			case entries <- e:
			case <-ctx.Done():
			}
		})
	})
	running.Go(func() { over <- p.toEnd(ctx, account, story.played) })
	tell := func(e store.Entry) {
		if head = max(head, e.Seq); e.Account == account {
			story.tell(e)
		}
	}
	for {
		select {
		case e := <-entries:
			tell(e)
		case err := <-broke:
			if ctx.Err() == nil && err == nil {
				err = unreachable{errors.New("the server stopped while the scenario played")}
			}
			if err != nil {
				return err
			}
		case err := <-over:
			// What was written at the end may not have been told yet. Whoever stopped this wants to know it, too.
			late, stop := context.WithTimeout(context.WithoutCancel(ctx), reachable)
			defer stop()
			return errors.Join(err, p.journal(late, account, head, false, tell))
		}
	}
}

// toEnd begins a scenario, lets the account's clock go on, and returns when it has come to the end.
func (p *playing) toEnd(ctx context.Context, account string, played *playedScenario) error {
	want := map[string]any{"provider": played.Provider, "scenario": played.Name}
	if p.Subject != "" {
		want["subject"] = p.Subject
	}
	if err := p.ask(ctx, http.MethodPost, "/play", account, want, nil); err != nil {
		return err
	}
	if p.instant {
		return p.ask(ctx, http.MethodPost, "/clock/advance", account, map[string]any{"to": "end"}, nil)
	}
	if err := p.ask(ctx, http.MethodPost, "/clock", account, control.ClockChange{Frozen: new(false)}, nil); err != nil {
		return err
	}
	return p.ended(ctx, account)
}

// end says what it all came to.
func (s *story) end() {
	d := s.played
	if d.Verdict == errored { // before anything was played
		return
	}
	fmt.Fprintf(s.out, "%d of %s delivered in %s, %d of %s met\n", d.Delivered, count(d.Planned, "webhook"), count(d.Attempts, "attempt"),
		d.met(), count(len(d.Expectations), "expectation"))
	switch {
	case s.cut:
		d.errored("stopped before the scenario was over: let it play to its end, or faster with --speed instant")
	case s.broken != "":
		d.errored("the scenario failed, so the receiver was not judged: " + s.broken)
	case len(s.failures) > 0 && d.Attempts > 0 && !s.reached:
		d.errored("the receiver could not be reached: " + s.failures[0].text)
	case len(s.failures) > 0:
		d.Verdict, d.Reason = failed, "the receiver failed: "+s.failures[0].text
		if s.strange {
			d.Reason += ": does it check with another key? Start it with this account's, or give its own with --credential"
		}
	case d.Planned == 0 && len(d.Expectations) == 0:
		d.Verdict, d.Reason = skipped, "the scenario sends no webhook, so there was nothing to judge: play one that does"
	default:
		d.Verdict = passed
	}
	if d.Verdict == failed {
		for _, f := range s.failures {
			d.Failures = append(d.Failures, f.text)
		}
	}
}
