package storetest

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing/synctest"

	"github.com/idmock/idmock/mockserver/store"
)

// flood writes n entries of an account.
func (k *kit) flood(account string, n int) {
	k.Helper()
	for n > 0 {
		var c store.Change
		for range min(n, 1000) {
			c.Entries = append(c.Entries, entry(account, "flood"))
		}
		k.commit(c)
		n -= len(c.Entries)
	}
}

// missed returns the number of entries replaced by a leading gap, and the entries after it.
func (k *kit) missed(entries []store.Entry) (n uint64, exact bool, rest []store.Entry) {
	k.Helper()
	if len(entries) == 0 || entries[0].Kind != store.KindGap {
		k.Fatalf("no gap at the head of %d entries", len(entries))
	}
	var data struct {
		Missed uint64 `json:"missed"`
		AtMost bool   `json:"at_most"`
	}
	if err := json.Unmarshal(entries[0].Data, &data); err != nil {
		k.Fatalf("gap %s: %v", entries[0].Data, err)
	}
	rest = entries[1:]
	for _, e := range rest {
		if e.Seq <= entries[0].Seq || e.Kind == store.KindGap {
			k.Errorf("entry %d %s follows a gap of Seq %d", e.Seq, e.Kind, entries[0].Seq)
		}
	}
	return data.Missed, !data.AtMost, rest
}

func done(key string, rev uint64, size int) store.Doc {
	return store.Doc{Key: key, Rev: rev, Data: make([]byte, size), Done: true}
}

// small is a retention that is reached soon.
var small = store.Retention{Entries: 1000, EntryBytes: 512 << 10, DoneDocs: 400, DoneBytes: 512 << 10}

var retentionTests = []test{
	{"entries by count", func(k *kit) {
		k.flood("x", small.Entries+500)
		s := k.stats()
		if s.Entries > small.Entries || s.Evicted < 500 || s.Head != uint64(small.Entries+500) {
			k.Errorf("stats %+v", s)
		}
		k.same("oldest", s.Head-uint64(s.Entries)+1, s.Oldest)
		k.same("evicted", s.Oldest-1, s.Evicted)
	}},
	{"entries by bytes", func(k *kit) {
		for range 40 {
			k.entries(store.Entry{Account: "x", Kind: "big", Data: make([]byte, 64<<10)})
		}
		s := k.stats()
		if s.EntryBytes > small.EntryBytes || s.Entries == 0 || s.Evicted == 0 {
			k.Errorf("stats %+v", s)
		}
	}},
	{"a gap counts missed entries of all accounts", func(k *kit) {
		k.flood("x", small.Entries+500)
		s := k.stats()
		for _, after := range []uint64{0, 1, 100, s.Oldest - 2} {
			n, exact, rest := k.missed(k.read("", after, 10))
			k.same("missed", s.Oldest-1-after, n)
			k.same("exact", true, exact)
			k.same("entries after the gap", 9, len(rest))
			k.same("first after the gap", s.Oldest, rest[0].Seq)
		}
		k.same("no gap", "flood", k.read("", s.Oldest-1, 1)[0].Kind)
		gap := k.read("", 0, 1)
		k.missed(gap)
		k.same("continue from a gap", s.Oldest, k.read("", gap[0].Seq, 1)[0].Seq)
	}},
	{"a gap counts missed entries of one account", func(k *kit) {
		k.entries(entry("x", "a"), entry("x", "b"), entry("quiet", "c"))
		k.flood("loud", small.Entries)
		k.entries(entry("x", "d"))
		n, exact, rest := k.missed(k.read("x", 0, 10))
		if n < 2 || exact && n != 2 {
			k.Errorf("missed %d (exact: %v), want 2 or at most more", n, exact)
		}
		k.same("remaining entries", []string{fmt.Sprint(k.stats().Head, " d")}, kinds(rest))
		n, _, rest = k.missed(k.read("quiet", 0, 10))
		if n < 1 || len(rest) > 0 {
			k.Errorf("missed %d, then %v", n, kinds(rest))
		}
	}},
	{"no gap if nothing was missed", func(k *kit) {
		k.flood("loud", small.Entries+500)
		k.entries(entry("new", "a"))
		k.same("a new account", []string{fmt.Sprint(k.stats().Head, " a")}, kinds(k.read("new", k.stats().Oldest, 10)))
	}},
	{"a slow follower gets a gap", func(k *kit) {
		k.entries(entry("x", "first"))
		var got []store.Entry
		for entries, err := range k.Follow(k.Context(), "", 0) {
			if err != nil {
				k.Fatal(err)
			}
			if got = append(got, entries...); len(got) == 1 {
				k.flood("x", small.Entries+500) // while it is busy
			}
			if got[len(got)-1].Seq == k.stats().Head {
				break
			}
		}
		n, exact, rest := k.missed(got[1:])
		k.same("exact", true, exact)
		k.same("entries and missed entries", k.stats().Head, 1+n+uint64(len(rest)))
		for i, e := range rest[1:] {
			if e.Seq != rest[i].Seq+1 {
				k.Fatalf("entry %d follows %d", e.Seq, rest[i].Seq)
			}
		}
	}},
	{"a waiting follower misses nothing", func(k *kit) {
		f := k.follow("x", 0)
		k.saw(f)
		k.flood("loud", small.Entries+500)
		k.saw(f)
		k.entries(entry("x", "a"))
		k.saw(f, fmt.Sprint(k.stats().Head, " a"))
		f.cancel()
		synctest.Wait()
	}},
	{"done documents by count, earliest finished first", func(k *kit) {
		k.commit(store.Change{Docs: []store.Doc{done("early", 0, 1), doc("pending", 0, "p"), done("revived", 0, 1), done("touched", 0, 1)}})
		k.commit(store.Change{Docs: []store.Doc{doc("revived", 1, "again")}})
		for i := range 20 {
			var c store.Change
			for j := range small.DoneDocs / 20 {
				c.Docs = append(c.Docs, done(fmt.Sprint(i, "/", j), 0, 1))
			}
			k.commit(c)
		}
		k.has("early", 0, "")
		k.has("pending", 1, "p")
		k.has("revived", 2, "again")
		k.has("19/19", 1, "\x00")
		s := k.stats()
		if s.DoneDocs > small.DoneDocs || s.DocsEvicted < 2 || s.Docs != s.DoneDocs+2 {
			k.Errorf("stats %+v", s)
		}
		k.conflict(store.Change{Docs: []store.Doc{done("early", 1, 1)}})
	}},
	{"a job keeps its document", func(k *kit) {
		keeping := func(id, key string) store.Job { j := job(id, "x", "", 0); j.Keeps = key; return j }
		k.commit(store.Change{Docs: []store.Doc{done("new", 0, 1), done("old", 0, 1), done("twice", 0, 1)},
			Jobs: []store.Job{keeping("1", "new"), keeping("2", "twice"), keeping("3", "twice"), keeping("4", "missing")}})
		k.jobs(keeping("5", "old"))
		k.same("finished", 0, k.stats().DoneDocs)
		got := k.claim("x", 0, 1, "1")
		k.same("keeps", "new", got[0].Keeps)
		for i := range small.DoneDocs + 10 {
			k.commit(store.Change{Docs: []store.Doc{done(fmt.Sprint("other ", i), 0, 1)}})
		}
		k.has("new", 1, "\x00")
		k.has("old", 1, "\x00")
		k.has("twice", 1, "\x00")
		if doc, err := k.Get(k.Context(), "new"); err != nil || !doc.Done {
			k.Errorf("got %+v, %v; want it done", doc, err)
		}
		k.commit(store.Change{Done: []string{"1", "2", "4", "5"}})
		for i := range small.DoneDocs + 10 {
			k.commit(store.Change{Docs: []store.Doc{done(fmt.Sprint("more ", i), 0, 1)}})
		}
		k.has("new", 0, "")
		k.has("old", 0, "")
		k.has("twice", 1, "\x00")
		finished := k.stats().DoneDocs
		k.commit(store.Change{Docs: []store.Doc{doc("twice", 1, "open")}, Done: []string{"3"}})
		k.same("finished", finished, k.stats().DoneDocs)
		k.has("twice", 2, "open")
	}},
	{"done documents by bytes", func(k *kit) {
		for i := range 40 {
			k.commit(store.Change{Docs: []store.Doc{done(fmt.Sprint(i), 0, 64<<10)}})
		}
		s := k.stats()
		if s.DoneBytes > small.DoneBytes || s.DoneDocs == 0 || s.DocsEvicted == 0 {
			k.Errorf("stats %+v", s)
		}
		if _, err := k.Get(k.Context(), "39"); err != nil {
			k.Errorf("the last finished: %v", err)
		}
	}},
	{"jobs and unfinished documents are never evicted", func(k *kit) {
		for i := range 40 {
			k.commit(store.Change{
				Docs: []store.Doc{{Key: fmt.Sprint(i), Data: make([]byte, 64<<10)}},
				Jobs: []store.Job{{ID: fmt.Sprint(i), Account: "x", Due: at(i), Payload: make([]byte, 64<<10)}},
			})
		}
		for i := range 40 {
			if _, err := k.Get(k.Context(), fmt.Sprint(i)); errors.Is(err, store.ErrNotFound) {
				k.Errorf("document %d was evicted", i)
			}
		}
		k.same("jobs", 40, k.stats().Jobs)
	}},
}
