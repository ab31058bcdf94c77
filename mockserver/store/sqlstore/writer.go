package sqlstore

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

// group is how many operations share a transaction at most.
const group = 128

// op is an operation that writes. Exactly one of its kinds is set.
type op struct {
	change *store.Change
	claim  *claim
	renew  *renewal
	drop   *drop

	payloads [][]byte // of change's jobs
	last     uint64
	err      error
	done     chan struct{}
}

type claim struct {
	account string
	until   int64
	limit   int
	lease   time.Duration
	ends    int64
	jobs    []store.Job
}

type renewal struct {
	id   string
	ends int64
	held bool // by this call
}

type drop struct {
	account  string
	prefixes []string
	more     bool // something is left
}

// writer makes the changes of all callers, one transaction after the other.
type writer struct{ *Store }

// submit has the writer do an operation. It returns once that is committed or has failed, even if the caller gave up: the
// operation may be committed.
func (s writer) submit(o *op) error {
	if s.isClosed.Load() {
		return store.ErrClosed
	}
	o.done = make(chan struct{})
	select {
	case s.ops <- o:
		<-o.done
		return o.err
	case <-s.closed:
		return store.ErrClosed
	}
}

// write is the writer: it runs until the store closes.
func (s writer) write() {
	for {
		select {
		case <-s.closed:
			return
		case first := <-s.ops:
			s.transact(s.gather(first))
		}
	}
}

// gather returns an operation and those that wait behind it. As long as there are more, it lets callers that are about to submit
// theirs go first: a transaction costs as much as several operations.
func (s writer) gather(first *op) []*op {
	ops := []*op{first}
	for before := 0; len(ops) < group; {
		select {
		case o := <-s.ops:
			ops = append(ops, o)
		default:
			if len(ops) == before {
				return ops
			}
			before = len(ops)
			runtime.Gosched()
		}
	}
	return ops
}

// transact does operations in one transaction.
func (s writer) transact(ops []*op) {
	var v *view
	began := time.Now()
	err := s.db.write(func(tx session) (err error) {
		v = newView()
		return s.do(tx, v, ops)
	})
	s.counters.note(ops, time.Since(began), err != nil)
	if err == nil {
		s.committed(v, ops)
	}
	for _, o := range ops {
		if err != nil {
			o.err = fmt.Errorf("store: %w", s.db.explain(err))
		}
		close(o.done)
	}
}

// do runs a transaction: it reads the rows that the operations need, decides each, and writes the changes.
func (s writer) do(tx session, v *view, ops []*op) error {
	var reads statements
	v.state.load(&reads, s.dialect)
	now := s.now()
	for _, o := range ops {
		o.err, o.last = nil, 0
		switch {
		case o.renew != nil:
			o.renew.add(&reads, now)
		case o.claim != nil:
			o.claim.add(&reads, now)
		}
	}
	for _, o := range ops {
		if o.change != nil {
			v.loadChange(&reads, o.change)
		}
		if o.drop != nil {
			v.loadDrop(&reads, o.drop)
		}
	}
	if err := tx.run(&reads); err != nil {
		return err
	}
	before := v.state
	for _, o := range ops {
		switch {
		case o.change != nil:
			if o.err = v.check(o.change, o.payloads, now, s.retention.LiveBytes); o.err == nil {
				v.apply(o.change, o.payloads)
				o.last = uint64(v.head)
			}
		case o.drop != nil:
			v.drop(o.drop)
		}
	}
	var writes statements
	v.flush(&writes)
	if len(writes.list) == 0 && v.state == before {
		return nil
	}
	if s.keeper.excess(&v.state) { // flush first: eviction reads the stored rows
		if err := tx.run(&writes); err != nil {
			return err
		}
		if err := s.keeper.evict(tx, &v.state); err != nil {
			return err
		}
		writes.list = nil
	}
	v.state.save(&writes)
	peers(s).announce(&writes, v, before.head)
	return tx.commit(&writes)
}

// committed wakes those that wait for the changes of a transaction.
func (s writer) committed(v *view, ops []*op) {
	s.tail.append(v.entries)
	for _, o := range ops {
		switch {
		case o.claim != nil && len(o.claim.jobs) > 0:
			s.wake.forget(o.claim.account)
			s.wake.leased(o.claim.ends)
		case o.renew != nil && o.renew.held:
			s.wake.leased(o.renew.ends)
		}
	}
	s.wake.note(v.woken, s.now())
}

// Commit implements store.Store. Once the change is handed to the writer, ctx has no effect.
func (s *Store) Commit(ctx context.Context, c store.Change) (uint64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := valid(&c); err != nil {
		return 0, err
	}
	o := &op{change: &c}
	var err error
	if o.payloads, err = encode(&c); err != nil {
		return 0, err
	}
	err = writer{s}.submit(o)
	forgetAhead(ctx)
	return o.last, err
}

// Drop implements store.Store. It removes a bounded number of rows in each of several transactions.
func (s *Store) Drop(ctx context.Context, account string, prefixes ...string) error {
	defer forgetAhead(ctx)
	d := &drop{account: account, prefixes: slices.Clone(prefixes)}
	for d.more = true; d.more; {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := (writer{s}).submit(&op{drop: d}); err != nil {
			return err
		}
	}
	return nil
}

// dropped is how many documents and how many jobs a transaction of Drop removes.
const dropped = 500

func (v *view) loadDrop(all *statements, d *drop) {
	for _, prefix := range d.prefixes {
		all.query("SELECT "+docColumns+" FROM idmock_docs d WHERE d.key >= $1 AND d.key < $2 LIMIT $3", v.scanDoc, text(prefix), beyond(prefix), dropped)
	}
	all.query("SELECT "+docColumns+" FROM (SELECT keeps FROM idmock_jobs WHERE account = $1 ORDER BY ord LIMIT $2) j JOIN idmock_docs d ON d.key = j.keeps", v.scanDoc, text(d.account), dropped)
	all.query("SELECT "+jobColumns+" FROM idmock_jobs WHERE account = $1 ORDER BY ord LIMIT $2", v.scanJob, text(d.account), dropped)
}

// drop removes the rows that loadDrop read, and those that other operations of the transaction added.
func (v *view) drop(d *drop) {
	n := 0
	for key, row := range v.docRows {
		if row.rev != 0 && slices.ContainsFunc(d.prefixes, func(p string) bool { return hasPrefix(key, p) }) {
			v.put(&store.Doc{Key: key, Rev: uint64(row.rev)}, nil)
			n++
		}
	}
	for id, row := range v.jobRows {
		if row.ord != 0 && row.account == d.account {
			v.remove(id)
			n++
		}
	}
	d.more = n > 0
}

func hasPrefix(key, prefix string) bool {
	return len(key) >= len(prefix) && key[:len(prefix)] == prefix && inPartition(key, prefix)
}

// Renew implements store.Store.
func (s *Store) Renew(_ context.Context, id string, lease time.Duration) error {
	r := &renewal{id: id, ends: later(s.now(), lease)}
	if err := (writer{s}).submit(&op{renew: r}); err != nil {
		return err
	}
	if !r.held {
		return fmt.Errorf("store: job %q is not claimed: %w", id, store.ErrConflict)
	}
	return nil
}

func (r *renewal) add(all *statements, now int64) {
	r.held = false
	all.query("UPDATE idmock_jobs SET lease = $2 WHERE id = $1 AND lease > $3 RETURNING ord", func(scan func(...any) error) error {
		r.held = true
		var ord int64
		return scan(&ord)
	}, text(r.id), r.ends, now)
}
