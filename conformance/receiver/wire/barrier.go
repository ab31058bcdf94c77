package wire

import (
	"sync/atomic"
	"time"
)

// barrierTimeout releases requests whose companions cannot connect: a receiver with a short backlog accepts them only after
// it has responded to the first ones.
const barrierTimeout = time.Second

// Barrier holds the last byte of each of its requests until all of them are written up to it. A busy sender would
// otherwise spread copies over so long a time that a receiver finishes one before the next arrives.
type Barrier struct {
	missing atomic.Int32
	open    chan struct{}
}

// NewBarrier returns a barrier for n requests.
func NewBarrier(n int) *Barrier {
	b := &Barrier{open: make(chan struct{})}
	b.missing.Store(int32(n))
	return b
}

// wait blocks until all requests wait, at most a second.
func (b *Barrier) wait() {
	if b.missing.Add(-1) == 0 {
		close(b.open)
	}
	select {
	case <-b.open:
	case <-time.After(barrierTimeout):
	}
}
