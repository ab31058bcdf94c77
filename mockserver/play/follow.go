package play

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/idmock/idmock/mockserver/control"
	"github.com/idmock/idmock/mockserver/control/client"
	"github.com/idmock/idmock/mockserver/store"
)

// follow plays the scenario and narrates the account's journal until nothing is scheduled.
func (t *turn) follow(ctx context.Context, account *client.Client, n *narrator) error {
	begin, err := account.Head(ctx)
	if err != nil {
		return err
	}
	head := begin
	ctx, cancel := context.WithCancel(ctx)
	entries, lost, ended := make(chan store.Entry), make(chan error, 1), make(chan error, 1)
	var running sync.WaitGroup
	defer running.Wait()
	defer cancel()
	running.Go(func() { lost <- forward(ctx, account, head, entries) })
	made := 0 // by the player
	running.Go(func() {
		var err error
		made, err = t.toEnd(ctx, account, n.scenario)
		ended <- err
	})
	for {
		select {
		case e := <-entries:
			head = max(head, e.Seq)
			n.entry(e)
		case err := <-lost:
			if ctx.Err() == nil && err == nil {
				err = fmt.Errorf("%w: the server stopped while the scenario played", client.ErrUnreachable)
			}
			if err != nil {
				return err
			}
		case err := <-ended:
			if err := errors.Join(err, rest(ctx, account, head, n)); err != nil || !n.awaited {
				return err
			}
			return t.explainMissing(ctx, n, begin, made)
		}
	}
}

// forward sends the entries after a Seq to a channel as they are written.
func forward(ctx context.Context, account *client.Client, after uint64, entries chan<- store.Entry) error {
	for e, err := range account.Follow(ctx, after) {
		if err != nil {
			return err
		}
		select {
		case entries <- e:
		case <-ctx.Done():
		}
	}
	return nil
}

// rest narrates the last entries, which may not have been forwarded yet, also after an interrupt.
func rest(ctx context.Context, account *client.Client, after uint64, n *narrator) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for e, err := range account.Journal(ctx, after) {
		if err != nil {
			return err
		}
		n.entry(e)
	}
	return nil
}

// toEnd starts the scenario, starts the account's clock, and returns when nothing is scheduled, with the number of requests
// that it made.
func (t *turn) toEnd(ctx context.Context, account *client.Client, played *Scenario) (requests int, err error) {
	result, err := account.Play(ctx, control.PlayRequest{Provider: played.Provider, Scenario: played.Name, Subject: t.Subject, Requests: t.requests})
	if err != nil {
		return 0, err
	}
	if t.Speed.Instant {
		_, err := account.Clock().AdvanceToEnd(ctx)
		return result.Requests, err
	}
	if _, err := account.Clock().Set(ctx, control.ClockChange{Frozen: new(false)}); err != nil {
		return result.Requests, err
	}
	return result.Requests, account.WaitEnd(ctx)
}
