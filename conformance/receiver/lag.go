package receiver

import (
	"context"
	"sync/atomic"
	"time"
)

// lagTick is the interval at which a lag is measured.
const lagTick = 20 * time.Millisecond

// busy is the allowance from which on the machine may be to blame for a late response.
const busy = 200 * time.Millisecond

// lag measures how late timers fire on this machine. Limits are extended by it, so that a busy machine is not mistaken for a
// slow receiver. The zero value is ready to use.
type lag struct{ recent atomic.Int64 }

// measure measures until the context ends.
func (l *lag) measure(ctx context.Context) {
	ticker := time.NewTicker(lagTick)
	defer ticker.Stop()
	for last := time.Now(); ; {
		select {
		case <-ticker.C:
			now := time.Now()
			late := int64(max(now.Sub(last)-lagTick, 0))
			l.recent.Store(max(late, l.recent.Load()*49/50)) // a peak fades within seconds
			last = now
		case <-ctx.Done():
			return
		}
	}
}

// allowance is how much longer than its limit a response may take.
func (l *lag) allowance() time.Duration { return 2 * time.Duration(l.recent.Load()) }
