package store

import (
	"context"
	"strings"
	"time"
)

// Drop implements Store. Its cost grows with the prefixes' partitions and with the account's jobs.
func (m *Memory) Drop(_ context.Context, account string, prefixes ...string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return ErrClosed
	}
	for _, prefix := range prefixes {
		for key, h := range m.docs.parts[partition(prefix)] {
			if strings.HasPrefix(key, prefix) {
				m.docs.put(&Doc{Key: key, Rev: h.rev}, 0)
			}
		}
	}
	if a := m.accounts[account]; a != nil {
		m.schedule(&Change{Done: m.jobs.of(a)})
	}
	return nil
}

// Pending implements Store.
func (m *Memory) Pending(_ context.Context, account string) (pending, held int, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return 0, 0, ErrClosed
	}
	if a := m.accounts[account]; a != nil {
		return a.jobs - a.held, a.held, nil
	}
	return 0, 0, nil
}

// Held implements Store.
func (m *Memory) Held(_ context.Context, account, hold string) (Job, int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return Job{}, 0, ErrClosed
	}
	a := m.accounts[account]
	if a == nil || a.holds[hold] == nil {
		return Job{}, 0, nil
	}
	l := a.holds[hold]
	h := m.jobs.at(m.jobs.first(l).slot)
	return Job{ID: h.id, Account: account, Due: time.Unix(0, h.due).UTC(), Payload: h.payload, Value: h.value, Keeps: h.keeps, Hold: hold}, l.jobs, nil
}

// Peek implements Store.
func (m *Memory) Peek(_ context.Context, account, name string, until time.Time) (Job, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isClosed {
		return Job{}, false, ErrClosed
	}
	a := m.accounts[account]
	if a == nil || a.lanes[name] == nil || !a.lanes[name].claimed {
		return Job{}, false, nil
	}
	it := m.jobs.first(a.lanes[name])
	if it.ord == 0 || it.due > Nanos(until) {
		return Job{}, false, nil
	}
	h := m.jobs.at(it.slot)
	return Job{ID: h.id, Account: account, Lane: name, Due: time.Unix(0, h.due).UTC(), Payload: h.payload, Value: h.value, Keeps: h.keeps}, true, nil
}
