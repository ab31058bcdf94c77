package sqlstore

import (
	"sync"

	"github.com/idmock/idmock/mockserver/store"
)

// Bounds of the journal's end in memory.
const (
	tailEntries = 4096
	tailBytes   = 4 << 20
)

// tail is a cache of the journal's end, and wakes those who follow it.
type tail struct {
	limit int // of entries

	mu      sync.Mutex
	entries []store.Entry // consecutive, up to head
	bytes   int64
	head    uint64
	all     chan struct{}            // closed at the next entry; nil if nothing waits
	waiting map[string]chan struct{} // the same for an account's next entry
}

// reset empties the cache, unless it is at head or further.
func (t *tail) reset(head uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if head > t.head {
		t.entries, t.bytes, t.head = nil, 0, head
		t.fireAll()
	}
}

func (t *tail) fireAll() {
	t.fire(nil)
	for _, c := range t.waiting {
		close(c)
	}
	t.waiting = nil
}

// append adds committed entries, in order. Those that are known already are ignored. Behind a gap, which another process
// committed, it starts anew, and those who wait read from the database.
func (t *tail) append(entries []store.Entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for len(entries) > 0 && entries[0].Seq <= t.head {
		entries = entries[1:]
	}
	if len(entries) == 0 {
		return
	}
	if entries[0].Seq != t.head+1 {
		t.entries, t.bytes = nil, 0
		t.fireAll()
	}
	for i := range entries {
		t.bytes += entrySize(&entries[i])
	}
	t.entries = append(t.entries, entries...)
	t.head = entries[len(entries)-1].Seq
	drop := 0
	for bytes := t.bytes; drop < len(t.entries) && (len(t.entries)-drop > t.limit || bytes > tailBytes); drop++ {
		bytes -= entrySize(&t.entries[drop])
		t.bytes = bytes
	}
	clear(t.entries[:drop]) // the array is kept until append needs a larger one
	t.entries = t.entries[drop:]
	t.fire(entries)
}

func (t *tail) fire(entries []store.Entry) {
	if t.all != nil {
		close(t.all)
		t.all = nil
	}
	if len(t.waiting) == 0 {
		return
	}
	for i := range entries {
		if c := t.waiting[entries[i].Account]; c != nil {
			close(c)
			delete(t.waiting, entries[i].Account)
		}
	}
}

// since returns at most max entries after a Seq, of one account or of all for "", and the Seq up to which that is all there
// is. ok is false if they are not all in memory. If there is none, more is closed at the next one.
func (t *tail) since(account string, after uint64, limit int) (found []store.Entry, head uint64, more <-chan struct{}, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	first := t.head - uint64(len(t.entries))
	if after < first {
		return nil, 0, nil, false
	}
	if after < t.head {
		for _, e := range t.entries[after-first:] {
			if account == "" || e.Account == account {
				if found = append(found, e); len(found) == limit {
					return found, e.Seq, nil, true
				}
			}
		}
	}
	if len(found) == 0 {
		more = t.wait(account)
	}
	return found, t.head, more, true
}

func (t *tail) wait(account string) <-chan struct{} {
	if account == "" {
		if t.all == nil {
			t.all = make(chan struct{})
		}
		return t.all
	}
	if t.waiting == nil {
		t.waiting = map[string]chan struct{}{}
	}
	if t.waiting[account] == nil {
		t.waiting[account] = make(chan struct{})
	}
	return t.waiting[account]
}

// position is the Seq of the last entry that the cache has seen.
func (t *tail) position() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.head
}
