package sqlstore

import (
	"errors"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// counters count what the writer does.
type counters struct{ transactions, operations, busy, conflicts, failures, takeovers atomic.Uint64 }

// note counts a transaction that has ended.
func (c *counters) note(ops []*op, took time.Duration, failed bool) {
	c.transactions.Add(1)
	c.operations.Add(uint64(len(ops)))
	c.busy.Add(uint64(took))
	if failed {
		c.failures.Add(1)
		return
	}
	for _, o := range ops {
		if errors.Is(o.err, store.ErrConflict) {
			c.conflicts.Add(1)
		}
		if o.claim == nil {
			continue
		}
		for i := range o.claim.jobs {
			if o.claim.jobs[i].Again {
				c.takeovers.Add(1)
			}
		}
	}
}

// Work returns what this process did with the database since it opened the store.
func (s *Store) Work() store.Work {
	c := &s.counters
	return store.Work{Transactions: c.transactions.Load(), Operations: c.operations.Load(), Busy: time.Duration(c.busy.Load()),
		Conflicts: c.conflicts.Load(), Failures: c.failures.Load(), Takeovers: c.takeovers.Load()}
}
