package control

import (
	"context"
	"iter"

	"github.com/idmock/idmock/mockserver/store"
)

// Journal reads the history. A [store.Store] implements it.
type Journal interface {
	// Read returns at most max entries after a Seq without waiting.
	Read(ctx context.Context, account string, after uint64, max int) ([]store.Entry, error)
	// Follow yields existing and future entries after a Seq until ctx ends.
	Follow(ctx context.Context, account string, after uint64) iter.Seq2[[]store.Entry, error]
	// Stats returns the first and last retained Seq, and the number of entries that were dropped.
	Stats(ctx context.Context) (store.Stats, error)
}

var _ Journal = store.Store(nil)
