package viewer

import (
	"context"
	"sync"
	"time"
)

// maxRate limits the total rate of all streams, in bytes per second. A single viewer never reaches it; many viewers fall behind
// during a burst and catch up later, so that deliveries keep their share of the machine.
const maxRate = 32 << 20

// pace limits the total rate of all streams. The zero value is ready to use.
type pace struct {
	mu   sync.Mutex
	next time.Time // when the bytes allowed so far have been sent at maxRate
}

// wait blocks until n bytes may be sent, or until ctx ends. It holds no lock, so that a stalled stream does not delay others.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	delay := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(n) * time.Second / maxRate)
	p.mu.Unlock()
	if delay < time.Millisecond {
		return ctx.Err()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
