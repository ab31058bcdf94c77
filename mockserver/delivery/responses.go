package delivery

import (
	"context"
	"sync"

	"github.com/idmock/idmock/mockserver/tx"
)

// Responses are the responses that this process is about to send. A job says whether it runs after a response or before it
// (see [tx.Attempt]); whether that response is out is known where its connection is. A job of a response that is not here,
// because it is out or the process that was to send it has ended, need not wait. The zero value has none.
type Responses struct {
	mu    sync.Mutex
	all   map[string]*Response // by request
	first map[string]*Response // by job that comes before it
}

// Response is one response on its way.
type Response struct {
	responses *Responses
	id        string
	sent      chan struct{}
	once      sync.Once
	first     int           // jobs that come before it and are still to run; guarded by responses.mu
	ready     chan struct{} // closed when first is 0
}

// Bind has the attempts of a unit of work run after the response to its request, but for those that come before it. It is
// called before the commit; if that fails, the response counts as sent. It returns nil if there are no attempts, and
// reports whether the response has to Wait.
func (r *Responses) Bind(t *tx.Tx) (response *Response, wait bool) {
	var first []string
	after := false
	t.Attempts(func(job string, a *tx.Attempt) {
		if a.Before != "" {
			first = append(first, job)
			return
		}
		a.After, after = t.Request, true
	})
	if !after && len(first) == 0 {
		return nil, false
	}
	response = &Response{responses: r, id: t.Request, sent: make(chan struct{}), first: len(first), ready: make(chan struct{})}
	if len(first) == 0 {
		close(response.ready)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all, r.first = map[string]*Response{}, map[string]*Response{}
	}
	r.all[t.Request] = response
	for _, job := range first {
		r.first[job] = response
	}
	t.OnFail(func() {
		for _, job := range first {
			r.Attempted(job)
		}
		response.Sent()
	})
	return response, len(first) > 0
}

// Sent releases the attempts that wait for the response. It may be called more than once.
func (r *Response) Sent() {
	r.once.Do(func() {
		r.responses.mu.Lock()
		defer r.responses.mu.Unlock()
		if r.responses.all[r.id] == r { // after a reset another may have the ID
			delete(r.responses.all, r.id)
		}
		close(r.sent)
	})
}

// Wait returns once each attempt that comes before the response was made once, or with ctx's error.
func (r *Response) Wait(ctx context.Context) error {
	select {
	case <-r.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WaitSent returns when an attempt may begin: its response is out, or ctx ends.
func (r *Responses) WaitSent(ctx context.Context, a tx.Attempt) {
	if a.After == "" {
		return
	}
	r.mu.Lock()
	response := r.all[a.After]
	r.mu.Unlock()
	if response == nil {
		return
	}
	select {
	case <-response.sent:
	case <-ctx.Done():
	}
}

// Attempted reports that a job's attempt was made, or is held, so that no response waits for it.
func (r *Responses) Attempted(job string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	response := r.first[job]
	if response == nil {
		return
	}
	delete(r.first, job)
	if response.first--; response.first == 0 {
		close(response.ready)
	}
}
