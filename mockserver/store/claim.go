package store

import (
	"context"
	"fmt"
	"time"
)

// Claim implements Store.
func (m *Memory) Claim(_ context.Context, name string, until time.Time, limit int, lease time.Duration) ([]Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return nil, ErrClosed
	}
	m.expire()
	a := m.accounts[name]
	if a == nil {
		return nil, nil
	}
	var out []Job
	last := Nanos(until)
	end := max(later(m.wall(), lease), 1) // 0 means not claimed
	for len(out) < limit {
		it, ok := m.jobs.head(a)
		if !ok || it.due > last {
			break
		}
		if out == nil {
			out = make([]Job, 0, a.due(last, limit))
		}
		out = append(out, m.jobs.claim(it, end))
	}
	if len(out) > 0 {
		it, _ := m.jobs.head(a)
		a.known = it.due // so that returning these jobs counts as a change
		if m.jobs.leases[0].due == end {
			m.wake.fire()
		}
	}
	return out, nil
}

// Renew implements Store.
func (m *Memory) Renew(_ context.Context, id string, lease time.Duration) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return ErrClosed
	}
	m.expire()
	if !m.jobs.renew(id, max(later(m.wall(), lease), 1)) {
		return fmt.Errorf("store: job %q is not claimed: %w", id, ErrConflict)
	}
	m.wake.fire() // Wake waits for the end of the earliest lease, which may be another now
	return nil
}

// Next implements Store.
func (m *Memory) Next(_ context.Context, name string) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return time.Time{}, false, ErrClosed
	}
	m.expire()
	a := m.accounts[name]
	if a == nil {
		return time.Time{}, false, nil
	}
	it, ok := m.jobs.head(a)
	a.known = it.due
	if !ok {
		return time.Time{}, false, nil
	}
	return time.Unix(0, it.due).UTC(), true, nil
}

// Wake implements Store.
func (m *Memory) Wake(ctx context.Context) ([]string, error) {
	for {
		m.mu.Lock()
		if m.isClosed {
			m.mu.Unlock()
			return nil, ErrClosed
		}
		m.expire()
		if names := m.takeChanged(); names != nil {
			m.mu.Unlock()
			return names, nil
		}
		wake, lease := m.wake.wait(), time.Duration(-1)
		if len(m.jobs.leases) > 0 {
			lease = max(0, time.Duration(m.jobs.leases[0].due-m.wall()))
		}
		m.mu.Unlock()
		if err := m.await(ctx, wake, lease); err != nil {
			return nil, err
		}
	}
}

// await returns at a wake, at the end of a lease (unless negative), at Close, or with ctx's error.
func (m *Memory) await(ctx context.Context, wake <-chan struct{}, lease time.Duration) error {
	var ends <-chan time.Time
	if lease >= 0 {
		timer := time.NewTimer(lease)
		defer timer.Stop()
		ends = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-m.closed:
	case <-wake:
	case <-ends:
	}
	return nil
}

// takeChanged returns and clears the names of changed accounts.
func (m *Memory) takeChanged() []string {
	if len(m.changed) == 0 {
		return nil
	}
	names := make([]string, len(m.changed))
	for i, a := range m.changed {
		names[i] = a.name
		a.dirty = false
		m.forget(a)
	}
	m.changed = nil
	return names
}

// noteNext marks an account as changed if its earliest claimable job is not the one reported last.
func (m *Memory) noteNext(a *account) {
	it, _ := m.jobs.head(a)
	if it.due == a.known {
		return
	}
	a.known = it.due
	if !a.dirty {
		a.dirty = true
		m.changed = append(m.changed, a)
		m.wake.fire()
	}
}

// expire makes jobs with expired leases claimable again.
func (m *Memory) expire() {
	if len(m.jobs.leases) == 0 {
		return
	}
	for now := m.wall(); ; {
		a, ok := m.jobs.expire(now)
		if !ok {
			return
		}
		m.noteNext(a)
	}
}
