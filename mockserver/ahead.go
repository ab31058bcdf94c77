package mockserver

import (
	"context"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// ahead prepares the next delivery of a lane while the one before it is under way, which halves the time that a long
// queue takes. Only who advances an account has one. It is used from one goroutine.
type ahead struct {
	engine  *Engine
	account *account
	jobs    chan store.Job
	ready   chan *prepared
	busy    string // ID of the job that is being prepared; empty when none is
}

func (e *Engine) newAhead(ctx context.Context, a *account) *ahead {
	h := &ahead{engine: e, account: a, jobs: make(chan store.Job), ready: make(chan *prepared, 1)}
	go func() {
		for job := range h.jobs {
			m, err := e.prepare(ctx, a, strings.TrimPrefix(string(job.Payload), "send "))
			if err != nil {
				m = nil // it is prepared again in its turn, and the error told then
			}
			h.ready <- m
		}
	}()
	return h
}

// close ends the goroutine, whatever it is at.
func (h *ahead) close() { close(h.jobs) }

// perform makes the attempt of a job, from what was prepared if that still holds, and has the next one prepared.
func (h *ahead) perform(ctx context.Context, job store.Job, until time.Time) func(context.Context) error {
	var m *prepared
	if h.busy != "" {
		m = <-h.ready
		if h.busy != job.ID || m == nil || h.engine.stale(ctx, h.account, m) {
			m = nil
		}
		h.busy = ""
	}
	next, ok, err := h.engine.store.Peek(ctx, h.account.name, job.Lane, until)
	if err == nil && ok {
		h.busy = next.ID
		h.jobs <- next
	}
	if m == nil {
		return h.engine.perform(ctx, h.account, job)
	}
	h.engine.held.wait(ctx, job.ID)
	return h.engine.attempt(ctx, h.account, job, m)
}
