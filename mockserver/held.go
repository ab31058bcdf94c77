package mockserver

import (
	"context"
	"sync"
)

// held are the jobs whose call is still being answered. The zero value holds none.
type held struct {
	mu   sync.Mutex
	jobs map[string]chan struct{}
}

// hold keeps jobs from running until the function it returns is called.
func (h *held) hold(ids []string) (release func()) {
	answered := make(chan struct{})
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.jobs == nil {
		h.jobs = map[string]chan struct{}{}
	}
	for _, id := range ids {
		h.jobs[id] = answered
	}
	return sync.OnceFunc(func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		for _, id := range ids {
			if h.jobs[id] == answered { // after a reset, a job of the same name may be another's
				delete(h.jobs, id)
			}
		}
		close(answered)
	})
}

// wait returns when the job may run, or ctx ends.
func (h *held) wait(ctx context.Context, id string) {
	h.mu.Lock()
	answered := h.jobs[id]
	h.mu.Unlock()
	if answered == nil {
		return
	}
	select {
	case <-answered:
	case <-ctx.Done():
	}
}
