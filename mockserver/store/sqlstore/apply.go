package sqlstore

import (
	"fmt"
	"math"

	"github.com/idmock/idmock/mockserver/store"
)

// encode returns the payloads of a change's jobs.
func encode(c *store.Change) ([][]byte, error) {
	payloads := make([][]byte, len(c.Jobs))
	for i := range c.Jobs {
		var err error
		if payloads[i], err = c.Jobs[i].Bytes(); err != nil {
			return nil, fmt.Errorf("job %q: %w", c.Jobs[i].ID, err)
		}
	}
	return payloads, nil
}

// valid rejects a change that contradicts itself.
func valid(c *store.Change) error {
	docs, done, jobs := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for i := range c.Docs {
		key := c.Docs[i].Key
		if key == "" {
			return fmt.Errorf("store: document %d has no key", i)
		}
		if docs[key] {
			return fmt.Errorf("store: duplicate document %q in one change", key)
		}
		docs[key] = true
	}
	for _, id := range c.Done {
		if done[id] {
			return fmt.Errorf("store: duplicate done job %q in one change", id)
		}
		done[id] = true
	}
	for i := range c.Jobs {
		id := c.Jobs[i].ID
		if id == "" {
			return fmt.Errorf("store: job %d has no ID", i)
		}
		if jobs[id] {
			return fmt.Errorf("store: duplicate job %q in one change", id)
		}
		jobs[id] = true
	}
	return nil
}

// check rejects a valid change that conflicts with stored rows, and one for which there is no room.
func (v *view) check(c *store.Change, payloads [][]byte, now, limit int64) error {
	for i := range c.Docs {
		if have := v.docRows[c.Docs[i].Key].rev; have != int64(c.Docs[i].Rev) {
			return fmt.Errorf("store: document %q is at revision %d, not %d: %w", c.Docs[i].Key, have, c.Docs[i].Rev, store.ErrConflict)
		}
	}
	done := map[string]bool{}
	for _, id := range c.Done {
		if v.jobRows[id].ord == 0 {
			return fmt.Errorf("store: done job %q: not found: %w", id, store.ErrConflict)
		}
		done[id] = true
	}
	for _, id := range c.Free {
		if v.jobRows[id].lease > now {
			return fmt.Errorf("store: job %q: %w", id, store.ErrClaimed)
		}
	}
	for i := range c.Jobs {
		if id := c.Jobs[i].ID; v.jobRows[id].ord != 0 && !done[id] {
			return fmt.Errorf("store: job %q exists: %w", id, store.ErrConflict)
		}
	}
	if v.liveBytes > limit/2 && v.liveBytes+v.growth(c, payloads) > limit {
		return fmt.Errorf("%w: %d MiB of runs and webhooks under way", store.ErrFull, limit>>20)
	}
	return nil
}

// growth is how much a change adds to the rows that retention never evicts; little if it adds no document and no job, which must always
// be possible.
func (v *view) growth(c *store.Change, payloads [][]byte) (n int64) {
	adds := len(c.Jobs) > len(c.Done)
	for i := range c.Docs {
		doc := &c.Docs[i]
		if was := v.docRows[doc.Key]; was.rev != 0 && was.done == 0 {
			n -= docSize(doc.Key, was.size)
		}
		if doc.Data != nil && !doc.Done {
			n += docSize(doc.Key, int64(len(doc.Data)))
			adds = adds || doc.Rev == 0
		}
	}
	for i := range c.Jobs {
		n += jobSize(c.Jobs[i].ID, int64(len(payloads[i])))
	}
	for _, id := range c.Done {
		n -= jobSize(id, v.jobRows[id].size)
	}
	if !adds || n < 0 {
		return math.MinInt64 / 2
	}
	return n
}

// apply makes a change that passed check.
func (v *view) apply(c *store.Change, payloads [][]byte) {
	for i := range c.Docs {
		v.put(&c.Docs[i], c.Jobs)
	}
	for _, e := range c.Entries {
		v.head++
		e.Seq = uint64(v.head)
		v.entryBytes += entrySize(&e)
		v.entries = append(v.entries, e)
	}
	for _, id := range c.Done {
		v.remove(id)
	}
	for i := range c.Jobs {
		v.add(&c.Jobs[i], payloads[i])
		if keeps := c.Jobs[i].Keeps; keeps != "" && !puts(c, keeps) {
			v.keep(keeps)
		}
	}
}

func puts(c *store.Change, key string) bool {
	for i := range c.Docs {
		if c.Docs[i].Key == key {
			return true
		}
	}
	return false
}

// uncount takes a document out of the counters, and count puts it in.
func (v *view) uncount(key string, d *docRow) { v.count(key, d, -1) }

func (v *view) count(key string, d *docRow, sign int64) {
	if d.rev == 0 {
		return
	}
	v.docs += sign
	if d.done != 0 {
		v.doneDocs += sign
		v.doneBytes += sign * docSize(key, d.size)
	} else {
		v.liveBytes += sign * docSize(key, d.size)
	}
}

// put stores or deletes a document. jobs are those of the same change.
func (v *view) put(c *store.Doc, jobs []store.Job) {
	d := v.docRows[c.Key]
	v.uncount(c.Key, d)
	d.dirty = true
	if c.Data == nil {
		*d = docRow{stored: d.stored, dirty: true}
		return
	}
	d.rev, d.size, d.data = int64(c.Rev)+1, int64(len(c.Data)), c.Data
	for i := range jobs {
		if jobs[i].Keeps == c.Key {
			d.keepers++
		}
	}
	place := d.done
	d.done, d.waits = 0, 0
	switch {
	case c.Done && d.keepers > 0:
		d.waits = 1
	case c.Done:
		v.finish(d, place)
	}
	v.count(c.Key, d, 1)
}

// finish marks a document as finished, in its place from when it finished first, if that is not 0.
func (v *view) finish(d *docRow, place int64) {
	if d.done = place; place == 0 {
		v.finishes++
		d.done = v.finishes
	}
}

// keep adds a job that keeps a document. A missing document needs no keeping.
func (v *view) keep(key string) {
	d := v.docRows[key]
	if d == nil || d.rev == 0 {
		return
	}
	v.uncount(key, d)
	d.dirty = true
	d.keepers++
	if d.done != 0 {
		d.done, d.waits = 0, 1
	}
	v.count(key, d, 1)
}

// release removes a job that kept a document, and finishes the document if it was the last one.
func (v *view) release(key string) {
	d := v.docRows[key]
	if d == nil || d.rev == 0 || d.keepers == 0 { // it was deleted meanwhile
		return
	}
	v.uncount(key, d)
	d.dirty = true
	if d.keepers--; d.keepers == 0 && d.waits == 1 {
		d.waits = 0
		v.finish(d, 0)
	}
	v.count(key, d, 1)
}

func (v *view) remove(id string) {
	j := v.jobRows[id]
	v.countJob(id, j, -1)
	v.woken = append(v.woken, waking{account: j.account, due: j.due, lane: j.lane, lease: j.lease, held: j.hold != "", gone: true})
	if j.keeps != "" {
		v.release(j.keeps)
	}
	*j = jobRow{stored: j.stored}
}

func (v *view) add(job *store.Job, payload []byte) {
	v.orders++
	j := v.jobRows[job.ID]
	*j = jobRow{ord: v.orders, account: job.Account, lane: job.Lane, hold: job.Hold, keeps: job.Keeps, due: store.Nanos(job.Due),
		size: int64(len(payload)), stored: j.stored, added: job, payload: payload}
	v.countJob(job.ID, j, 1)
	v.woken = append(v.woken, waking{account: j.account, due: j.due, held: j.hold != ""})
}

func (v *view) countJob(id string, j *jobRow, sign int64) {
	v.jobs += sign
	v.liveBytes += sign * jobSize(id, j.size)
	delta := v.accounts[j.account]
	if delta == nil {
		delta = &accountDelta{}
		v.accounts[j.account] = delta
	}
	if j.hold != "" {
		v.heldJobs += sign
		delta.held += sign
		return
	}
	delta.pending += sign
	if j.lane != "" {
		v.lanes[lane{j.account, j.lane}] = struct{}{}
	}
}
