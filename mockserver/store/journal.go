package store

import "strconv"

// entryOverhead is the memory of an entry beyond its strings and data: its slots in the ring and in the account's index,
// and rounding of allocations.
const entryOverhead = 160

// batch is the largest number of entries that Follow yields at once.
const batch = 256

// kept is an entry in the ring, with its account for the index update at eviction.
type kept struct {
	Entry
	account *account
}

type journal struct {
	ring    queue[kept]
	head    uint64
	bytes   int64
	evicted uint64
	more    signal // fires for each new entry
}

// oldest returns the Seq of the first entry stored, or of the next one if there is none.
func (j *journal) oldest() uint64 { return j.head - uint64(j.ring.n) + 1 }

// add appends an entry. The caller makes room first.
func (j *journal) add(e Entry, a *account, limit int) {
	j.head++
	e.Seq, e.Account = j.head, a.name // share one string between all entries of an account
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

// full reports whether an entry must be evicted before adding e.
func (j *journal) full(e *Entry, r *Retention) bool {
	return j.ring.n > 0 && (j.ring.n >= r.Entries || j.bytes+entrySize(e) > r.EntryBytes)
}

// evict removes the oldest entry, which is also the oldest of its account, and returns the account.
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

// readAll returns entries of all accounts after a Seq, with a leading gap if some of them were evicted.
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

// readOne returns entries of one account after a Seq without scanning others. a is nil for an account without an index;
// lost bounds its evicted entries.
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
	first, end := 0, a.entries.n // binary search for its first entry after
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

// about returns the entries of an account with a Ref.
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

// dated gives a leading gap the times of the entry that follows.
func dated(out []Entry) []Entry {
	if len(out) > 1 && out[0].Kind == KindGap {
		out[0].At, out[0].Wall = out[1].At, out[1].Wall
	}
	return out
}
