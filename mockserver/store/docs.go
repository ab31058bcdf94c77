package store

import (
	"fmt"
	"slices"
	"strings"
)

// docOverhead is the memory of a document beyond key and data: its slots in the map and in the eviction queue.
const docOverhead = 128

// record is a stored document. The map holds values, which saves an allocation per document.
type record struct {
	data []byte
	rev  uint64
	done uint64 // unique number of its finish, increasing; 0 if not finished

	keepers int32 // jobs that keep it
	waits   bool  // it is finished once no job keeps it
}

// finished is a document's place in the eviction queue. It is valid while the document has the same number; a document
// that is no longer finished leaves an invalid place behind.
type finished struct {
	key  string
	done uint64
}

// docs groups documents by partition, so that operations on one account never touch those of another.
type docs struct {
	parts   map[string]map[string]record // by partition, then by full key
	n       int
	peak    int // largest number of partitions since the map was made; maps do not shrink
	queue   queue[finished]
	done    int
	bytes   int64 // of finished documents
	live    int64 // bytes of the others
	last    uint64
	evicted uint64
}

// partition returns the beginning of a key up to its first KeySeparator; empty for a key without one.
func partition(key string) string { return key[:strings.IndexByte(key, KeySeparator[0])+1] }

func (d *docs) get(key string) (record, bool) {
	h, ok := d.parts[partition(key)][key]
	return h, ok
}

func (d *docs) set(key string, h record) {
	name := partition(key)
	part := d.parts[name]
	if part == nil {
		part = make(map[string]record)
		d.parts[name] = part
		d.peak = max(d.peak, len(d.parts))
	}
	before := len(part)
	if was, ok := part[key]; ok && was.done == 0 {
		d.live -= docSize(key, was.data)
	}
	if h.done == 0 {
		d.live += docSize(key, h.data)
	}
	part[key] = h
	d.n += len(part) - before
}

// list returns the documents with keys that have the prefix and follow after, ordered by key.
func (d *docs) list(prefix, after string, limit int) []Doc {
	var found []Doc
	for key, h := range d.parts[partition(prefix)] {
		if strings.HasPrefix(key, prefix) && key > after {
			found = append(found, Doc{Key: key, Rev: h.rev, Data: h.data, Done: h.done != 0 || h.waits})
		}
	}
	slices.SortFunc(found, func(a, b Doc) int { return strings.Compare(a.Key, b.Key) })
	return found[:min(limit, len(found))]
}

// check rejects documents with an outdated revision.
func (d *docs) check(changed []Doc) error {
	if key, twice := repeated(changed, func(c *Doc) string { return c.Key }); twice {
		return fmt.Errorf("store: duplicate document %q in one change", key)
	}
	for i := range changed {
		c := &changed[i]
		if c.Key == "" {
			return fmt.Errorf("store: document %d has no key", i)
		}
		if have, _ := d.get(c.Key); have.rev != c.Rev {
			rev := have.rev
			return fmt.Errorf("store: document %q is at revision %d, not %d: %w", c.Key, rev, c.Rev, ErrConflict)
		}
	}
	return nil
}

// put stores or deletes a document that passed check. keepers is the number of the change's jobs that keep it.
func (d *docs) put(c *Doc, keepers int32) {
	was, _ := d.get(c.Key)
	if was.done != 0 {
		d.done--
		d.bytes -= docSize(c.Key, was.data)
	}
	if c.Data == nil {
		if was.rev != 0 {
			d.drop(c.Key)
		}
		return
	}
	now := record{data: c.Data, rev: c.Rev + 1, keepers: was.keepers + keepers}
	switch {
	case c.Done && now.keepers > 0:
		now.waits = true
	case c.Done:
		d.finish(c.Key, &now, was.done)
	}
	d.set(c.Key, now)
}

// finish marks a document as finished, in its place from when it finished first, if that is not 0.
func (d *docs) finish(key string, h *record, place uint64) {
	d.done++
	d.bytes += docSize(key, h.data)
	if h.done = place; place == 0 {
		d.last++
		h.done = d.last
		d.queue.push(finished{key, h.done}, 0)
	}
}

// keep adds a job that keeps a document. A missing document needs no keeping.
func (d *docs) keep(key string) {
	h, ok := d.get(key)
	if !ok {
		return
	}
	h.keepers++
	if h.done != 0 {
		d.done--
		d.bytes -= docSize(key, h.data)
		h.done, h.waits = 0, true
	}
	d.set(key, h)
}

// release removes a job that kept a document, and finishes the document if it was the last one.
func (d *docs) release(key string) {
	h, ok := d.get(key)
	if !ok || h.keepers == 0 { // it was deleted meanwhile
		return
	}
	if h.keepers--; h.keepers == 0 && h.waits {
		h.waits = false
		d.finish(key, &h, 0)
	}
	d.set(key, h)
}

func (d *docs) drop(key string) {
	name := partition(key)
	part := d.parts[name]
	before := len(part)
	if was, ok := part[key]; ok && was.done == 0 {
		d.live -= docSize(key, was.data)
	}
	delete(part, key)
	d.n -= before - len(part)
	if len(part) > 0 {
		return
	}
	delete(d.parts, name) // frees its memory
	if len(d.parts) > 0 {
		return
	}
	if d.peak > 1024 {
		d.parts = make(map[string]map[string]record)
	}
	d.peak = 0
}

// evict removes the documents that finished first until the rest fits.
func (d *docs) evict(r *Retention) {
	for d.done > r.DoneDocs || d.bytes > r.DoneBytes {
		f := d.queue.pop()
		if h, _ := d.get(f.key); h.done == f.done {
			d.done--
			d.bytes -= docSize(f.key, h.data)
			d.drop(f.key)
			d.evicted++
		}
	}
	if d.queue.n > 2*d.done+64 { // mostly invalid places
		for range d.queue.n {
			f := d.queue.pop()
			if h, _ := d.get(f.key); h.done == f.done {
				d.queue.push(f, 0)
			}
		}
	}
}

func docSize(key string, data []byte) int64 { return int64(len(key)+len(data)) + docOverhead }

// repeated returns a name that occurs twice in a list.
func repeated[T any](list []T, name func(*T) string) (string, bool) {
	if len(list) <= 16 {
		for i := range list {
			for j := range i {
				if name(&list[i]) == name(&list[j]) {
					return name(&list[i]), true
				}
			}
		}
		return "", false
	}
	seen := make(map[string]struct{}, len(list))
	for i := range list {
		n := name(&list[i])
		if _, twice := seen[n]; twice {
			return n, true
		}
		seen[n] = struct{}{}
	}
	return "", false
}
