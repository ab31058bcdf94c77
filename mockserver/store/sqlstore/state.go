package sqlstore

import (
	"github.com/idmock/idmock/mockserver/store"
)

// state is the row of counters.
type state struct {
	head, oldest        int64
	entryBytes, evicted int64
	docs                int64
	doneDocs, doneBytes int64
	docsEvicted         int64
	finishes            int64 // number of the last finish
	jobs, heldJobs      int64
	liveBytes           int64
	orders              int64 // number of the last job
}

const stateColumns = "head, oldest, entry_bytes, evicted, docs, done_docs, done_bytes, docs_evicted, finishes, jobs, held_jobs, live_bytes, orders"

func (s *state) scan(scan func(...any) error) error {
	return scan(&s.head, &s.oldest, &s.entryBytes, &s.evicted, &s.docs, &s.doneDocs, &s.doneBytes, &s.docsEvicted, &s.finishes,
		&s.jobs, &s.heldJobs, &s.liveBytes, &s.orders)
}

// load adds the statement that reads the row and excludes other writers.
func (s *state) load(all *statements, d dialect) {
	all.query("SELECT "+stateColumns+" FROM idmock_state WHERE id = 1"+d.lockState, s.scan)
}

func (s *state) save(all *statements) {
	all.add(`UPDATE idmock_state SET head = $1, oldest = $2, entry_bytes = $3, evicted = $4, docs = $5, done_docs = $6, done_bytes = $7,
  docs_evicted = $8, finishes = $9, jobs = $10, held_jobs = $11, live_bytes = $12, orders = $13 WHERE id = 1`,
		s.head, s.oldest, s.entryBytes, s.evicted, s.docs, s.doneDocs, s.doneBytes, s.docsEvicted, s.finishes,
		s.jobs, s.heldJobs, s.liveBytes, s.orders)
}

func (s *state) entries() int64 { return s.head - s.oldest + 1 }

// Sizes count the overhead of a row.
const (
	docOverhead   = 128
	jobOverhead   = 256
	entryOverhead = 160
)

func docSize(key string, data int64) int64 { return int64(len(key)) + data + docOverhead }

func jobSize(id string, payload int64) int64 { return int64(len(id)) + payload + jobOverhead }

func entrySize(e *store.Entry) int64 {
	return int64(len(e.Account)+len(e.Kind)+len(e.Ref)+len(e.Data)) + entryOverhead
}

// entryBytes is entrySize of a stored entry.
const entryBytes = "160 + length(account) + length(kind) + length(ref) + length(data)"
