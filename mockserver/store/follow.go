package store

import (
	"context"
	"iter"
)

// Read implements Store.
func (m *Memory) Read(_ context.Context, name string, after uint64, limit int) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return nil, ErrClosed
	}
	return m.read(name, m.accounts[name], after, limit), nil
}

// About implements Store.
func (m *Memory) About(_ context.Context, account, ref string) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return nil, ErrClosed
	}
	a := m.accounts[account]
	if a == nil || ref == "" {
		return nil, nil
	}
	return m.journal.about(a, ref), nil
}

func (m *Memory) read(name string, a *account, after uint64, limit int) []Entry {
	if name == "" {
		return m.journal.readAll(after, limit)
	}
	if a == nil {
		return m.journal.readOne(name, nil, m.losses.of(name), false, after, limit)
	}
	return m.journal.readOne(name, a, a.inherited.plus(a.lost), a.inherited.n == 0, after, limit)
}

// Follow implements Store. A waiting follower costs nothing to commits without an entry for it.
func (m *Memory) Follow(ctx context.Context, name string, after uint64) iter.Seq2[[]Entry, error] {
	return func(yield func([]Entry, error) bool) {
		a := m.join(name)
		defer m.leave(a)
		for after := after; ; {
			entries, more, err := m.since(name, a, after)
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if len(entries) > 0 {
				after = entries[len(entries)-1].Seq
				if !yield(entries, nil) {
					return
				}
				continue
			}
			select {
			case <-ctx.Done():
			case <-m.closed:
			case <-more:
			}
		}
	}
}

// join adds a follower, which keeps the account's index alive.
func (m *Memory) join(name string) *account {
	m.mu.Lock()
	defer m.mu.Unlock()
	a := m.account(name)
	a.followers++
	return a
}

func (m *Memory) leave(a *account) {
	m.mu.Lock()
	defer m.mu.Unlock()
	a.followers--
	m.forget(a)
}

// since returns the next batch or, if there is none, a channel that signals new entries.
func (m *Memory) since(name string, a *account, after uint64) ([]Entry, <-chan struct{}, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return nil, nil, ErrClosed
	}
	if entries := m.read(name, a, after, batch); len(entries) > 0 {
		return entries, nil, nil
	}
	if name == "" {
		return nil, m.journal.more.wait(), nil
	}
	return nil, a.more.wait(), nil
}
