package mockserver

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/idmock/idmock/mockserver/store"
)

// runs are the runs of one account in the order in which they began, for what is done to all of them: the store finds a
// run by its key alone. Some may be gone from the store already. The zero value holds none.
type runs struct {
	mu    sync.Mutex
	all   []kept
	limit int // how many there may be before those that are gone are let go
}

// kept is what tells whether a run is meant, without a look at the run.
type kept struct {
	provider, reference, scenario, subject string
	edition                                int // of the library that the scenario is taken from
}

// fewRuns are not worth looking for those that are gone.
const fewRuns = 1024

func (r *runs) list() []kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// add notes a run. It costs nothing that grows with the runs, taken over many of them.
func (r *runs) add(ctx context.Context, s store.Store, account string, one *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) >= max(r.limit, fewRuns) {
		r.all = slices.DeleteFunc(r.all, func(have kept) bool {
			_, err := s.Get(ctx, runKey(account, have.provider, have.reference))
			return errors.Is(err, store.ErrNotFound)
		})
		r.limit = 2 * len(r.all)
	}
	r.all = append(r.all, kept{one.Provider, one.Reference, one.Scenario, one.Subject, one.Edition})
}
