package store

import "fmt"

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

type docs struct {
	held    map[string]held
	peak    int // the most held since the map was made: maps do not shrink
	queue   queue[finished]
	done    int
	bytes   int64 // of those done
	last    uint64
	evicted uint64
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
		if rev := d.held[c.Key].rev; rev != c.Rev {
			return fmt.Errorf("store: document %q is at revision %d, not %d: %w", c.Key, rev, c.Rev, ErrConflict)
		}
	}
	return nil
}

// put stores or deletes a document that check has let pass.
func (d *docs) put(c *Doc) {
	was := d.held[c.Key]
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
	d.held[c.Key] = now
	d.peak = max(d.peak, len(d.held))
}

func (d *docs) drop(key string) {
	delete(d.held, key)
	if len(d.held) == 0 && d.peak > 1024 {
		d.held, d.peak = make(map[string]held), 0
	}
}

// evict drops the documents that finished first until the rest is within bounds.
func (d *docs) evict(r *Retention) {
	for d.done > r.DoneDocs || d.bytes > r.DoneBytes {
		f := d.queue.pop()
		if h := d.held[f.key]; h.done == f.done {
			d.done--
			d.bytes -= docSize(f.key, h.data)
			d.drop(f.key)
			d.evicted++
		}
	}
	if d.queue.n > 2*d.done+64 { // mostly places left behind
		for range d.queue.n {
			if f := d.queue.pop(); d.held[f.key].done == f.done {
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
