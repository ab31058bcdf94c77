package mockserver

import (
	"container/heap"
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// burst is how many due jobs of one account are claimed at once.
const burst = 64

// gather is how long commits are gathered after one that woke the scheduler: a burst of them wakes it once, and the first
// at once.
const gather = 200 * time.Microsecond

// schedule runs jobs when they fall due, until ctx ends; attempts that it began go on under work. Every account has a
// clock of its own, so what is waited for is the wall time at which each account's next job will be due as its clock
// goes now.
func (e *Engine) schedule(ctx, work context.Context) {
	woken := make(chan []string)
	var waker sync.WaitGroup
	defer waker.Wait()
	waker.Go(func() {
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
			select {
			case <-time.After(gather):
			case <-ctx.Done():
				return
			}
		}
	})
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
		case <-e.moved.some:
			for _, name := range e.moved.take() {
				e.appoint(ctx, q, name)
			}
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
	due, ok, err := e.store.Next(ctx, name)
	if err != nil {
		return
	}
	if !ok { // nor is an account opened that was dropped
		q.set(name, time.Time{}, false)
		return
	}
	a, err := e.account(ctx, name)
	if err != nil {
		return
	}
	var wait time.Duration
	wait, ok = a.clock.WallUntil(due)
	if ok && !a.settling.TryRLock() {
		ok = false // whoever advances the account runs its jobs, and nudges when done
	} else if ok {
		a.settling.RUnlock()
	}
	q.set(name, time.Now().Add(wait), ok)
}

// dispatch starts all jobs of an account that are due. Timers run here and now; each delivery runs on its own, so a slow
// endpoint holds up nobody else.
func (e *Engine) dispatch(ctx context.Context, name string) {
	a := e.known(name)
	if a == nil { // it was dropped
		return
	}
	a.begin() // before anything is claimed: between a claim and its work the account must not look idle
	defer a.end()
	for {
		jobs := e.claim(ctx, a, burst)
		if len(jobs) == 0 {
			return
		}
		for _, job := range jobs {
			if !isDelivery(job) {
				e.settled(e.perform(ctx, a, job)(ctx), job)
				continue
			}
			a.begin()
			e.attempts.Go(func() { e.deliver(ctx, a, job) })
		}
	}
}

// claim takes jobs that are due, unless somebody is advancing the account, who runs them then.
func (e *Engine) claim(ctx context.Context, a *account, limit int) []store.Job {
	if !a.settling.TryRLock() {
		return nil
	}
	defer a.settling.RUnlock()
	var jobs []store.Job
	if a.alive(func() (err error) {
		jobs, err = e.store.Claim(ctx, a.name, a.clock.Now(), limit, lease)
		return err
	}) != nil {
		return nil
	}
	return jobs
}

// deliver makes an attempt, and then whatever has fallen due meanwhile: the next of its lane above all, which needs no
// round by way of the scheduler. The account was begun by the caller.
func (e *Engine) deliver(ctx context.Context, a *account, job store.Job) {
	defer a.end()
	for {
		e.settled(e.perform(ctx, a, job)(ctx), job)
		if ctx.Err() != nil || e.stopping.Load() {
			return
		}
		next := e.claim(ctx, a, 1)
		if len(next) == 0 {
			return
		}
		job = next[0]
	}
}

func isDelivery(job store.Job) bool { return strings.HasPrefix(string(job.Payload), "send ") }

// perform does a job's work and returns what commits it.
func (e *Engine) perform(ctx context.Context, a *account, job store.Job) func(context.Context) error {
	verb, rest, _ := strings.Cut(string(job.Payload), " ")
	if verb != "send" {
		return func(ctx context.Context) error { return e.fire(ctx, a, job, verb, rest) }
	}
	e.held.wait(ctx, job.ID) // until its call has been answered
	m, err := e.prepare(ctx, a, rest)
	if err != nil {
		return func(context.Context) error { return err }
	}
	return e.attempt(ctx, a, job, m)
}

// settled logs what should not happen. A conflict is no fault: the job was reset away under the attempt's hands.
func (e *Engine) settled(err error, job store.Job) {
	e.firsts.done(job.ID)
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
