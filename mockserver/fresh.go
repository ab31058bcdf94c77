package mockserver

import (
	"maps"
	"strings"
	"sync"

	"github.com/idmock/idmock/mockserver/store"
)

// maxFresh bounds the deliveries that are kept decoded.
const maxFresh = 16384

// fresh are deliveries that are due as they are planned, kept as they are until their attempt a moment later: reading
// them back from the store would cost as much as writing them. The store stays the truth, and who is not in here is
// read from there. The zero value is empty.
type fresh struct {
	mu         sync.Mutex
	deliveries map[string]*delivery
}

func (f *fresh) keep(d *delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.deliveries) >= maxFresh {
		return
	}
	if f.deliveries == nil {
		f.deliveries = map[string]*delivery{}
	}
	f.deliveries[d.stored.Key] = d
}

// take returns the delivery of a document, or nil if it is not here as the document has it.
func (f *fresh) take(doc store.Doc) *delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.deliveries[doc.Key]
	if d == nil {
		return nil
	}
	delete(f.deliveries, doc.Key)
	if d.stored.Rev != doc.Rev {
		return nil
	}
	return d
}

// drop forgets an account's deliveries: those that are planned after a reset have the same names.
func (f *fresh) drop(prefix string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	maps.DeleteFunc(f.deliveries, func(key string, _ *delivery) bool { return strings.HasPrefix(key, prefix) })
}

func (f *fresh) forget(keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		delete(f.deliveries, key)
	}
}
