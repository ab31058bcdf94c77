package store

import "strconv"

// entryOverhead is what an entry costs beyond its account, kind and data: its place in the ring and in its account's
// index, and what an allocation is rounded up by.
const entryOverhead = 160

// batch is the most that Follow hands over at once.
const batch = 256

// kept is an entry in the ring, with its account at hand for the day it is dropped.
type kept struct {
	Entry
	account *account
}

type journal struct {
	ring    queue[kept]
	head    uint64
	bytes   int64
	evicted uint64
	more    signal // there is another entry
}

// oldest is the Seq of the first entry held, or the next one to be written.
func (j *journal) oldest() uint64 { return j.head - uint64(j.ring.n) + 1 }

// add appends an entry. The caller has made room.
func (j *journal) add(e Entry, a *account, limit int) {
	j.head++
	e.Seq, e.Account = j.head, a.name // one string for all entries of an account
	j.bytes += entrySize(&e)
	j.ring.push(kept{e, a}, limit)
	a.entries.push(j.head, 0)
	if e.Ref != "" {
		if a.refs == nil {
			a.refs = make(map[string][]uint64)
		}
		a.refs[e.Ref] = append(a.refs[e.Ref], j.head)
	}
	a.more.fire()
}

// full says whether an entry must go before e comes.
func (j *journal) full(e *Entry, r *Retention) bool {
	return j.ring.n > 0 && (j.ring.n >= r.Entries || j.bytes+entrySize(e) > r.EntryBytes)
}

// evict drops the oldest entry, which is also the oldest of its account, and returns whose it was.
func (j *journal) evict() *account {
	k := j.ring.pop()
	j.bytes -= entrySize(&k.Entry)
	j.evicted++
	k.account.entries.pop()
	if k.Ref != "" {
		if left := k.account.refs[k.Ref][1:]; len(left) > 0 {
			k.account.refs[k.Ref] = left
		} else {
			delete(k.account.refs, k.Ref)
		}
	}
	k.account.lost.last = k.Seq
	k.account.lost.n++
	return k.account
}

func entrySize(e *Entry) int64 {
	return int64(len(e.Account)+len(e.Kind)+len(e.Ref)+len(e.Data)) + entryOverhead
}

// readAll returns entries of all accounts after a Seq, with a gap first if some of those are gone.
func (j *journal) readAll(after uint64, limit int) []Entry {
	if after >= j.head || limit <= 0 {
		return nil
	}
	var missed uint64
	skip := after + 1
	if oldest := j.oldest(); skip < oldest {
		missed, skip = oldest-skip, oldest
		limit--
	}
	first := int(skip - j.oldest())
	n := min(j.ring.n-first, limit)
	var out []Entry
	if missed > 0 {
		out = append(make([]Entry, 0, n+1), gap("", j.oldest()-1, missed, true))
	} else {
		out = make([]Entry, 0, n)
	}
	for i := range n {
		out = append(out, j.ring.at(first+i).Entry)
	}
	return dated(out)
}

// readOne returns entries of one account after a Seq. It looks at no entry of another. a is nil for an account that
// is not held, and lost is what may be gone of it.
func (j *journal) readOne(name string, a *account, lost loss, exact bool, after uint64, limit int) []Entry {
	if after >= j.head || limit <= 0 {
		return nil
	}
	var out []Entry
	if after < lost.last {
		missed := min(lost.n, lost.last-after)
		out = append(out, gap(name, j.oldest()-1, missed, exact && (after == 0 || missed == 1)))
		limit--
	}
	if a == nil {
		return out
	}
	first, end := 0, a.entries.n // the first of its entries that lies after
	for first < end {
		if mid := (first + end) / 2; *a.entries.at(mid) > after {
			end = mid
		} else {
			first = mid + 1
		}
	}
	n := min(a.entries.n-first, limit)
	if n <= 0 {
		return out
	}
	if out == nil {
		out = make([]Entry, 0, n)
	}
	for i := range n {
		out = append(out, j.ring.at(int(*a.entries.at(first + i)-j.oldest())).Entry)
	}
	return dated(out)
}

// about returns the entries of an account that have a Ref.
func (j *journal) about(a *account, ref string) []Entry {
	seqs := a.refs[ref]
	out := make([]Entry, len(seqs))
	for i, seq := range seqs {
		out[i] = j.ring.at(int(seq - j.oldest())).Entry
	}
	return out
}

func gap(account string, seq, missed uint64, exact bool) Entry {
	data := strconv.AppendUint([]byte(`{"missed":`), missed, 10)
	if !exact {
		data = append(data, `,"at_most":true`...)
	}
	return Entry{Seq: seq, Account: account, Kind: KindGap, Data: append(data, '}')}
}

// dated gives a leading gap the times of what follows it.
func dated(out []Entry) []Entry {
	if len(out) > 1 && out[0].Kind == KindGap {
		out[0].At, out[0].Wall = out[1].At, out[1].Wall
	}
	return out
}
