package tx

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/idmock/idmock/mockserver/journal"
	"github.com/idmock/idmock/mockserver/store"
)

// Owner is the account that a unit of work belongs to.
type Owner interface {
	// Name is the account's name.
	Name() string
	// Alive calls do unless the account was reset or deleted; then the error is store.ErrConflict. While do runs, the account
	// is neither.
	Alive(do func() error) error
	// Ended takes the outcomes of deliveries whose ends were committed.
	Ended(outcomes []string)
}

// Tx gathers the changes of one step of an account. It is used from one goroutine and committed once. Documents and jobs
// are in no order; entries are written in the order in which they were added, but for those added with LogAt.
type Tx struct {
	// Now is account time.
	Now time.Time
	// Wall is wall time.
	Wall time.Time
	// Request is the ID of the request that the work answers; empty if it answers none.
	Request string

	store     store.Store
	owner     Owner
	change    store.Change
	last      uint64
	ends      []string // outcomes of deliveries
	committed []func()
	failed    []func()
	room      room
}

// room is the memory of a usual unit of work: one allocation in place of several.
type room struct {
	docs    [1]store.Doc
	entries [2]store.Entry
	jobs    [1]store.Job
}

// Begin returns an empty unit of work at an account time.
func Begin(s store.Store, owner Owner, now time.Time) *Tx {
	t := units.Get().(*Tx)
	t.Now, t.Wall, t.store, t.owner = now, time.Now(), s, owner
	t.change.Docs, t.change.Entries, t.change.Jobs = t.room.docs[:0], t.room.entries[:0], t.room.jobs[:0]
	return t
}

// units are reused: each request needs one.
var units = sync.Pool{New: func() any { return new(Tx) }}

// Release ends the use of a unit of work that was committed or is abandoned. It must not be touched afterwards.
func (t *Tx) Release() {
	*t = Tx{}
	units.Put(t)
}

// Account is the name of the account that the work belongs to.
func (t *Tx) Account() string { return t.owner.Name() }

// Get returns a document as this unit of work leaves it, or store.ErrNotFound. Put needs its Rev.
func (t *Tx) Get(ctx context.Context, key string) (store.Doc, error) {
	if i := t.place(key); i >= 0 {
		return t.change.Docs[i], nil
	}
	return t.store.Get(ctx, key)
}

// Find is Get for a document that need not exist: the one returned has its key and no data then.
func (t *Tx) Find(ctx context.Context, key string) (store.Doc, error) {
	doc, err := t.Get(ctx, key)
	if errors.Is(err, store.ErrNotFound) {
		return store.Doc{Key: key}, nil
	}
	return doc, err
}

// Pending returns a document that this unit of work puts.
func (t *Tx) Pending(key string) (store.Doc, bool) {
	if i := t.place(key); i >= 0 {
		return t.change.Docs[i], true
	}
	return store.Doc{}, false
}

// Put stores a document. One of the same key that was put before is replaced and keeps its revision.
func (t *Tx) Put(doc store.Doc) {
	if i := t.place(doc.Key); i >= 0 {
		doc.Rev = t.change.Docs[i].Rev
		t.change.Docs[i] = doc
		return
	}
	t.change.Docs = append(t.change.Docs, doc)
}

func (t *Tx) place(key string) int {
	for i := range t.change.Docs {
		if t.change.Docs[i].Key == key {
			return i
		}
	}
	return -1
}

// AddJob adds a job.
func (t *Tx) AddJob(job Job) {
	t.change.Jobs = append(t.change.Jobs, job.stored(t.owner.Name()))
}

// Reserve makes room for the ends of jobs, and for an entry of each.
func (t *Tx) Reserve(jobs int) {
	t.change.Done, t.change.Entries = slices.Grow(t.change.Done, jobs), slices.Grow(t.change.Entries, jobs)
}

// EndJob ends a job, claimed or not.
func (t *Tx) EndJob(id string) { t.change.Done = append(t.change.Done, id) }

// ReplaceJob puts a job in the place of the one of its ID, behind all that are planned for its time.
func (t *Tx) ReplaceJob(job Job) {
	if i := slices.IndexFunc(t.change.Jobs, func(have store.Job) bool { return have.ID == job.ID }); i >= 0 {
		t.change.Jobs = slices.Delete(t.change.Jobs, i, i+1)
	} else {
		t.EndJob(job.ID)
	}
	t.AddJob(job)
}

// RequireUnclaimed has the commit fail with store.ErrClaimed if a worker has claimed a job.
func (t *Tx) RequireUnclaimed(id string) { t.change.Free = append(t.change.Free, id) }

// Attempts calls edit with the attempt of each job that was added and is one.
func (t *Tx) Attempts(edit func(job string, a *Attempt)) {
	for _, job := range t.change.Jobs {
		if work, ok := job.Value.(Work); ok && work.Attempt != nil {
			edit(job.ID, work.Attempt)
		}
	}
}

// Log adds an entry to the journal.
func (t *Tx) Log(d journal.Data) { t.LogAt(t.Mark(), d) }

// Mark is a place for LogAt: behind the entries so far.
func (t *Tx) Mark() int { return len(t.change.Entries) }

// LogAt adds entries at a place that Mark returned, before all that was logged since: a cause is known last and written
// first.
func (t *Tx) LogAt(mark int, data ...journal.Data) {
	for i, d := range data {
		entry := journal.New(t.owner.Name(), t.Now, t.Wall, d)
		t.change.Entries = slices.Insert(t.change.Entries, mark+i, entry)
		switch end := d.(type) {
		case journal.Delivery:
			t.ends = append(t.ends, end.Outcome)
		case *journal.Delivery:
			t.ends = append(t.ends, end.Outcome)
		}
	}
}

// OnCommit has a function called once the work is committed.
func (t *Tx) OnCommit(do func()) { t.committed = append(t.committed, do) }

// OnFail has a function called if the work is not committed, because the commit or a part of it failed.
func (t *Tx) OnFail(do func()) { t.failed = append(t.failed, do) }

// Save returns a function that takes back all that is added from here on.
func (t *Tx) Save() (restore func()) {
	docs, entries, jobs := slices.Clone(t.change.Docs), slices.Clone(t.change.Entries), slices.Clone(t.change.Jobs)
	done, free, ends, committed, failed := len(t.change.Done), len(t.change.Free), len(t.ends), len(t.committed), len(t.failed)
	return func() {
		undo := t.failed[failed:]
		t.change.Docs, t.change.Entries, t.change.Jobs = docs, entries, jobs
		t.change.Done, t.change.Free = t.change.Done[:done], t.change.Free[:free]
		t.ends, t.committed, t.failed = t.ends[:ends], t.committed[:committed], t.failed[:failed]
		for _, do := range undo {
			do()
		}
	}
}

// Commit writes everything at once. The error is store.ErrConflict if the work was decided from stale
// documents: begin again.
func (t *Tx) Commit(ctx context.Context) error { return CommitAll(ctx, t) }

// CommitAll is Commit for several units of work of one account, which must have no document and no job in common: all are
// written, in this order, or none. It is for steps that fall due together.
func CommitAll(ctx context.Context, all ...*Tx) error {
	first := all[0]
	change := &first.change
	for _, t := range all[1:] {
		change.Docs = append(change.Docs, t.change.Docs...)
		change.Done = append(change.Done, t.change.Done...)
		change.Free = append(change.Free, t.change.Free...)
		change.Entries = append(change.Entries, t.change.Entries...)
		change.Jobs = append(change.Jobs, t.change.Jobs...)
	}
	err := first.owner.Alive(func() (err error) {
		first.last, err = first.store.Commit(ctx, *change)
		return err
	})
	last := first.last
	for _, t := range all {
		after := t.committed
		if err != nil {
			after = t.failed
		} else {
			t.last = last
			if len(t.ends) > 0 {
				t.owner.Ended(t.ends)
			}
		}
		for _, do := range after {
			do()
		}
	}
	return err
}

// IsOnly reports whether the unit of work changes this document and no other, and adds no job.
func (t *Tx) IsOnly(key string) bool {
	return len(t.change.Docs) == 1 && t.change.Docs[0].Key == key && len(t.change.Jobs) == 0 && len(t.change.Free) == 0
}

// Seq is the Seq of the last entry, once the work is committed.
func (t *Tx) Seq() uint64 { return t.last }

// Retry calls attempt again as long as it fails with store.ErrConflict and again, if not nil, agrees.
func Retry(attempt func() error, again func() bool) error {
	for {
		err := attempt()
		if !errors.Is(err, store.ErrConflict) || again != nil && !again() {
			return err
		}
	}
}
