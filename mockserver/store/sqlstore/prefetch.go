package sqlstore

import (
	"context"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// fresh is how long documents that were read ahead are used: as long as the work of a request takes, about.
const fresh = 50 * time.Millisecond

// prefetched are documents that were read together. Their readers would otherwise wait for a round trip each.
type prefetched struct {
	mu    sync.Mutex
	until time.Time
	docs  map[string]*store.Doc // nil for one that does not exist
}

type prefetchedKey struct{}

// Prefetch reads four documents at once and returns a context with which Get returns them as they were, until a commit with it, which
// may conflict with changes since, and for 50 ms at most.
func (s *Store) Prefetch(ctx context.Context, keys [4]string) (context.Context, error) {
	p := &prefetched{docs: map[string]*store.Doc{}}
	for _, key := range keys {
		p.docs[key] = nil
	}
	err := s.read(ctx, query("SELECT rev, data, CASE WHEN done > 0 THEN 1 ELSE waits END, key FROM idmock_docs WHERE key IN ($1, $2, $3, $4)",
		func(scan func(...any) error) error {
			doc, key := &store.Doc{}, []byte{}
			if err := scanDoc(scan, doc, &key); err != nil {
				return err
			}
			doc.Key = string(key)
			p.docs[doc.Key] = doc
			return nil
		}, text(keys[0]), text(keys[1]), text(keys[2]), text(keys[3])))
	if err != nil {
		return ctx, err
	}
	p.until = time.Now().Add(fresh)
	return context.WithValue(ctx, prefetchedKey{}, p), nil
}

// ahead returns a document that was read ahead with a context. It reports false if none was, or no longer counts.
func ahead(ctx context.Context, key string) (doc *store.Doc, ok bool) {
	p, _ := ctx.Value(prefetchedKey{}).(*prefetched)
	if p == nil {
		return nil, false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if doc, ok = p.docs[key]; ok && time.Now().After(p.until) {
		p.docs, ok = nil, false
	}
	return doc, ok
}

// forgetAhead has readers with a context read the documents again.
func forgetAhead(ctx context.Context) {
	if p, _ := ctx.Value(prefetchedKey{}).(*prefetched); p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.docs = nil
	}
}
