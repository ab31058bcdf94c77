package store

import "hash/maphash"

// account is the index of what one account has in the store. It exists while there is something to index: jobs,
// entries, followers, or a change that Wake has not told yet.
type account struct {
	name string

	ready heap             // claimable jobs: those of no lane, and the head of each lane that has no claimed job
	lanes map[string]*lane // those with jobs
	holds map[string]*lane // what holds jobs back: lanes from which nothing is claimed
	jobs  int
	held  int   // jobs that are held back
	told  int64 // when the earliest claimable job was due as Next or Wake last had it; never if there was none
	dirty bool  // is in Memory.changed

	entries   queue[uint64]       // Seqs of its entries in the journal
	refs      map[string][]uint64 // those of them with a Ref, by it
	lost      loss                // since the account is held
	inherited loss                // what it, or another, had lost before that
	followers int
	more      signal // there is another entry of this account
}

// lane is the order among some jobs of an account.
type lane struct {
	name    string
	waiting heap // its jobs that are not claimed
	jobs    int
	claimed bool
	hold    bool // is in account.holds
}

func (a *account) empty() bool {
	return a.jobs == 0 && a.entries.n == 0 && a.followers == 0 && !a.dirty
}

// shut reports whether nothing can be claimed of a lane for now.
func (l *lane) shut() bool { return l.claimed || l.hold }

// lane finds or makes the lane that a job is to be in, or its hold; nil for neither.
func (a *account) lane(n *Job) *lane {
	all, name := &a.lanes, n.Lane
	if n.Hold != "" {
		all, name = &a.holds, n.Hold
	}
	if name == "" {
		return nil
	}
	l := (*all)[name]
	if l == nil {
		l = &lane{name: name, hold: n.Hold != ""}
		if *all == nil {
			*all = make(map[string]*lane)
		}
		(*all)[name] = l
	}
	return l
}

// leave forgets a lane that has no jobs any more.
func (a *account) leave(l *lane) {
	if l.hold {
		delete(a.holds, l.name)
		return
	}
	delete(a.lanes, l.name)
}

// loss is what retention dropped of an account's entries.
type loss struct {
	last uint64 // Seq of the latest dropped, 0 if none was
	n    uint64 // how many
}

func (l loss) plus(m loss) loss { return loss{max(l.last, m.last), l.n + m.n} }

// losses remembers what forgotten accounts had lost, in a space that does not grow with their number: accounts that
// fall into one bucket share their loss, and a reader is then told that the number is a bound.
type losses struct {
	seed    maphash.Seed
	buckets []loss // made when first needed
}

const lossBuckets = 4096

func (l *losses) of(name string) loss {
	if l.buckets == nil {
		return loss{}
	}
	return l.buckets[maphash.String(l.seed, name)%lossBuckets]
}

func (l *losses) remember(a *account) {
	if a.lost.n == 0 {
		return
	}
	if l.buckets == nil {
		l.seed, l.buckets = maphash.MakeSeed(), make([]loss, lossBuckets)
	}
	b := &l.buckets[maphash.String(l.seed, a.name)%lossBuckets]
	*b = b.plus(a.lost)
}

// signal wakes all who wait for it at once. Those who do not wait cost nothing.
type signal chan struct{}

func (s *signal) wait() <-chan struct{} {
	if *s == nil {
		*s = make(chan struct{})
	}
	return *s
}

func (s *signal) fire() {
	if *s != nil {
		close(*s)
		*s = nil
	}
}
