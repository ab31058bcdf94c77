package sqlstore

import (
	"context"
	"fmt"
	"iter"
	"math"

	"github.com/idmock/idmock/mockserver/store"
)

// batch is the largest number of entries that Follow yields at once.
const batch = 256

const entryColumns = "seq, at, wall, account, kind, ref, data"

func scanEntry(scan func(...any) error) (e store.Entry, err error) {
	var seq, at, wall int64
	var account, kind, ref []byte
	if err := scan(&seq, &at, &wall, &account, &kind, &ref, &e.Data); err != nil {
		return e, err
	}
	e.Seq, e.At, e.Wall = uint64(seq), unstamp(at), unstamp(wall)
	e.Account, e.Kind, e.Ref = string(account), string(kind), string(ref)
	return e, nil
}

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, account string, after uint64, limit int) ([]store.Entry, error) {
	if after >= math.MaxInt64 || limit <= 0 {
		return nil, s.read(ctx, &statements{})
	}
	if account == "" {
		return s.readAll(ctx, after, limit)
	}
	return s.readOne(ctx, account, after, limit)
}

func (s *Store) readAll(ctx context.Context, after uint64, limit int) ([]store.Entry, error) {
	found, err := s.entries(ctx, query("SELECT "+entryColumns+" FROM idmock_entries WHERE seq > $1 ORDER BY seq LIMIT $2", nil, int64(after), limit))
	if err != nil || len(found) == 0 || found[0].Seq == after+1 {
		return found, err
	}
	gap := newGap("", found[0].Seq-1, found[0].Seq-1-after, true)
	return withGap(gap, found, limit), nil
}

func (s *Store) readOne(ctx context.Context, account string, after uint64, limit int) ([]store.Entry, error) {
	var oldest, lost, missed int64
	row := func(scan func(...any) error) error { return scan(&oldest, &lost, &missed) }
	all := query("SELECT "+entryColumns+" FROM idmock_entries WHERE account = $1 AND seq > $2 ORDER BY seq LIMIT $3", nil, text(account), int64(after), limit)
	all.query("SELECT s.oldest, a.lost, a.missed FROM idmock_accounts a, idmock_state s WHERE s.id = 1 AND a.account = $1", row, text(account))
	found, err := s.entries(ctx, all)
	if err != nil || int64(after) >= lost {
		return found, err
	}
	n := min(uint64(missed), uint64(lost)-after)
	return withGap(newGap(account, uint64(oldest)-1, n, after == 0 || n == 1), found, limit), nil
}

// entries runs statements of which the first returns entries.
func (s *Store) entries(ctx context.Context, all *statements) (found []store.Entry, err error) {
	all.list[0].row = func(scan func(...any) error) error {
		e, err := scanEntry(scan)
		found = append(found, e)
		return err
	}
	err = s.read(ctx, all)
	return found, err
}

func newGap(account string, seq, missed uint64, exact bool) store.Entry {
	data := fmt.Sprintf(`{"missed":%d}`, missed)
	if !exact {
		data = fmt.Sprintf(`{"missed":%d,"at_most":true}`, missed)
	}
	return store.Entry{Seq: seq, Account: account, Kind: store.KindGap, Data: []byte(data)}
}

// withGap puts a gap, with the times of the entry that follows, before entries.
func withGap(gap store.Entry, found []store.Entry, limit int) []store.Entry {
	if len(found) > 0 {
		gap.At, gap.Wall = found[0].At, found[0].Wall
	}
	all := append([]store.Entry{gap}, found...)
	return all[:min(len(all), limit)]
}

// About implements store.Store.
func (s *Store) About(ctx context.Context, account, ref string) ([]store.Entry, error) {
	if ref == "" {
		return nil, nil
	}
	return s.entries(ctx, query("SELECT "+entryColumns+" FROM idmock_entries WHERE account = $1 AND ref = $2 AND ref <> $empty ORDER BY seq", nil, text(account), text(ref)))
}

// Follow implements store.Store. It reads the end of the journal from memory, and earlier entries from the database.
func (s *Store) Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error] {
	return func(yield func([]store.Entry, error) bool) {
		for after := after; ; {
			entries, head, more, err := s.since(ctx, account, after)
			if err != nil {
				yield(nil, err)
				return
			}
			if after = max(after, head); len(entries) > 0 {
				if !yield(entries, nil) {
					return
				}
				continue
			}
			if more == nil {
				continue
			}
			select {
			case <-ctx.Done():
			case <-s.closed:
			case <-more:
			}
		}
	}
}

// since returns the next batch, and the Seq to continue from. If there is none, it returns a channel that signals new entries.
func (s *Store) since(ctx context.Context, account string, after uint64) ([]store.Entry, uint64, <-chan struct{}, error) {
	if err := ctx.Err(); err != nil {
		return nil, 0, nil, err
	}
	if s.isClosed.Load() {
		return nil, 0, nil, store.ErrClosed
	}
	if entries, head, more, ok := s.tail.since(account, after, batch); ok {
		return entries, head, more, nil
	}
	head := s.tail.position() // before Read: entries that it misses come later
	entries, err := s.Read(ctx, account, after, batch)
	if err != nil {
		return nil, 0, nil, err
	}
	if n := len(entries); n > 0 {
		return entries, entries[n-1].Seq, nil, nil
	}
	return nil, head, nil, nil
}
