package store

import (
	"fmt"
	"math"
	"time"
)

// never is the due time of an account without claimable jobs.
const never = math.MaxInt64

// job is a stored job. Its item is in its lane's heap while it is unclaimed, and may also be in its account's heap.
type job struct {
	id      string
	payload []byte
	value   Value  // in place of the payload
	keeps   string // key of the document that it keeps
	account *account
	lane    *lane  // nil for Lane ""; the hold for a job with one
	due     int64  // Unix nanoseconds of account time
	ord     uint64 // 0 if the slot is free
	lease   int64  // end of the claim, in Memory.wall time; 0 if unclaimed
	queued  bool   // item is in account.ready

	next, previous uint32 // of the account's list: a slot plus 1, 0 for none
}

const pageBits = 8

// jobs stores jobs in slots that never move, so that growing copies none of them.
type jobs struct {
	index  map[string]uint32 // ID to slot
	pages  [][]job
	used   uint32 // slots used so far
	free   []uint32
	ord    uint64
	leases heap // ordered by the end of the lease
	claims int
	held   int // jobs with a hold
	bytes  int64
}

// jobOverhead is the memory of a job beyond ID and payload: its slot, its items in heaps, and its lane.
const jobOverhead = 256

func jobSize(id string, payload []byte) int64 { return int64(len(id)+len(payload)) + jobOverhead }

func (j *jobs) at(slot uint32) *job { return &j.pages[slot>>pageBits][slot&(1<<pageBits-1)] }

// check rejects changes of jobs that conflict with the stored ones.
func (j *jobs) check(c *Change) error {
	for _, id := range c.Done {
		if _, ok := j.index[id]; !ok {
			return fmt.Errorf("store: done job %q: not found: %w", id, ErrConflict)
		}
	}
	if id, twice := repeated(c.Done, func(id *string) string { return *id }); twice {
		return fmt.Errorf("store: duplicate done job %q in one change", id)
	}
	for _, id := range c.Free {
		if slot, ok := j.index[id]; ok && j.at(slot).lease != 0 {
			return fmt.Errorf("store: job %q: %w", id, ErrClaimed)
		}
	}
	var taken []string
	for i := range c.Jobs {
		id := c.Jobs[i].ID
		if id == "" {
			return fmt.Errorf("store: job %d has no ID", i)
		}
		if _, ok := j.index[id]; ok {
			taken = append(taken, id)
		}
	}
	if id, twice := repeated(c.Jobs, func(n *Job) string { return n.ID }); twice {
		return fmt.Errorf("store: duplicate job %q in one change", id)
	}
	return replaced(taken, c.Done)
}

// replaced rejects taken IDs unless the same change frees them.
func replaced(taken, done []string) error {
	if len(taken) == 0 {
		return nil
	}
	free := make(map[string]struct{}, len(done))
	for _, id := range done {
		free[id] = struct{}{}
	}
	for _, id := range taken {
		if _, ok := free[id]; !ok {
			return fmt.Errorf("store: job %q exists: %w", id, ErrConflict)
		}
	}
	return nil
}

// add stores a job that passed check.
func (j *jobs) add(n *Job, a *account) {
	slot := j.slot()
	j.ord++
	h := j.at(slot)
	*h = job{id: n.ID, payload: n.Payload, value: n.Value, keeps: n.Keeps, account: a, due: Nanos(n.Due), ord: j.ord}
	j.index[n.ID] = slot
	j.bytes += jobSize(n.ID, n.Payload)
	j.link(h, slot)
	a.jobs++
	if l := a.lane(n); l != nil {
		l.jobs++
		l.waiting.push(item{h.due, h.ord, slot})
		h.lane = l
		if l.hold {
			a.held++
			j.held++
		}
	}
	j.enqueue(h, slot)
}

// remove deletes a job and returns its account and the key of the document that it kept.
func (j *jobs) remove(id string) (of *account, keeps string) {
	slot := j.index[id]
	h := j.at(slot)
	a, l := h.account, h.lane
	keeps = h.keeps
	j.bytes -= jobSize(id, h.payload)
	delete(j.index, id)
	if h.lease != 0 {
		j.claims--
		if l != nil {
			l.claimed = false
		}
	}
	if l != nil && l.hold {
		a.held--
		j.held--
	}
	j.unlink(h)
	*h = job{}
	j.free = append(j.free, slot)
	if l != nil {
		if l.jobs--; l.jobs == 0 {
			a.removeLane(l)
		} else {
			l.waiting.trim(l.jobs, j.alive)
			j.enqueueHead(l)
		}
	}
	if a.jobs--; a.jobs == 0 {
		a.lanes, a.holds = nil, nil
		if a.ready = a.ready[:0]; cap(a.ready) > 64 {
			a.ready = nil
		}
	} else {
		a.ready.trim(a.jobs, j.alive)
	}
	j.leases.trim(j.claims, j.alive)
	if len(j.index) == 0 && j.used > 1024 { // free the memory of a large store
		*j = jobs{index: make(map[string]uint32), ord: j.ord}
	}
	return a, keeps
}

// link adds a job to its account's list.
func (j *jobs) link(h *job, slot uint32) {
	a := h.account
	if h.next = a.first; h.next != 0 {
		j.at(h.next - 1).previous = slot + 1
	}
	a.first = slot + 1
}

// unlink removes a job from its account's list.
func (j *jobs) unlink(h *job) {
	if h.previous != 0 {
		j.at(h.previous - 1).next = h.next
	} else {
		h.account.first = h.next
	}
	if h.next != 0 {
		j.at(h.next - 1).previous = h.previous
	}
}

// of lists the IDs of an account's jobs.
func (j *jobs) of(a *account) []string {
	all := make([]string, 0, a.jobs)
	for next := a.first; next != 0; {
		h := j.at(next - 1)
		all, next = append(all, h.id), h.next
	}
	return all
}

// head returns the item of the account's earliest claimable job. It removes unclaimable items from the top of the heap.
func (j *jobs) head(a *account) (item, bool) {
	for len(a.ready) > 0 {
		it := a.ready[0]
		if j.alive(it) {
			h := j.at(it.slot)
			if h.lease == 0 && (h.lane == nil || !h.lane.blocked() && j.first(h.lane) == it) {
				return it, true
			}
			h.queued = false
		}
		a.ready.pop()
	}
	return item{due: never}, false
}

// first returns the item of a lane's first unclaimed job, or the zero item.
func (j *jobs) first(l *lane) item {
	for len(l.waiting) > 0 {
		if j.alive(l.waiting[0]) {
			return l.waiting[0]
		}
		l.waiting.pop()
	}
	return item{}
}

// enqueue adds a job to its account's heap if it can be claimed.
func (j *jobs) enqueue(h *job, slot uint32) {
	it := item{h.due, h.ord, slot}
	if !h.queued && (h.lane == nil || !h.lane.blocked() && j.first(h.lane) == it) {
		h.queued = true
		h.account.ready.push(it)
	}
}

func (j *jobs) enqueueHead(l *lane) {
	if it := j.first(l); it.ord != 0 {
		j.enqueue(j.at(it.slot), it.slot)
	}
}

// claim claims the job on top of its account's heap until end.
func (j *jobs) claim(it item, end int64) Job {
	h := j.at(it.slot)
	h.account.ready.pop()
	h.queued, h.lease = false, end
	j.claims++
	j.leases.push(item{end, it.ord, it.slot})
	out := Job{ID: h.id, Account: h.account.name, Due: time.Unix(0, h.due).UTC(), Payload: h.payload, Value: h.value, Keeps: h.keeps}
	if h.lane != nil {
		h.lane.waiting.pop() // it is the lane's first
		h.lane.claimed = true
		out.Lane = h.lane.name
	}
	return out
}

// renew makes the lease of a claimed job end at another time.
func (j *jobs) renew(id string, end int64) bool {
	slot, ok := j.index[id]
	if !ok || j.at(slot).lease == 0 {
		return false
	}
	h := j.at(slot)
	h.lease = end
	j.leases.push(item{end, h.ord, slot}) // the earlier item is skipped
	j.leases.trim(j.claims, j.alive)
	return true
}

// expire makes the job claimable again whose lease ended first, unless that is after now.
func (j *jobs) expire(now int64) (*account, bool) {
	for len(j.leases) > 0 && j.leases[0].due <= now {
		end := j.leases.pop()
		if !j.alive(end) || j.at(end.slot).lease != end.due {
			continue
		}
		h := j.at(end.slot)
		h.lease = 0
		j.claims--
		if h.lane != nil {
			h.lane.claimed = false
			h.lane.waiting.push(item{h.due, h.ord, end.slot})
			j.enqueueHead(h.lane) // an earlier job may have been added
		} else {
			j.enqueue(h, end.slot)
		}
		return h.account, true
	}
	return nil, false
}

func (j *jobs) alive(it item) bool { return j.at(it.slot).ord == it.ord }

func (j *jobs) slot() uint32 {
	if n := len(j.free); n > 0 {
		slot := j.free[n-1]
		j.free = j.free[:n-1]
		return slot
	}
	if j.used>>pageBits == uint32(len(j.pages)) {
		j.pages = append(j.pages, make([]job, 1<<pageBits))
	}
	j.used++
	return j.used - 1
}

// Nanos returns Unix nanoseconds, clamped to their range.
func Nanos(t time.Time) int64 {
	const edge = math.MaxInt64/int64(time.Second) - 1
	switch s := t.Unix(); {
	case s < -edge:
		return -edge * int64(time.Second)
	case s > edge:
		return edge * int64(time.Second)
	}
	return t.UnixNano()
}
