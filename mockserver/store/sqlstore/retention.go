package sqlstore

import (
	"maps"
	"slices"

	"github.com/idmock/idmock/mockserver/store"
)

// Rows are evicted a few hundred at a time: their number falls below its bound by a sixty-fourth, so that most commits evict
// nothing.
const (
	slack    = 64
	evictNow = 1000 // rows read by a statement
)

// keeper keeps a database within its retention.
type keeper struct {
	retention store.Retention
	db        database
	dialect   dialect
}

func floor(limit int64) int64 { return limit - limit/slack }

// excess reports whether a bound is exceeded.
func (s *keeper) excess(n *state) bool { return s.tooManyEntries(n) || s.tooManyDocs(n) }

func (s *keeper) tooManyEntries(n *state) bool {
	return n.entries() > 1 && (n.entries() > int64(s.retention.Entries) || n.entryBytes > s.retention.EntryBytes)
}

func (s *keeper) tooManyDocs(n *state) bool {
	return n.doneDocs > int64(s.retention.DoneDocs) || n.doneBytes > s.retention.DoneBytes
}

// evict removes the oldest entries and the documents that finished first, until the rest fits.
func (s *keeper) evict(tx session, n *state) error {
	for s.tooManyEntries(n) {
		if err := s.evictEntries(tx, n); err != nil {
			return err
		}
	}
	for s.tooManyDocs(n) {
		if err := s.evictDocs(tx, n); err != nil {
			return err
		}
	}
	return nil
}

type loss struct{ last, n int64 }

// evictEntries removes at most evictNow entries.
func (s *keeper) evictEntries(tx session, n *state) error {
	lost := map[string]loss{}
	err := tx.run(query("SELECT seq, account, "+entryBytes+" FROM idmock_entries ORDER BY seq LIMIT $1", func(scan func(...any) error) error {
		var seq, size int64
		var account []byte
		if err := scan(&seq, &account, &size); err != nil {
			return err
		}
		if n.entries() <= 1 || n.entries() <= floor(int64(s.retention.Entries)) && n.entryBytes <= floor(s.retention.EntryBytes) {
			return errStop
		}
		n.oldest = seq + 1
		n.entryBytes -= size
		n.evicted++
		lost[string(account)] = loss{seq, lost[string(account)].n + 1}
		return nil
	}, evictNow))
	if err != nil {
		return err
	}
	var all statements
	all.add("DELETE FROM idmock_entries WHERE seq < $1", n.oldest)
	for _, account := range slices.Sorted(maps.Keys(lost)) {
		l := lost[account]
		all.add(`INSERT INTO idmock_accounts (account, pending, held, lost, missed) VALUES ($1, 0, 0, $2, $3)
  ON CONFLICT (account) DO UPDATE SET lost = excluded.lost, missed = idmock_accounts.missed + excluded.missed`, text(account), l.last, l.n)
	}
	return tx.run(&all)
}

// evictDocs removes at most evictNow documents.
func (s *keeper) evictDocs(tx session, n *state) error {
	var all statements
	err := tx.run(query("SELECT key, length(data) FROM idmock_docs WHERE done > 0 ORDER BY done LIMIT $1", func(scan func(...any) error) error {
		var key []byte
		var size int64
		if err := scan(&key, &size); err != nil {
			return err
		}
		if n.doneDocs <= floor(int64(s.retention.DoneDocs)) && n.doneBytes <= floor(s.retention.DoneBytes) {
			return errStop
		}
		n.docs--
		n.doneDocs--
		n.doneBytes -= docSize(string(key), size)
		n.docsEvicted++
		all.add("DELETE FROM idmock_docs WHERE key = $1", slices.Clone(key))
		return nil
	}, evictNow))
	if err != nil {
		return err
	}
	return tx.run(&all)
}

// shrink evicts the excess over a retention that was lowered since the last start, in transactions of a bounded size.
func (s *keeper) shrink() error {
	for more := true; more; {
		err := s.db.write(func(tx session) error {
			var n state
			var all statements
			n.load(&all, s.dialect)
			if err := tx.run(&all); err != nil {
				return err
			}
			var err error
			switch more = s.excess(&n); {
			case s.tooManyEntries(&n):
				err = s.evictEntries(tx, &n)
			case s.tooManyDocs(&n):
				err = s.evictDocs(tx, &n)
			default:
				return nil
			}
			all = statements{}
			n.save(&all)
			if err != nil {
				return err
			}
			return tx.run(&all)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
