package run

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// A provider's lists, such as the response to GET /verifications, show runs by age. A list is pages of references, so that
// reading its end costs the same however much the account holds, and one document of a page is kept for many runs.

// perPage is the number of references of a full page.
const perPage = 64

// maxPages limits what Listed reads where most runs were removed since.
const maxPages = 16

// latest is the page that is not full yet.
type latest struct {
	Full uint64   `json:"full"` // pages before it
	Runs []string `json:"runs"`
}

// Enlist appends a new run to a list of its provider.
func (r *Run) Enlist(ctx context.Context, t *tx.Tx, list string) error {
	doc, last, err := readLatest(ctx, t, t.Account(), r.Provider, list)
	if err != nil {
		return err
	}
	if len(last.Runs) == perPage {
		last.Full++
		data, err := json.Marshal(last.Runs)
		if err != nil {
			return err
		}
		t.Put(store.Doc{Key: tx.ListKey(t.Account(), r.Provider, list, last.Full), Data: data, Done: true})
		last.Runs = nil
	}
	last.Runs = append(last.Runs, r.Reference)
	if doc.Data, err = json.Marshal(last); err != nil {
		return err
	}
	t.Put(doc)
	return nil
}

// Listed returns at most limit runs of a list that are kept and not removed, the latest first.
func Listed(ctx context.Context, from Reader, account, provider, list string, limit int) ([]*Run, error) {
	_, last, err := readLatest(ctx, from, account, provider, list)
	if err != nil {
		return nil, err
	}
	var runs []*Run
	page, references := last.Full, last.Runs
	for pages := 1; ; pages++ {
		for _, reference := range slices.Backward(references) {
			if len(runs) == limit {
				return runs, nil
			}
			r, err := Find(ctx, from, account, provider, reference)
			if err != nil {
				return nil, err
			}
			if r != nil && !r.Removed {
				runs = append(runs, r)
			}
		}
		if page == 0 || pages == maxPages {
			return runs, nil
		}
		doc, err := from.Get(ctx, tx.ListKey(account, provider, list, page))
		if errors.Is(err, store.ErrNotFound) { // retention evicted it, and what is older
			return runs, nil
		}
		if err != nil {
			return nil, err
		}
		references = nil
		if err := json.Unmarshal(doc.Data, &references); err != nil {
			return nil, fmt.Errorf("list %s: %w", doc.Key, err)
		}
		page--
	}
}

// readLatest returns the document of a list's latest runs, and what it says.
func readLatest(ctx context.Context, from Reader, account, provider, list string) (doc store.Doc, last latest, err error) {
	key := tx.ListKey(account, provider, list, 0)
	doc, err = from.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Doc{Key: key}, latest{}, nil
	}
	if err == nil {
		if err = json.Unmarshal(doc.Data, &last); err != nil {
			err = fmt.Errorf("list %s: %w", key, err)
		}
	}
	return doc, last, err
}
