package viewer

import (
	"context"
	"sync"
	"time"
)

// most is how many bytes a second all streams together are sent. One viewer never meets it; a hundred of them fall behind
// in a burst and catch up after it, rather than take the machine from the deliveries that they watch.
const most = 64 << 20

// pace spreads what is sent to all streams over time. The zero value is ready.
type pace struct {
	mu   sync.Mutex
	next time.Time // when all that was allowed so far is sent, at the rate of most
}

// wait returns when n bytes may be sent, or with ctx's error. A stream that is blocked afterwards holds up nobody.
func (p *pace) wait(ctx context.Context, n int) error {
	p.mu.Lock()
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	rest := p.next.Sub(now)
	p.next = p.next.Add(time.Duration(n) * time.Second / most)
	p.mu.Unlock()
	if rest < time.Millisecond {
		return ctx.Err()
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
