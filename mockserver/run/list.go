package run

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// Provider's lists, such as the response to GET /verifications, show runs by age. A list is numbered documents, so that
// reading its end costs the same however much the account holds.

// maxLooked limits what Listed reads where most runs were removed since.
const maxLooked = 1000

// Enlist appends a new run to a list of its provider.
func (r *Run) Enlist(ctx context.Context, t *tx.Tx, list string) error {
	count, n, err := listed(ctx, t, t.Account(), r.Provider, list)
	if err != nil {
		return err
	}
	t.Put(store.Doc{Key: tx.ListKey(t.Account(), r.Provider, list, n+1), Data: []byte(r.Reference), Done: true})
	count.Data = strconv.AppendUint(nil, n+1, 10)
	t.Put(count)
	return nil
}

// Listed returns at most limit runs of a list that are kept and not removed, the latest first.
func Listed(ctx context.Context, from Reader, account, provider, list string, limit int) ([]*Run, error) {
	_, n, err := listed(ctx, from, account, provider, list)
	if err != nil {
		return nil, err
	}
	var runs []*Run
	for looked := 0; n > 0 && len(runs) < limit && looked < maxLooked; looked++ {
		entry, err := from.Get(ctx, tx.ListKey(account, provider, list, n))
		n--
		if errors.Is(err, store.ErrNotFound) { // retention evicted it
			continue
		}
		if err != nil {
			return nil, err
		}
		r, err := Find(ctx, from, account, provider, string(entry.Data))
		if err != nil {
			return nil, err
		}
		if r != nil && !r.Removed {
			runs = append(runs, r)
		}
	}
	return runs, nil
}

// listed returns the document that counts a list's runs, and their number.
func listed(ctx context.Context, from Reader, account, provider, list string) (doc store.Doc, n uint64, err error) {
	key := tx.ListKey(account, provider, list, 0)
	doc, err = from.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Doc{Key: key}, 0, nil
	}
	if err == nil {
		if n, err = strconv.ParseUint(string(doc.Data), 10, 64); err != nil {
			err = fmt.Errorf("list %s: %w", key, err)
		}
	}
	return doc, n, err
}
