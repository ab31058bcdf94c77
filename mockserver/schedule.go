package mockserver

import (
	"container/heap"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// burst is how many due jobs of one account are claimed at once.
const burst = 64

// schedule runs jobs when they fall due, until ctx ends; attempts that it began go on under work. Every account has a clock of its own, so what is waited for is
// the wall time at which each account's next job will be due as its clock goes now.
func (e *Engine) schedule(ctx, work context.Context) {
	woken := make(chan []string)
	go func() {
		for {
			accounts, err := e.store.Wake(ctx)
			if err != nil {
				return
			}
			select {
			case woken <- accounts:
			case <-ctx.Done():
				return
			}
		}
	}()
	q := &queue{index: map[string]*appointment{}}
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		wait := time.Hour // nothing to wait for: woken or moved will say so
		if len(q.heap) > 0 {
			wait = time.Until(q.heap[0].at)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return
		case accounts := <-woken:
			for _, name := range accounts {
				e.appoint(ctx, q, name)
			}
		case name := <-e.moved:
			e.appoint(ctx, q, name)
		case <-timer.C:
		}
		for len(q.heap) > 0 && !q.heap[0].at.After(time.Now()) {
			name := q.heap[0].account
			q.set(name, time.Time{}, false)
			e.dispatch(work, name)
			e.appoint(ctx, q, name)
		}
	}
}

// appoint notes when to look at an account again.
func (e *Engine) appoint(ctx context.Context, q *queue, name string) {
	a, err := e.account(ctx, name)
	if err != nil {
		return
	}
	due, ok, err := e.store.Next(ctx, name)
	if err != nil {
		return
	}
	var wait time.Duration
	if ok {
		wait, ok = a.clock.WallUntil(due)
	}
	if ok && !a.settling.TryLock() {
		ok = false // whoever advances the account runs its jobs, and nudges when done
	} else if ok {
		a.settling.Unlock()
	}
	q.set(name, time.Now().Add(wait), ok)
}

// dispatch starts all jobs of an account that are due. Timers run here and now; each delivery runs on its own, so a slow
// endpoint holds up nobody else.
func (e *Engine) dispatch(ctx context.Context, name string) {
	a, err := e.account(ctx, name)
	if err != nil {
		return
	}
	a.begin() // before anything is claimed: between a claim and its work the account must not look idle
	defer a.end()
	for {
		if !a.settling.TryLock() {
			return
		}
		jobs, err := e.store.Claim(ctx, name, a.clock.Now(), burst, lease)
		a.settling.Unlock()
		if err != nil || len(jobs) == 0 {
			return
		}
		for _, job := range jobs {
			if !isDelivery(job) {
				e.settled(e.perform(ctx, a, job)(ctx), job)
				continue
			}
			a.begin()
			e.attempts.Go(func() {
				defer a.end()
				e.settled(e.perform(ctx, a, job)(ctx), job)
			})
		}
	}
}

func isDelivery(job store.Job) bool { return strings.HasPrefix(string(job.Payload), "send ") }

// perform does a job's work and returns what commits it.
func (e *Engine) perform(ctx context.Context, a *account, job store.Job) func(context.Context) error {
	verb, rest, _ := strings.Cut(string(job.Payload), " ")
	if verb != "send" {
		return func(ctx context.Context) error { return e.fire(ctx, a, job, rest) }
	}
	if held, ok := e.held.Load(job.ID); ok { // its call is still being answered
		select {
		case <-held.(chan struct{}):
		case <-ctx.Done():
		}
	}
	finish, err := e.attempt(ctx, a, job, rest)
	if err != nil {
		return func(context.Context) error { return err }
	}
	return finish
}

// settled logs what should not happen. A conflict is no fault: the job was reset away under the attempt's hands.
func (e *Engine) settled(err error, job store.Job) {
	if err == nil || errors.Is(err, store.ErrConflict) || errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrClosed) {
		return
	}
	e.log.Error("job failed", "job", job.ID, "error", err)
}

// queue orders accounts by the wall time at which to look at them.
type queue struct {
	heap  appointments
	index map[string]*appointment
}

type appointment struct {
	account string
	at      time.Time
	place   int
}

func (q *queue) set(name string, at time.Time, ok bool) {
	have := q.index[name]
	switch {
	case ok && have != nil:
		have.at = at
		heap.Fix(&q.heap, have.place)
	case ok:
		have = &appointment{account: name, at: at}
		q.index[name] = have
		heap.Push(&q.heap, have)
	case have != nil:
		heap.Remove(&q.heap, have.place)
		delete(q.index, name)
	}
}

type appointments []*appointment

func (h appointments) Len() int           { return len(h) }
func (h appointments) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h appointments) Swap(i, j int)      { h[i], h[j] = h[j], h[i]; h[i].place, h[j].place = i, j }
func (h *appointments) Push(x any)        { a := x.(*appointment); a.place = len(*h); *h = append(*h, a) }
func (h *appointments) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
