package storetest

import (
	"slices"
	"strings"
	"time"

	"github.com/idmock/idmock/mockserver/store"
)

var listTests = []test{
	{"pages through one partition by key", testList},
	{"returns entries by Ref", testAbout},
}

const sep = store.KeySeparator

func testList(t *kit) {
	ctx := t.Context()
	var docs []store.Doc
	for _, key := range []string{"a" + sep + "run/2", "a" + sep + "run/1", "a" + sep + "run/3", "a" + sep + "other", "ab" + sep + "run/1", "run/1", sep + "run/1"} {
		docs = append(docs, store.Doc{Key: key, Data: []byte(key)})
	}
	if _, err := t.Commit(ctx, store.Change{Docs: docs}); err != nil {
		t.Fatal(err)
	}
	keys := func(prefix, after string, limit int) string {
		t.Helper()
		found, err := t.List(ctx, prefix, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		var listed []string
		for _, doc := range found {
			if string(doc.Data) != doc.Key || doc.Rev != 1 {
				t.Errorf("listed %q at revision %d with %q", doc.Key, doc.Rev, doc.Data)
			}
			listed = append(listed, strings.ReplaceAll(doc.Key, sep, "|"))
		}
		return strings.Join(listed, " ")
	}
	for _, c := range []struct {
		prefix, after string
		limit         int
		want          string
	}{
		{"a" + sep + "run/", "", 10, "a|run/1 a|run/2 a|run/3"},
		{"a" + sep + "run/", "", 2, "a|run/1 a|run/2"},
		{"a" + sep + "run/", "a" + sep + "run/2", 2, "a|run/3"},
		{"a" + sep, "", 10, "a|other a|run/1 a|run/2 a|run/3"},
		{sep + "run/", "", 10, "|run/1"},
		{"run/", "", 10, "run/1"},
		{"b" + sep, "", 10, ""},
	} {
		if got := keys(c.prefix, c.after, c.limit); got != c.want {
			t.Errorf("List %q after %q, at most %d: %q, want %q", c.prefix, c.after, c.limit, got, c.want)
		}
	}
	if err := t.Drop(ctx, "a", "a"+sep+"run/"); err != nil {
		t.Fatal(err)
	}
	if got := keys("a"+sep, "", 10); got != "a|other" {
		t.Errorf("after Drop of the runs: %q", got)
	}
	if got := keys("ab"+sep, "", 10); got != "ab|run/1" {
		t.Errorf("Drop changed another partition: %q", got)
	}
}

func testAbout(t *kit) {
	ctx := t.Context()
	var entries []store.Entry
	for i, ref := range []string{"d1", "d2", "", "d1", "d1"} {
		account := "a"
		if i == 4 {
			account = "b"
		}
		entries = append(entries, store.Entry{Account: account, Kind: "k", Ref: ref, At: time.Unix(0, 0), Data: []byte("{}")})
	}
	if _, err := t.Commit(ctx, store.Change{Entries: entries}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		account, ref string
		want         []uint64
	}{{"a", "d1", []uint64{1, 4}}, {"b", "d1", []uint64{5}}, {"a", "d3", nil}, {"a", "", nil}, {"c", "d1", nil}} {
		found, err := t.About(ctx, c.account, c.ref)
		if err != nil {
			t.Fatal(err)
		}
		var seqs []uint64
		for _, e := range found {
			seqs = append(seqs, e.Seq)
		}
		if !slices.Equal(seqs, c.want) {
			t.Errorf("About %s %q: %v, want %v", c.account, c.ref, seqs, c.want)
		}
	}
}
