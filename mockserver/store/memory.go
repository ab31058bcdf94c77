package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Memory is a Store in the memory of this process. The cost of a method grows at most with the logarithm of its contents.
// It never copies a document, a payload or an entry's data.
//
// One mutex guards everything. A commit locks it for less than a microsecond: sixteen goroutines on two processors commit
// about a million times a second with a million jobs stored, many times the rate of the requests that cause commits.
type Memory struct {
	retention Retention
	opened    time.Time // origin of wall, for leases
	closed    chan struct{}

	mu       sync.Mutex
	isClosed bool
	docs     docs
	jobs     jobs
	journal  journal
	accounts map[string]*account
	losses   losses
	touched  []*account // scratch space of Commit
	changed  []*account // to be reported by Wake
	wake     signal     // fires if changed is not empty, or a lease ends earlier than waiters know
}

var _ Store = (*Memory)(nil)

// NewMemory returns an empty store with the retention r.
func NewMemory(r Retention) *Memory {
	return &Memory{
		retention: r.WithDefaults(),
		opened:    time.Now(),
		closed:    make(chan struct{}),
		docs:      docs{parts: make(map[string]map[string]record)},
		jobs:      jobs{index: make(map[string]uint32)},
		accounts:  make(map[string]*account),
	}
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, key string) (Doc, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return Doc{}, ErrClosed
	}
	h, ok := m.docs.get(key)
	if !ok {
		return Doc{}, ErrNotFound
	}
	return Doc{Key: key, Rev: h.rev, Data: h.data, Done: h.done != 0 || h.waits}, nil
}

// List implements Store.
func (m *Memory) List(_ context.Context, prefix, after string, limit int) ([]Doc, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return nil, ErrClosed
	}
	return m.docs.list(prefix, after, limit), nil
}

// Commit implements Store. It never blocks, so it ignores ctx.
func (m *Memory) Commit(_ context.Context, c Change) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return 0, ErrClosed
	}
	if err := m.docs.check(c.Docs); err != nil {
		return 0, err
	}
	if err := m.jobs.check(&c); err != nil {
		return 0, err
	}
	if m.live() > m.retention.LiveBytes/2 && m.live()+m.growth(&c) > m.retention.LiveBytes {
		return 0, fmt.Errorf("%w: %d MiB of runs and webhooks under way", ErrFull, m.retention.LiveBytes>>20)
	}
	for i := range c.Docs {
		m.docs.put(&c.Docs[i], keepers(&c, c.Docs[i].Key))
	}
	m.write(c.Entries) // before the jobs, so that an account with both keeps its index
	m.schedule(&c)
	m.docs.evict(&m.retention)
	return m.journal.head, nil
}

// live is the size of what retention never evicts.
func (m *Memory) live() int64 { return m.docs.live + m.jobs.bytes }

// growth is how much a change adds to it; 0 if it adds no document and no job, which must always be possible.
func (m *Memory) growth(c *Change) (n int64) {
	adds := len(c.Jobs) > len(c.Done)
	for i := range c.Docs {
		doc := &c.Docs[i]
		if was, ok := m.docs.get(doc.Key); ok && was.done == 0 {
			n -= docSize(doc.Key, was.data)
		}
		if doc.Data != nil && !doc.Done {
			n += docSize(doc.Key, doc.Data)
			adds = adds || doc.Rev == 0
		}
	}
	for i := range c.Jobs {
		n += jobSize(c.Jobs[i].ID, c.Jobs[i].Payload)
	}
	for _, id := range c.Done {
		n -= jobSize(id, m.jobs.at(m.jobs.index[id]).payload)
	}
	if !adds || n < 0 {
		return math.MinInt64 / 2
	}
	return n
}

func (m *Memory) write(entries []Entry) {
	if len(entries) == 0 {
		return
	}
	var a *account
	for i := range entries {
		e := &entries[i]
		for m.journal.full(e, &m.retention) {
			if evicted := m.journal.evict(); evicted != a {
				m.forget(evicted)
			}
		}
		if a == nil || a.name != e.Account {
			if a != nil {
				m.forget(a) // its entries may be evicted already
			}
			a = m.account(e.Account)
		}
		m.journal.add(*e, a, m.retention.Entries)
	}
	m.journal.more.fire()
}

func (m *Memory) schedule(c *Change) {
	m.touched = m.touched[:0]
	for _, id := range c.Done {
		a, keeps := m.jobs.remove(id)
		if keeps != "" {
			m.docs.release(keeps)
		}
		m.touch(a)
	}
	var a *account
	for i := range c.Jobs {
		if a == nil || a.name != c.Jobs[i].Account {
			a = m.account(c.Jobs[i].Account)
		}
		m.jobs.add(&c.Jobs[i], a)
		m.keep(c, &c.Jobs[i])
		m.touch(a)
	}
	for _, a := range m.touched {
		m.noteNext(a)
		m.forget(a)
	}
	clear(m.touched)
}

// keepers returns the number of jobs of a change that keep a document.
func keepers(c *Change, key string) (n int32) {
	for i := range c.Jobs {
		if c.Jobs[i].Keeps == key {
			n++
		}
	}
	return n
}

// keep has a new job keep its document, unless put did so.
func (m *Memory) keep(c *Change, job *Job) {
	if job.Keeps != "" && !slices.ContainsFunc(c.Docs, func(d Doc) bool { return d.Key == job.Keeps }) {
		m.docs.keep(job.Keeps)
	}
}

func (m *Memory) touch(a *account) {
	if n := len(m.touched); n == 0 || m.touched[n-1] != a {
		m.touched = append(m.touched, a)
	}
}

// Stats implements Store.
func (m *Memory) Stats(context.Context) (Stats, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return Stats{}, ErrClosed
	}
	return Stats{
		Head: m.journal.head, Oldest: m.journal.oldest(),
		Entries: m.journal.ring.n, EntryBytes: m.journal.bytes, Evicted: m.journal.evicted,
		Docs: m.docs.n, DoneDocs: m.docs.done, DoneBytes: m.docs.bytes, DocsEvicted: m.docs.evicted,
		Jobs: len(m.jobs.index), HeldJobs: m.jobs.held, LiveBytes: m.live(),
	}, nil
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.isClosed {
		m.isClosed = true
		close(m.closed)
	}
	return nil
}

func (m *Memory) account(name string) *account {
	a := m.accounts[name]
	if a == nil {
		a = &account{name: name, known: never, inherited: m.losses.of(name)}
		m.accounts[name] = a
	}
	return a
}

// forget removes the index of an account without jobs, entries and followers.
func (m *Memory) forget(a *account) {
	if a.empty() && m.accounts[a.name] == a {
		m.losses.add(a)
		delete(m.accounts, a.name)
	}
}

// wall returns wall time in nanoseconds since the store was opened.
func (m *Memory) wall() int64 { return int64(time.Since(m.opened)) }

// later returns now+d, or the maximum on overflow.
func later(now int64, d time.Duration) int64 {
	if int64(d) > math.MaxInt64-now {
		return math.MaxInt64
	}
	return now + int64(d)
}
