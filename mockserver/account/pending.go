package account

import (
	"context"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// PendingScenario is a scenario chosen in advance for requests to come. How many it was used for is in a document of its
// own: a request writes that and not the settings, which grow with the pending scenarios.
type PendingScenario struct {
	ID       int    `json:"id"`
	Provider string `json:"provider"`
	Scenario string `json:"scenario"`
	Subject  string `json:"subject,omitempty"` // only for this subject
	Requests int    `json:"requests,omitzero"` // how many it is for; 0: until a reset
}

// queues finds pending scenarios, however many: by provider and subject, and there by scenario.
type queues map[Target][]*queue

// Target limits a pending scenario.
type Target struct{ Provider, Subject string }

// queue is one scenario, pending several times for the same requests. They are used up in order.
type queue struct {
	scenario string
	all      []PendingScenario
	first    atomic.Int64 // those before it are used up: a cache of the counts
}

func newQueues(all []PendingScenario) queues {
	if len(all) == 0 {
		return nil
	}
	index := queues{}
	for _, p := range all {
		key := Target{p.Provider, p.Subject}
		i := slices.IndexFunc(index[key], func(q *queue) bool { return q.scenario == p.Scenario })
		if i < 0 {
			i = len(index[key])
			index[key] = append(index[key], &queue{scenario: p.Scenario})
		}
		index[key][i].all = append(index[key][i].all, p)
	}
	return index
}

// next returns the first that is not used up, with the document that counts its requests; not ok if none is left.
func (q *queue) next(ctx context.Context, t *tx.Tx, account string) (p PendingScenario, count store.Doc, ok bool, err error) {
	for {
		i := q.first.Load()
		if i >= int64(len(q.all)) {
			return PendingScenario{}, store.Doc{}, false, nil
		}
		if p = q.all[i]; p.Requests == 0 {
			return p, store.Doc{}, true, nil
		}
		if count, err = t.Find(ctx, tx.PendingCountKey(account, p.ID)); err != nil {
			return PendingScenario{}, store.Doc{}, false, err
		}
		if used(count) < p.Requests {
			return p, count, true, nil
		}
		q.first.CompareAndSwap(i, i+1)
	}
}

// used is how many requests a document counts; 0 for one that does not exist.
func used(count store.Doc) int {
	n, _ := strconv.Atoi(string(count.Data))
	return n
}

// Choice is a pending scenario that was chosen.
type Choice struct {
	Scenario string
	count    store.Doc // counts its requests; without key: they are not counted
}

// Use counts a request in a unit of work.
func (c Choice) Use(t *tx.Tx) {
	if c.count.Key != "" {
		c.count.Data = strconv.AppendInt(nil, int64(used(c.count))+1, 10)
		t.Put(c.count)
	}
}

// NextPending returns the earliest pending scenario of an account, or else of the default account, that is for a target
// and that takes accepts; not ok if there is none.
func (s *Accounts) NextPending(ctx context.Context, t *tx.Tx, a *Account, target Target, takes func(scenario string) (bool, error)) (choice Choice, ok bool, err error) {
	layers, err := s.Layers(ctx, t, a)
	if err != nil {
		return Choice{}, false, err
	}
	for _, layer := range layers {
		lines := layer.queues[target]
		if target.Subject != "" {
			lines = slices.Concat(lines, layer.queues[Target{Provider: target.Provider}])
		}
		best := 0
		for _, line := range lines {
			if takes, err := takes(line.scenario); err != nil {
				return Choice{}, false, err
			} else if !takes {
				continue
			}
			p, count, left, err := line.next(ctx, t, layer.name)
			if err != nil {
				return Choice{}, false, err
			}
			if left && (!ok || p.ID < best) {
				ok, best, choice = true, p.ID, Choice{line.scenario, count}
			}
		}
		if ok {
			return choice, true, nil
		}
	}
	return Choice{}, false, nil
}

// AddPending adds a pending scenario to an account and assigns its ID.
func (s *Accounts) AddPending(ctx context.Context, a *Account, p PendingScenario) error {
	return tx.Retry(func() error {
		t := tx.Begin(s.store, unguarded{a}, a.Now())
		t.Log(journal.Armed{Scenario: p.Scenario, Provider: p.Provider, Remaining: p.Requests, Subject: p.Subject})
		if err := s.Edit(ctx, t, a, func(set *Settings) (err error) {
			if set.Pending, err = unused(ctx, t, a, set.Pending); err != nil {
				return err
			}
			set.LastID++
			p.ID = set.LastID
			set.Pending = append(set.Pending, p)
			return nil
		}); err != nil {
			return err
		}
		return t.Commit(ctx)
	}, nil)
}

// unused returns the pending scenarios that are not used up, and marks the counts of the others as finished, so that
// retention drops them: not at once, as a request may be under way with the earlier settings.
func unused(ctx context.Context, t *tx.Tx, a *Account, all []PendingScenario) ([]PendingScenario, error) {
	var left []PendingScenario
	for _, p := range all {
		if p.Requests > 0 {
			count, err := t.Find(ctx, tx.PendingCountKey(a.name, p.ID))
			if err != nil {
				return nil, err
			}
			if used(count) >= p.Requests {
				count.Done = true
				t.Put(count)
				continue
			}
		}
		left = append(left, p)
	}
	return left, nil
}
