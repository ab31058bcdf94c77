package store

import "hash/maphash"

// account indexes the jobs and entries of one account. It exists while the account has jobs, entries, followers, or a
// change that Wake has not reported yet.
type account struct {
	name string

	ready heap             // claimable jobs: jobs without a lane, and the head of each lane without a claimed job
	lanes map[string]*lane // lanes with jobs
	holds map[string]*lane // by name of the hold: lanes that are never claimed from
	jobs  int
	first uint32 // of its jobs: a slot plus 1, 0 for none
	held  int    // jobs with a hold
	known int64  // due time of the earliest claimable job when Next or Wake last reported it; never if there was none
	dirty bool   // is in Memory.changed

	entries   queue[uint64]       // Seqs of its entries in the journal
	refs      map[string][]uint64 // Seqs of entries with a Ref, by Ref
	lost      loss                // since this index exists
	inherited loss                // upper bound of earlier losses
	followers int
	more      signal // fires for each new entry of the account
}

// lane orders jobs of an account.
type lane struct {
	name    string
	waiting heap // unclaimed jobs
	jobs    int
	claimed bool
	hold    bool // is in account.holds
}

func (a *account) empty() bool {
	return a.jobs == 0 && a.entries.n == 0 && a.followers == 0 && !a.dirty
}

// due estimates how many jobs can be claimed, from 1 to a limit.
func (a *account) due(last int64, limit int) int {
	n := 0
	for i := 0; i < min(len(a.ready), 2*limit) && n < limit; i++ { // a heap has them at its beginning
		if a.ready[i].due <= last {
			n++
		}
	}
	return max(1, n)
}

// blocked reports whether no job of the lane can be claimed now.
func (l *lane) blocked() bool { return l.claimed || l.hold }

// lane returns the lane or hold for a job, creating it if necessary; nil if the job has neither.
func (a *account) lane(n *Job) *lane {
	lanes, name := &a.lanes, n.Lane
	if n.Hold != "" {
		lanes, name = &a.holds, n.Hold
	}
	if name == "" {
		return nil
	}
	l := (*lanes)[name]
	if l == nil {
		l = &lane{name: name, hold: n.Hold != ""}
		if *lanes == nil {
			*lanes = make(map[string]*lane)
		}
		(*lanes)[name] = l
	}
	return l
}

// removeLane removes an empty lane.
func (a *account) removeLane(l *lane) {
	if l.hold {
		delete(a.holds, l.name)
		return
	}
	delete(a.lanes, l.name)
}

// loss counts the evicted entries of an account.
type loss struct {
	last uint64 // Seq of the latest evicted entry, 0 if there is none
	n    uint64 // number of evicted entries
}

func (l loss) plus(m loss) loss { return loss{max(l.last, m.last), l.n + m.n} }

// losses keeps the losses of removed accounts in constant space: accounts in the same bucket share their loss, which a
// gap then reports as an upper bound.
type losses struct {
	seed    maphash.Seed
	buckets []loss // allocated at the first loss
}

const lossBuckets = 4096

func (l *losses) of(name string) loss {
	if l.buckets == nil {
		return loss{}
	}
	return l.buckets[maphash.String(l.seed, name)%lossBuckets]
}

func (l *losses) add(a *account) {
	if a.lost.n == 0 {
		return
	}
	if l.buckets == nil {
		l.seed, l.buckets = maphash.MakeSeed(), make([]loss, lossBuckets)
	}
	b := &l.buckets[maphash.String(l.seed, a.name)%lossBuckets]
	*b = b.plus(a.lost)
}

// signal wakes all waiters at once. Without waiters, firing costs nothing.
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
