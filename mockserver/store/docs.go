package store

import (
	"fmt"
	"slices"
	"strings"
)

// docOverhead is what a document costs beyond its key and data: its place in the map and in the queue of the finished.
const docOverhead = 128

// held is a document as the map keeps it: a value, for a million of them are a million allocations less.
type held struct {
	data []byte
	rev  uint64
	done uint64 // when it was finished, as a number that is never used twice; 0 when it is not
}

// finished is a document's place in the queue of what may be dropped. It counts while the document has the same
// number; a document that has come back to life leaves it behind.
type finished struct {
	key  string
	done uint64
}

// docs holds documents by partition, so that what is done to all of one account looks at no other's.
type docs struct {
	parts   map[string]map[string]held // by partition, then by whole key
	n       int
	peak    int // most partitions since the map was made: maps do not shrink
	queue   queue[finished]
	done    int
	bytes   int64 // of those done
	last    uint64
	evicted uint64
}

// partition is what a key begins with, up to its first KeySeparator; empty for a key without one.
func partition(key string) string { return key[:strings.IndexByte(key, KeySeparator[0])+1] }

func (d *docs) get(key string) (held, bool) {
	h, ok := d.parts[partition(key)][key]
	return h, ok
}

func (d *docs) set(key string, h held) {
	name := partition(key)
	part := d.parts[name]
	if part == nil {
		part = make(map[string]held)
		d.parts[name] = part
		d.peak = max(d.peak, len(d.parts))
	}
	before := len(part)
	part[key] = h
	d.n += len(part) - before
}

// list returns the documents of a partition whose keys begin with prefix and come after a key, in the order of their keys.
func (d *docs) list(prefix, after string, limit int) []Doc {
	var all []Doc
	for key, h := range d.parts[partition(prefix)] {
		if strings.HasPrefix(key, prefix) && key > after {
			all = append(all, Doc{Key: key, Rev: h.rev, Data: h.data, Done: h.done != 0})
		}
	}
	slices.SortFunc(all, func(a, b Doc) int { return strings.Compare(a.Key, b.Key) })
	return all[:min(limit, len(all))]
}

// check refuses documents that are not at the revision given.
func (d *docs) check(changed []Doc) error {
	if key, twice := repeated(changed, func(c *Doc) string { return c.Key }); twice {
		return fmt.Errorf("store: document %q is twice in one change", key)
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

// put stores or deletes a document that check has let pass.
func (d *docs) put(c *Doc) {
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
	now := held{data: c.Data, rev: c.Rev + 1}
	if c.Done {
		d.done++
		d.bytes += docSize(c.Key, c.Data)
		if now.done = was.done; now.done == 0 { // else it keeps its place: it was finished then
			d.last++
			now.done = d.last
			d.queue.push(finished{c.Key, now.done}, 0)
		}
	}
	d.set(c.Key, now)
}

func (d *docs) drop(key string) {
	name := partition(key)
	part := d.parts[name]
	before := len(part)
	delete(part, key)
	d.n -= before - len(part)
	if len(part) > 0 {
		return
	}
	delete(d.parts, name) // its memory goes with it
	if len(d.parts) > 0 {
		return
	}
	if d.peak > 1024 {
		d.parts = make(map[string]map[string]held)
	}
	d.peak = 0
}

// evict drops the documents that finished first until the rest is within bounds.
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
	if d.queue.n > 2*d.done+64 { // mostly places left behind
		for range d.queue.n {
			f := d.queue.pop()
			if h, _ := d.get(f.key); h.done == f.done {
				d.queue.push(f, 0)
			}
		}
	}
}

func docSize(key string, data []byte) int64 { return int64(len(key)+len(data)) + docOverhead }

// repeated finds a name that a change lists twice.
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
