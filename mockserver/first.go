package mockserver

import (
	"context"
	"sync"
	"sync/atomic"
)

// firsts are the jobs that a call's answer waits for, as a fault has the webhook come first. The zero value holds none.
type firsts struct {
	some atomic.Int32 // jobs, so that those who end one need not look where there are none
	mu   sync.Mutex
	jobs map[string]chan struct{}
}

// await returns what waits until each of the jobs has been done once. It is called before the jobs can begin.
func (f *firsts) await(ids []string) (wait func(context.Context) error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.jobs == nil {
		f.jobs = map[string]chan struct{}{}
	}
	var all []chan struct{}
	for _, id := range ids {
		done := make(chan struct{})
		f.jobs[id] = done
		all = append(all, done)
		f.some.Add(1)
	}
	return func(ctx context.Context) error {
		for _, done := range all {
			select {
			case <-done:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
}

// done says that jobs are done, or never will be.
func (f *firsts) done(ids ...string) {
	if f.some.Load() == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, id := range ids {
		if done := f.jobs[id]; done != nil {
			close(done)
			delete(f.jobs, id)
			f.some.Add(-1)
		}
	}
}
