package delivery

import (
	"maps"
	"strings"
	"sync"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/tx"
)

// maxDecoded bounds the deliveries that are kept decoded.
const maxDecoded = 16384

// decodedCache keeps deliveries that are due as they are planned decoded until their attempt a moment later: reading them
// back would cost as much as writing them. The store stays the truth; the rest is read from there. The zero value
// is empty.
type decodedCache struct {
	mu  sync.Mutex
	all map[string]*Delivery // by key
}

func (c *decodedCache) put(d *Delivery) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.all) >= maxDecoded {
		return
	}
	if c.all == nil {
		c.all = map[string]*Delivery{}
	}
	c.all[d.stored.Key] = d
}

// take removes and returns the delivery of a document, or nil if it is not cached as the document has it.
func (c *decodedCache) take(doc store.Doc) *Delivery {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.all[doc.Key]
	if d == nil {
		return nil
	}
	delete(c.all, doc.Key)
	if d.stored.Rev != doc.Rev {
		return nil
	}
	return d
}

func (c *decodedCache) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.all, key)
}

// dropAccount drops an account's deliveries: those planned after a reset have the same IDs.
func (c *decodedCache) dropAccount(account string) {
	prefix := tx.DeliveryKey(account, "")
	c.mu.Lock()
	defer c.mu.Unlock()
	maps.DeleteFunc(c.all, func(key string, _ *Delivery) bool { return strings.HasPrefix(key, prefix) })
}
