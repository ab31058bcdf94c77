package sqlstore_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/idmock/idmock/mockserver/store"
	"github.com/idmock/idmock/mockserver/store/sqlstore"
)

func TestReopenedFileHasEverything(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b?#%.db")
	s := open(t, path, store.Retention{})
	due := time.Date(2026, 3, 2, 9, 30, 0, 1, time.UTC)
	want := store.Change{
		Docs:    []store.Doc{{Key: "x\x1fa", Data: []byte("A")}},
		Jobs:    []store.Job{{ID: "j", Account: "x", Lane: "l", Due: due, Payload: []byte("p")}},
		Entries: []store.Entry{{At: due, Account: "x", Kind: "call", Ref: "r", Data: []byte("{}")}},
	}
	if _, err := s.Commit(t.Context(), want); err != nil {
		t.Fatal(err)
	}
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	s = open(t, path, store.Retention{})
	defer s.Close()
	if after, err := s.Stats(t.Context()); err != nil || after != before {
		t.Errorf("stats %+v, %v; want %+v", after, err, before)
	}
	if doc, err := s.Get(t.Context(), "x\x1fa"); err != nil || string(doc.Data) != "A" || doc.Rev != 1 {
		t.Errorf("document %+v, %v", doc, err)
	}
	if names, err := s.Wake(t.Context()); err != nil || len(names) != 1 || names[0] != "x" {
		t.Errorf("woken: %v, %v; want x, which has a job", names, err)
	}
	jobs, err := s.Claim(t.Context(), "x", due, 1, time.Minute)
	if err != nil || len(jobs) != 1 || jobs[0].ID != "j" || !jobs[0].Due.Equal(due) || string(jobs[0].Payload) != "p" {
		t.Errorf("claimed %+v, %v", jobs, err)
	}
	entries, err := s.About(t.Context(), "x", "r")
	if err != nil || len(entries) != 1 || !entries[0].At.Equal(due) || !entries[0].Wall.IsZero() {
		t.Errorf("entries %+v, %v", entries, err)
	}
}

func TestLowerRetentionAppliesAtOpening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	s := open(t, path, store.Retention{})
	var c store.Change
	for range 2500 {
		c.Entries = append(c.Entries, store.Entry{Account: "x", Kind: "e", Data: []byte("{}")})
	}
	if _, err := s.Commit(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, store.Retention{Entries: 100})
	defer s.Close()
	if stats, err := s.Stats(t.Context()); err != nil || stats.Entries > 100 || stats.Entries < 90 || stats.Head != 2500 {
		t.Errorf("%+v, %v; want the last 100 entries or a few less", stats, err)
	}
}

func TestRefusedFiles(t *testing.T) {
	dir := t.TempDir()
	run := func(name, statement string) {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	used := open(t, filepath.Join(dir, "used.db"), store.Retention{})
	defer used.Close()
	if err := open(t, filepath.Join(dir, "newer.db"), store.Retention{}).Close(); err != nil {
		t.Fatal(err)
	}
	run("newer.db", "UPDATE idmock_schema SET version = 1000")
	run("other.db", "CREATE TABLE customers (id INTEGER)")
	for _, c := range []struct {
		url, want string
		schema    bool
	}{
		{"sqlite:" + filepath.Join(dir, "newer.db"), "its schema is version 1000", true},
		{"sqlite:" + filepath.Join(dir, "other.db"), "tables of another program", true},
		{"sqlite:" + filepath.Join(dir, "used.db"), "another process uses the file", false},
		{"sqlite:" + filepath.Join(dir, "none", "x.db"), "the directory does not exist", false},
		{"sqlite:", "requires a path", false},
		{"mysql://x", "invalid store", false},
	} {
		s, err := sqlstore.Open(t.Context(), sqlstore.Config{URL: c.url})
		if err == nil {
			_ = s.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || errors.Is(err, sqlstore.ErrSchema) != c.schema {
			t.Errorf("%s: %v, want %q", c.url, err, c.want)
		}
	}
	if err := used.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, filepath.Join(dir, "used.db"), store.Retention{}).Close()
}
