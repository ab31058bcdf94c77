package account

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// Numbers are taken from the store in blocks. A process that is killed leaves the rest of its blocks unused; processes that share
// a store take smaller ones, as an account's requests come to any of them.
const (
	ownBlock    = 256
	sharedBlock = 16
)

// numbersTimeout is how long the store may take to give numbers.
const numbersTimeout = 5 * time.Second

// numbers are the numbers of an account's IDs, in a store that outlives the process.
type numbers struct {
	store store.Store
	key   string
	block uint64

	mu        sync.Mutex
	next, end uint64 // the next one, and the first that is not reserved
	rev       uint64 // of the document when it was written last
}

func newNumbers(s *Accounts, name string) *numbers {
	n := &numbers{store: s.store, key: tx.NumbersKey(name), block: ownBlock}
	if s.records.shared {
		n.block = sharedBlock
	}
	return n
}

// take returns the next number. While the store is unavailable it is a random one, for work that cannot be committed anyway.
func (n *numbers) take() uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == n.end {
		ctx, cancel := context.WithTimeout(context.Background(), numbersTimeout)
		defer cancel()
		if err := tx.Retry(func() error { return n.reserve(ctx) }, func() bool { return ctx.Err() == nil }); err != nil {
			return 1<<39 | rand.Uint64N(1<<39)
		}
	}
	n.next++
	return n.next
}

// reserve takes a block. The caller holds n.mu.
func (n *numbers) reserve(ctx context.Context) error {
	last, rev, err := n.read(ctx)
	if err != nil {
		return err
	}
	if err := n.write(ctx, last+n.block, rev); err != nil {
		return err
	}
	n.next, n.end = last, last+n.block
	return nil
}

func (n *numbers) read(ctx context.Context) (last, rev uint64, err error) {
	doc, err := n.store.Get(ctx, n.key)
	if errors.Is(err, store.ErrNotFound) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, err
	}
	last, err = strconv.ParseUint(string(doc.Data), 10, 64)
	return last, doc.Rev, err
}

func (n *numbers) write(ctx context.Context, last, rev uint64) error {
	_, err := n.store.Commit(ctx, store.Change{Docs: []store.Doc{{Key: n.key, Rev: rev, Data: strconv.AppendUint(nil, last, 10)}}})
	if err == nil {
		n.rev = rev + 1
	}
	return err
}

// giveBack returns the unused part of the block, if no other process took one behind it.
func (n *numbers) giveBack(ctx context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.next == n.end {
		return nil
	}
	unused := n.next
	err := n.write(ctx, unused, n.rev)
	n.next = n.end
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// Close gives numbers back that accounts have not used, so that they go on without a gap when the server starts again.
func Close(ctx context.Context, s *Accounts) error {
	if s.records == nil {
		return nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var all []error
	for _, a := range s.accounts {
		all = append(all, a.numbers.giveBack(ctx))
	}
	return errors.Join(all...)
}
