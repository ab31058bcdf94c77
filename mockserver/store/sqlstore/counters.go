package sqlstore

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// counters count what the writer does.
type counters struct {
	transactions, operations, busy, conflicts, failures, takeovers, reads atomic.Uint64

	failing atomic.Bool // the last transaction failed
}

// note counts a transaction that has ended.
func (c *counters) note(ops []*op, took time.Duration, failed bool) {
	c.transactions.Add(1)
	c.operations.Add(uint64(len(ops)))
	c.busy.Add(uint64(took))
	c.failing.Store(failed)
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
		Conflicts: c.conflicts.Load(), Failures: c.failures.Load(), Takeovers: c.takeovers.Load(), Reads: c.reads.Load()}
}

// probe is the key of no document: it begins with no account.
const probe = store.KeySeparator + "probe"

// probeBytes is the room that a database must have.
const probeBytes = 64 << 10

// Writable returns an error while the database takes no changes, as on a full disk. It writes only if the last transaction failed, so
// that it notices the end of the failure although nothing else writes.
func (s *Store) Writable(context.Context) error {
	if !s.counters.failing.Load() {
		return nil
	}
	err := s.db.write(func(tx session) error {
		var all statements
		all.add("INSERT INTO idmock_docs (key, rev, data, done, keepers, waits) VALUES ($1, 1, $2, 0, 0, 0)", text(probe), make([]byte, probeBytes))
		all.add("DELETE FROM idmock_docs WHERE key = $1", text(probe))
		return tx.commit(&all)
	})
	s.counters.failing.Store(err != nil)
	return s.db.explain(err)
}
