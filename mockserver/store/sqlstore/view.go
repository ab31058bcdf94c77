package sqlstore

import (
	"maps"
	"slices"

	"github.com/idmock/idmock/mockserver/store"
)

// view holds the rows that a transaction has read, and the changes that it is going to write.
type view struct {
	state
	docRows map[string]*docRow
	jobRows map[string]*jobRow
	entries []store.Entry // to be written, with their Seqs

	lanes    map[lane]struct{}        // that may have another first job
	accounts map[string]*accountDelta // changes of their numbers of jobs
	woken    []waking                 // jobs that may have changed the next due time of accounts
}

// lane names a lane of an account.
type lane struct{ account, name string }

type accountDelta struct{ pending, held int64 }

// docRow is a document without its data.
type docRow struct {
	rev     int64 // 0: there is none
	size    int64 // of its data
	done    int64 // unique number of its finish, increasing; 0 if not finished
	keepers int64 // jobs that keep it
	waits   int64 // 1: it is finished once no job keeps it

	stored bool
	dirty  bool
	data   []byte // nil if it is not to be written
}

// jobRow is a job without its payload.
type jobRow struct {
	ord           int64 // 0: there is none
	account, lane string
	hold, keeps   string
	due, lease    int64
	size          int64

	stored  bool // has a row that has to be deleted first
	added   *store.Job
	payload []byte // of added
}

func newView() *view {
	return &view{docRows: map[string]*docRow{}, jobRows: map[string]*jobRow{}, lanes: map[lane]struct{}{}, accounts: map[string]*accountDelta{}}
}

const docColumns = "d.key, d.rev, length(d.data), d.done, d.keepers, d.waits"

// loadDoc adds the statement that reads a document, unless that is done.
func (v *view) loadDoc(all *statements, key string) {
	if v.docRows[key] != nil {
		return
	}
	v.docRows[key] = &docRow{}
	all.query("SELECT "+docColumns+" FROM idmock_docs d WHERE d.key = $1", v.scanDoc, text(key))
}

func (v *view) scanDoc(scan func(...any) error) error {
	var key []byte
	d := &docRow{stored: true}
	if err := scan(&key, &d.rev, &d.size, &d.done, &d.keepers, &d.waits); err != nil {
		return err
	}
	if have := v.docRows[string(key)]; have == nil || !have.stored {
		v.docRows[string(key)] = d
	}
	return nil
}

const jobColumns = "ord, id, account, lane, hold, keeps, due, lease, length(payload)"

// loadJob adds the statements that read a job and the document that it keeps.
func (v *view) loadJob(all *statements, id string) {
	if v.jobRows[id] != nil {
		return
	}
	v.jobRows[id] = &jobRow{}
	all.query("SELECT "+jobColumns+" FROM idmock_jobs WHERE id = $1", v.scanJob, text(id))
	all.query("SELECT "+docColumns+" FROM idmock_jobs j JOIN idmock_docs d ON d.key = j.keeps WHERE j.id = $1", v.scanDoc, text(id))
}

func (v *view) scanJob(scan func(...any) error) error {
	var id, account, name, hold, keeps []byte
	j := &jobRow{stored: true}
	if err := scan(&j.ord, &id, &account, &name, &hold, &keeps, &j.due, &j.lease, &j.size); err != nil {
		return err
	}
	j.account, j.lane, j.hold, j.keeps = string(account), string(name), string(hold), string(keeps)
	v.jobRows[string(id)] = j
	return nil
}

// loadChange adds the statements that read the rows that a change refers to.
func (v *view) loadChange(all *statements, c *store.Change) {
	for i := range c.Docs {
		v.loadDoc(all, c.Docs[i].Key)
	}
	for _, id := range c.Done {
		v.loadJob(all, id)
	}
	for _, id := range c.Free {
		v.loadJob(all, id)
	}
	for i := range c.Jobs {
		v.loadJob(all, c.Jobs[i].ID)
		if keeps := c.Jobs[i].Keeps; keeps != "" {
			v.loadDoc(all, keeps)
		}
	}
}

// setReady has the first job of a lane ready, and no other.
const setReady = `UPDATE idmock_jobs SET ready = 1 - ready WHERE account = $1 AND lane = $2 AND lane <> $empty AND hold = $empty
  AND ready <> CASE WHEN ord = (SELECT k.ord FROM idmock_jobs k WHERE k.account = $1 AND k.lane = $2 AND k.lane <> $empty AND k.hold = $empty
    ORDER BY k.due, k.ord LIMIT 1) THEN 1 ELSE 0 END`

// flush adds the statements that write the changes.
func (v *view) flush(all *statements) {
	for _, id := range slices.Sorted(maps.Keys(v.jobRows)) {
		if j := v.jobRows[id]; j.stored && (j.ord == 0 || j.added != nil) {
			all.add("DELETE FROM idmock_jobs WHERE id = $1", text(id))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(v.docRows)) {
		v.docRows[key].flush(all, key)
	}
	v.flushJobs(all)
	for l := range v.lanes {
		all.add(setReady, text(l.account), text(l.name))
	}
	for i := range v.entries {
		e := &v.entries[i]
		all.add("INSERT INTO idmock_entries (seq, at, wall, account, kind, ref, data) VALUES ($1, $2, $3, $4, $5, $6, $7)",
			int64(e.Seq), stamp(e.At), stamp(e.Wall), text(e.Account), text(e.Kind), text(e.Ref), stored(e.Data))
	}
	for _, name := range slices.Sorted(maps.Keys(v.accounts)) {
		if d := v.accounts[name]; *d != (accountDelta{}) {
			all.add(`INSERT INTO idmock_accounts (account, pending, held, lost, missed) VALUES ($1, $2, $3, 0, 0)
  ON CONFLICT (account) DO UPDATE SET pending = idmock_accounts.pending + excluded.pending, held = idmock_accounts.held + excluded.held`,
				text(name), d.pending, d.held)
		}
	}
}

func (d *docRow) flush(all *statements, key string) {
	switch {
	case !d.dirty:
	case d.rev == 0:
		if d.stored {
			all.add("DELETE FROM idmock_docs WHERE key = $1", text(key))
		}
	case !d.stored:
		all.add("INSERT INTO idmock_docs (key, rev, data, done, keepers, waits) VALUES ($1, $2, $3, $4, $5, $6)",
			text(key), d.rev, stored(d.data), d.done, d.keepers, d.waits)
	case d.data != nil:
		all.add("UPDATE idmock_docs SET rev = $2, data = $3, done = $4, keepers = $5, waits = $6 WHERE key = $1",
			text(key), d.rev, d.data, d.done, d.keepers, d.waits)
	default:
		all.add("UPDATE idmock_docs SET done = $2, keepers = $3, waits = $4 WHERE key = $1", text(key), d.done, d.keepers, d.waits)
	}
}

func (v *view) flushJobs(all *statements) {
	var added []*jobRow
	for _, j := range v.jobRows {
		if j.ord != 0 && j.added != nil {
			added = append(added, j)
		}
	}
	slices.SortFunc(added, func(a, b *jobRow) int { return int(a.ord - b.ord) })
	for _, j := range added {
		ready := 0
		if j.lane == "" && j.hold == "" {
			ready = 1
		}
		all.add("INSERT INTO idmock_jobs (ord, id, account, lane, hold, due, lease, claims, ready, keeps, payload) VALUES ($1, $2, $3, $4, $5, $6, 0, 0, $7, $8, $9)",
			j.ord, text(j.added.ID), text(j.account), text(j.lane), text(j.hold), j.due, ready, text(j.keeps), stored(j.payload))
	}
}
