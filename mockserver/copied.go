package mockserver

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// maxCopied bounds the messages that are kept for copies to come.
const maxCopied = 1024

// copied are messages of which a copy is to be sent that is the same to the last byte, the newest of them. A copy of one
// that is no longer here is rendered and signed again, which gives the same bytes wherever no time is signed. The zero
// value is empty.
type copied struct {
	mu       sync.Mutex
	messages map[string]*prepared
	order    []string // of their coming
}

// keep keeps a message for its copies and returns the one that was kept first: copies may be prepared at once.
func (c *copied) keep(original string, m *prepared) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	if have := c.messages[original]; have != nil {
		return have
	}
	if c.messages == nil {
		c.messages = map[string]*prepared{}
	}
	if len(c.order) == maxCopied {
		delete(c.messages, c.order[0])
		c.order = c.order[1:]
	}
	one := *m
	c.messages[original], c.order = &one, append(c.order, original)
	return &one
}

func (c *copied) find(original string) *prepared {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.messages[original]
}

// drop forgets an account's messages.
func (c *copied) drop(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.order = slices.DeleteFunc(c.order, func(key string) bool { return strings.HasPrefix(key, prefix) })
	maps.DeleteFunc(c.messages, func(key string, _ *prepared) bool { return strings.HasPrefix(key, prefix) })
}
